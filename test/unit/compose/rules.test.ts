import {
  check,
  checkHost,
  ConfigFolder,
  mountVolume,
  Network,
  Project,
  raw,
  rules,
  Service,
  Volume,
  whenHealthy,
} from '../../../compose';
import { healthy, longRunning, newProject } from './example';
import { hostAndLimitCases } from './host-and-limit-cases';
import { healthAndRawCases } from './health-and-raw-cases';
import { hostPathCases } from './host-path-cases';
import { hostPowerCases } from './host-power-cases';
import { nameAndReferenceCases } from './name-and-reference-cases';
import { otherFileCases } from './other-file-cases';
import { powerAndLimitCases } from './power-and-limit-cases';
import { rawCases } from './raw-cases';
import { secretAndImageCases } from './secret-and-image-cases';
import { waitingAndUseCases } from './waiting-and-use-cases';

const cases = [
  ...nameAndReferenceCases,
  ...hostAndLimitCases,
  ...hostPathCases,
  ...hostPowerCases,
  ...healthAndRawCases,
  ...otherFileCases,
  ...powerAndLimitCases,
  ...rawCases,
  ...secretAndImageCases,
  ...waitingAndUseCases,
];

describe('the rules of a composition', () => {
  it.each(cases)('$code finds $title', ({ code, build, faults }) => {
    const built = build();
    const found = checkHost('projects' in built ? built : { projects: built }).filter(
      (fault) => fault.code === code,
    );
    expect(found.map((fault) => fault.path)).toEqual(faults.map(([path]) => path));
    faults.forEach(([, message], index) => expect(found[index]?.message).toMatch(message));
  });

  it.each([
    'first line\nservices: {}',
    'first line\u0085a: b',
    'first line\u2028a: b',
    'first line\u2029a: b',
    '',
  ])('finds a generating line that would not stay a comment: %j (COMPOSE-105)', (generatedBy) => {
    const project = newProject('shop');
    Object.assign(project, { generatedBy });
    expect(check(project).map((fault) => fault.code)).toEqual(['COMPOSE-105']);
  });

  it('has one code a rule, in ascending order, each with a sentence and a reason', () => {
    const codes = rules.map((rule) => rule.code);
    expect(codes).toEqual([...new Set(codes)].sort());
    for (const { rule, why } of rules) expect(Math.min(rule.length, why.length)).toBeGreaterThan(10);
  });

  it('has a case for every rule', () => {
    const covered = new Set([...cases.map(({ code }) => code), 'COMPOSE-105']);
    expect([...covered].sort()).toEqual(rules.map((rule) => rule.code));
  });

  it('takes a folder for used that is named in Compose’s own words alone (COMPOSE-202)', () => {
    const project: Project = newProject('shop');
    for (const name of ['short', 'long', 'env', 'base', 'deep/below', 'left']) {
      new ConfigFolder(project, name, [{ path: 'file', content: 'services: {base: {init: true}}' }]);
    }
    const entries = {
      volumes: ['./short:/a', { type: 'bind', source: './long/file', target: '/b' }, './deep:/c'],
      env_file: 'env/file',
      extends: { file: 'base/file', service: 'base' },
    };
    new Service(project, 'app', { ...longRunning, raw: raw(entries, 'a test') });
    const unused = check(project).filter(({ code }) => code === 'COMPOSE-202');
    expect(unused.map(({ path }) => path)).toEqual(['shop/folders/left']);
  });

  it('finds nothing in a sound composition', () => {
    const project = newProject('shop');
    const internal = new Network(project, 'internal', { internal: true });
    const data = new Volume(project, 'data', { name: 'shop_data' });
    const db = new Service(project, 'db', {
      ...longRunning,
      networks: [internal],
      mounts: [mountVolume(data, '/var/lib/db')],
      healthcheck: healthy(),
    });
    new Service(project, 'app', {
      ...longRunning,
      networks: [internal.as('web')],
      dependsOn: [whenHealthy(db)],
    });
    expect(check(project)).toEqual([]);
  });
});
