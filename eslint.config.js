const js = require('@eslint/js');
const boundaries = require('eslint-plugin-boundaries');
const tseslint = require('typescript-eslint');
const noTextOfReferences = require('./scripts/lint/no-text-of-references.js');

/**
 * Who may import whom: the architecture of docs/architecture.md as a rule that fails the build.
 * `foundation` (processes, files, clock, failures) is open to every folder with an edge to the outside; the three
 * pure libraries (bootstrap, compose, review) import nothing of ours.
 */
const mayImport = {
  foundation: [],
  bootstrap: [],
  compose: [],
  review: [],
  services: ['compose', 'foundation'],
  infra: ['bootstrap', 'foundation'],
  stacks: ['infra', 'services', 'bootstrap', 'foundation'],
  deploy: ['services', 'compose', 'bootstrap', 'foundation'],
  recovery: ['infra', 'deploy', 'review', 'services', 'foundation'],
  workflows: ['services', 'foundation'],
  sandbox: ['services', 'foundation'],
  cli: [
    'foundation',
    'bootstrap',
    'compose',
    'review',
    'services',
    'infra',
    'stacks',
    'deploy',
    'recovery',
    'workflows',
    'sandbox',
  ],
};
const nodeGlobals = Object.fromEntries(
  [
    'require',
    'module',
    'exports',
    '__dirname',
    'process',
    'console',
    'Buffer',
    'URL',
    'fetch',
    'AbortSignal',
    'AbortController',
  ]
    .concat(['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'setImmediate', 'performance'])
    .map((name) => [name, 'readonly']),
);
const folders = Object.keys(mayImport);

module.exports = tseslint.config(
  { ignores: ['node_modules', 'dist', 'cdktf.out', 'coverage', 'infra/bindings'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: __dirname } },
    plugins: { boundaries, cogni: { rules: { 'no-text-of-references': noTextOfReferences } } },
    // Tests of the rules are lines that switch them off: one that finds nothing there fails the lint.
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    settings: {
      'import/resolver': { typescript: { project: './tsconfig.json' } },
      'boundaries/include': folders.map((folder) => `${folder}/**/*`),
      'boundaries/elements': folders.map((folder) => ({
        type: folder,
        pattern: folder,
        partialMatch: false,
      })),
    },
    rules: {
      'cogni/no-text-of-references': 'error',
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          message:
            '{{from.element.type}} may not import {{to.element.type}} (docs/architecture.md, "Layout and direction")',
          policies: folders.map((folder) => ({
            from: { element: { type: folder } },
            allow: [folder, ...mayImport[folder]].map((type) => ({ to: { element: { type } } })),
          })),
        },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
  {
    // A variable is named through the catalogue alone: a name that is not in it does not compile there.
    files: ['services/**/*.ts'],
    ignores: ['services/settings/references.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'NewExpression[callee.name=/^(?:(?:Plain|Image|Secret|Defaulted)Reference|PassThrough)$/]',
          message:
            'name a declared setting: plainSetting, imageSetting, secretSetting, optionalSetting (services/settings/references.ts)',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // What must not compile is the compiler's to find there.
    files: ['test/**/*.test-d.ts'],
    rules: { '@typescript-eslint/restrict-template-expressions': 'off' },
  },
  {
    files: ['**/*.js'],
    languageOptions: { sourceType: 'commonjs', globals: nodeGlobals },
  },
);
