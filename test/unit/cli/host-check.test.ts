import { rmSync } from 'node:fs';
import { cogniProgram } from '../../../cli/program';
import { Machine } from './machine';

/** What the look would have been made with. */
const seen: (string | undefined)[] = [];

jest.mock('../../../cli/host-identity', () => ({
  identityHere: () => {
    seen.push(process.env['CHERRY_AUTH_TOKEN']);
    return Promise.reject(new Error('looked'));
  },
}));
// The program is ESM's to import: by names that end in `.js`.
jest.mock('../../../cli/host-identity.js', () => jest.requireMock<object>('../../../cli/host-identity'), {
  virtual: true,
});
jest.mock(
  '../../../cli/host-identity-text.js',
  () => jest.requireActual<object>('../../../cli/host-identity-text'),
  { virtual: true },
);
jest.mock(
  '../../../cli/provisioning-variables.js',
  () => jest.requireActual<object>('../../../cli/provisioning-variables'),
  { virtual: true },
);
jest.mock('../../../cli/output.js', () => jest.requireActual<object>('../../../cli/output'), {
  virtual: true,
});

test('a host is looked at with the account that only the imported settings name', async () => {
  const machine = new Machine();
  try {
    machine.put('preview/settings.env', 'CHERRY_AUTH_TOKEN=token-of-the-file\n');
    const check = machine.on(() => cogniProgram().parseAsync(['host', 'check', 'preview'], { from: 'user' }));
    await expect(check).rejects.toThrow('looked');
    expect(seen).toEqual(['token-of-the-file']);
  } finally {
    rmSync(machine.folder, { recursive: true, force: true });
  }
});
