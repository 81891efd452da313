/**
 * One jest project a tier (docs/architecture.md, "Tests"). `./cogni test` runs them in this order and adds
 * them up; `npx jest --selectProjects unit` is the inner loop.
 */
const tier = (name, { timeout }) => ({
  displayName: name,
  rootDir: __dirname,
  roots: [`<rootDir>/test/${name}`],
  testMatch: ['**/*.test.ts'],
  testEnvironment: 'node',
  // ES modules only: jest runs CommonJS.
  transformIgnorePatterns: [
    '/node_modules/(?!@octokit/|universal-user-agent/|before-after-hook/|json-with-bigint/|content-type/|age-encryption/|@noble/|@scure/)',
  ],
  transform: {
    '^.+\\.(ts|js)$': [
      '@swc/jest',
      {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  // jest reads testTimeout from the top of its configuration only, not from a project.
  globals: { tierTimeout: timeout },
  setupFilesAfterEnv: [`${__dirname}/test/tier-timeout.ts`],
});

module.exports = {
  testSequencer: `${__dirname}/test/long-files-first.js`,
  projects: [
    tier('unit', { timeout: 10_000 }),
    tier('contract', { timeout: 60_000 }),
    tier('tool', { timeout: 120_000 }),
    tier('e2e', { timeout: 900_000 }),
    tier('nightly', { timeout: 3_600_000 }),
  ],
};
