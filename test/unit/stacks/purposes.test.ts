import { credentialsOf } from '../../../infra/backend-credentials';
import type { StateBackend } from '../../../infra/backend';
import { settingsOf } from '../../../services';
import { stateCredentials } from '../../../services/settings/state-credentials';
import type { EnvironmentRecord } from '../../../stacks/environment';
import { examineFor, purposesOf } from '../../../stacks/purposes';
import { sourcecredProps } from '../services/everything';
import { record } from './example';

const account = { CHERRY_AUTH_TOKEN: 'cherry-token-0123', CHERRY_PROJECT_ID: '4242' };
const backends = {
  local: { kind: 'local', folder: '.cogni/state' },
  s3: { kind: 's3', bucket: 'cogni-states', region: 'us-east-1' },
  pg: { kind: 'pg' },
  http: { kind: 'http', address: 'https://states.cogni.test' },
} as const satisfies Readonly<Record<StateBackend['kind'], StateBackend>>;

const faultsOf = (of: EnvironmentRecord, settings: Readonly<Record<string, string>>): readonly string[] =>
  examineFor(of, 'provision', settings).faults.map(({ setting, kind }) => `${setting} ${kind}`);

describe('the purposes of an environment', () => {
  it('are to provision, where its host is rented, and to deploy', () => {
    expect(purposesOf(record())).toEqual(['provision', 'deploy']);
    const host = { kind: 'existing', name: 'preview-cogni', address: '192.0.2.1' } as const;
    expect(purposesOf(record({ host }))).toEqual(['deploy']);
  });

  it('are SourceCred too, where its record has that', () => {
    const { instance } = sourcecredProps;
    expect(purposesOf(record({ sourcecred: instance }))).toEqual(['provision', 'deploy', 'sourcecred']);
  });
});

describe('what it takes to provision an environment', () => {
  it.each([
    ['local', []],
    ['s3', ['AWS_ACCESS_KEY_ID missing', 'AWS_SECRET_ACCESS_KEY missing']],
    ['pg', ['PG_CONN_STR missing']],
    ['http', ['TF_HTTP_USERNAME missing', 'TF_HTTP_PASSWORD missing']],
  ] as const)('are the credentials of the state that its record names: %s', (kind, faults) => {
    expect(faultsOf(record({ state: backends[kind] }), account)).toEqual(faults);
  });

  it('are no credentials of another kind of state, whatever stands in them', () => {
    const left = { ...account, PG_CONN_STR: 'not a connection', AWS_ACCESS_KEY_ID: '!' };
    expect(faultsOf(record(), left)).toEqual([]);
    expect(faultsOf(record({ state: backends.pg }), left)).toEqual(['PG_CONN_STR malformed']);
  });

  it('is no number of the project where the record has it', () => {
    const { CHERRY_AUTH_TOKEN } = account;
    expect(faultsOf(record(), { CHERRY_AUTH_TOKEN })).toEqual(['CHERRY_PROJECT_ID missing']);
    expect(faultsOf(record({}, { project: 4242 }), { CHERRY_AUTH_TOKEN })).toEqual([]);
  });

  it.each(Object.keys(backends) as (keyof typeof backends)[])(
    'goes by the names under which Terraform reads them: %s',
    (kind) => {
      const said = credentialsOf[kind].match(/[A-Z_]{5,}/g) ?? [];
      expect(stateCredentials[kind]).toEqual(said);
    },
  );

  it('are all the credentials of states that there are', () => {
    expect(Object.values(stateCredentials).flat()).toEqual(settingsOf('terraform-state'));
  });
});
