import {
  declarationOf,
  examine,
  faultText,
  fileFaults,
  settingNames,
  settingsFor,
  settingsSchema,
  valueFaults,
  type Purpose,
} from '../../../../services';
import { distinctRoles } from '../../../../services/settings/catalogue';
import { deploySettings } from '../example';

const purposes: readonly Purpose[] = ['provision', 'edge', 'deploy', 'sourcecred', 'command'];

/** Names in the condition of a requirement. */
const othersOf = (name: (typeof settingNames)[number]): readonly string[] => {
  const { required } = declarationOf(name);
  if (typeof required === 'boolean') return [];
  return 'whenSet' in required ? required.whenSet : required.unlessSet;
};

/** Each setting with a condition, and those that it depends on. */
const conditional = settingNames.flatMap((name) => {
  const others = othersOf(name);
  if (others.length === 0) return [];
  const how = 'whenSet' in Object(declarationOf(name).required) ? 'when set' : 'unless set';
  return [[name, how, others] as const];
});

describe('the schema of settings', () => {
  it.each(purposes)('has a field for each setting of the purpose %s, in the catalogue’s order', (purpose) => {
    expect(Object.keys(settingsSchema(purpose).shape)).toEqual([...settingsFor(purpose)]);
  });

  it('has none for what nobody will read', () => {
    const { shape } = settingsSchema('provision', [], ['PG_CONN_STR']);
    expect(Object.keys(shape)).toEqual(settingsFor('provision').filter((name) => name !== 'PG_CONN_STR'));
  });

  it('gives what is set, and nothing else that the source has', () => {
    const source = { ...deploySettings, PATH: '/bin', METRICS_TOKEN: undefined };
    const read = settingsSchema('deploy').safeParse(source);
    expect(read.success && { ...read.data }).toEqual({ ...deploySettings, METRICS_TOKEN: undefined });
    expect([...examine(source, 'deploy').values]).toEqual(
      settingsFor('deploy').flatMap((name) => {
        const value = Object.entries(deploySettings).find(([each]) => each === name);
        return value === undefined ? [] : [value];
      }),
    );
  });

  it.each(purposes)('reads with a setting what decides whether it must be there: %s', (purpose) => {
    const read = settingsFor(purpose);
    for (const name of read) expect(read).toEqual(expect.arrayContaining([...othersOf(name)]));
  });

  it('says everything at once: what single values lack, what is missing beside others, and what several have in common', () => {
    const { faults } = examine(
      {
        ...deploySettings,
        AUTH_SECRET: undefined,
        GHCR_DEPLOY_TOKEN: '<token>',
        READONLY_DB_USER: deploySettings.OWNER_DB_USER,
        OPENROUTER_API_BASE: 'nowhere',
        LITELLM_DB_PASSWORD: undefined,
        LITELLM_DB_NAME: undefined,
      },
      'deploy',
    );
    expect(faults.map(({ setting, kind }) => [setting, kind])).toEqual([
      ['GHCR_DEPLOY_TOKEN', 'placeholder'],
      ['READONLY_DB_USER', 'same role'],
      ['AUTH_SECRET', 'missing'],
      ['OPENROUTER_API_KEY', 'missing'],
      ['OPENROUTER_API_BASE', 'malformed'],
      ['LITELLM_DB_PASSWORD', 'missing'],
      ['LITELLM_DB_NAME', 'missing'],
    ]);
  });

  it.each(conditional)('wants %s %s, each of them alone', (name, how, others) => {
    const purpose = purposes.find((each) => settingsFor(each).includes(name)) ?? 'command';
    const isMissing = (source: Readonly<Record<string, string>>): boolean =>
      examine(source, purpose).faults.some(({ setting, kind }) => setting === name && kind === 'missing');
    const whenSet = how === 'when set';
    expect(isMissing({})).toBe(!whenSet);
    for (const other of others) expect([other, isMissing({ [other]: 'x' })]).toEqual([other, whenSet]);
  });

  const pairs = distinctRoles.flatMap((one) =>
    distinctRoles.filter((other) => other !== one).map((other) => [one, other] as const),
  );

  it.each(pairs)('takes no role twice: %s as %s', (one, other) => {
    const role = deploySettings[other] ?? '';
    const { faults } = examine({ ...deploySettings, [one]: role }, 'deploy');
    const later = distinctRoles.indexOf(one) > distinctRoles.indexOf(other) ? one : other;
    expect(faults.map(({ setting, kind }) => [setting, kind])).toEqual([[later, 'same role']]);
  });

  it('has all five roles among those that must differ', () => {
    const roles = settingNames.filter((name) => /^(?:POSTGRES_ROOT|\w+_DB)_USER$/.test(name));
    expect([...distinctRoles].sort()).toEqual([...roles].sort());
  });

  it('says of an empty setting when it would have to be there', () => {
    const empty = { AUTH_SECRET: '', METRICS_TOKEN: '', OPENROUTER_API_KEY: '' };
    const { faults } = examine({ ...deploySettings, ...empty }, 'deploy');
    expect(faults.map(faultText)).toEqual([
      'AUTH_SECRET is empty',
      'METRICS_TOKEN is empty: leave it out instead',
      'OPENROUTER_API_KEY is empty: required when OPENROUTER_API_BASE is set, left out otherwise',
    ]);
  });

  it('compares only what is sound, so that no fault follows from another', () => {
    const wrong = { APP_DB_USER: 'Wrong', READONLY_DB_USER: 'Wrong' };
    expect(examine({ ...deploySettings, ...wrong }, 'deploy').faults.map(({ kind }) => kind)).toEqual([
      'malformed',
      'malformed',
    ]);
  });

  it('tells what is in a file and in no catalogue, whatever it is called: by its line where it may be a part of a secret', () => {
    const file = Object.fromEntries([
      ['__proto__', 'x'],
      ['OLD_NAME', 'y'],
      ['AUTH_SECRET', deploySettings.AUTH_SECRET],
      ['toString', ''],
    ]);
    const told = (lines?: ReadonlyMap<string, number>): readonly string[] =>
      fileFaults(file, lines).map(faultText);
    const problem = 'is no setting: see ./cogni settings list';
    const lines = new Map(Object.keys(file).map((name, index) => [name, index + 1]));
    expect(told(lines)).toEqual(['line 1', 'OLD_NAME', 'line 4'].map((where) => `${where} ${problem}`));
    const unknown = 'a name that is not shown';
    expect(told()).toEqual([unknown, 'OLD_NAME', unknown].map((where) => `${where} ${problem}`));
  });
});

describe('a value of one setting', () => {
  it.each([
    ['', 'is empty'],
    ['https://chat.example.org/hook', 'is still a placeholder: put the real value there'],
    [
      'http://chat.cogni.test/hook',
      'is not an https URL without a login and a fragment in printable ASCII (a host name in punycode, everything else percent-encoded, and neither white space nor backtick)',
    ],
  ])('is refused: %j', (value, problem) => {
    expect(valueFaults('TEAM_WEBHOOK_URL', value).map(faultText)).toEqual([`TEAM_WEBHOOK_URL ${problem}`]);
  });

  it('is taken, whatever else is set', () => {
    expect(valueFaults('TEAM_WEBHOOK_URL', 'https://chat.cogni.test/hook')).toEqual([]);
  });
});
