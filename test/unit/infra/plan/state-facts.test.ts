import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forgetImports, importBlock, parseImports, writeImports } from '../../../../infra/plan/imports';
import { idsOfType, stateFactsIn } from '../../../../infra/plan/state-facts';

describe('what is read of a state', () => {
  const resource = (more: object): object => ({
    mode: 'managed',
    type: 'cherryservers_server',
    name: 'host',
    instances: [{ attributes: { id: '811287', user_data: 'secret' } }],
    ...more,
  });
  const facts = (...resources: object[]) =>
    stateFactsIn(JSON.stringify({ version: 4, serial: 7, lineage: 'abc', resources }));

  it('is its version and ids, and no other value', () => {
    expect(facts(resource({}))).toEqual({
      version: { serial: 7, lineage: 'abc' },
      ids: { 'cherryservers_server.host': '811287' },
    });
  });

  it('is nothing where there is no state yet', () => {
    expect(stateFactsIn('\n')).toEqual({ version: null, ids: {} });
  });

  it('holds what is in modules and has keys, and no data sources', () => {
    const found = facts(
      resource({ module: 'module.a', instances: [{ index_key: 'x', attributes: { id: 1 } }] }),
      resource({ instances: [{ attributes: { id: 2 } }, { deposed: 'd', attributes: { id: 3 } }] }),
      resource({ mode: 'data', name: 'other', instances: [{ attributes: { id: 4 } }] }),
      resource({ type: 'cherryservers_ssh_key', name: 'k', instances: [{ attributes: null }] }),
    );
    expect(idsOfType(found, 'cherryservers_server')).toEqual(['1', '2', '3']);
    expect(idsOfType(found, 'cherryservers_ssh_key')).toEqual([]);
  });

  it('is refused when it is something else', () => {
    expect(() => stateFactsIn('<html>')).toThrow("Terraform's state is not JSON");
  });
});

describe('imports for one plan', () => {
  it('are read as address and id', () => {
    const parsed = parseImports(['cherryservers_server.host=811287']);
    expect(parsed).toEqual([{ address: 'cherryservers_server.host', id: '811287' }]);
    expect(parsed.map(importBlock)).toEqual([
      'import {\n  to = cherryservers_server.host\n  id = "811287"\n}',
    ]);
  });

  it.each(['host=1', 'cherryservers_server.host', 'a.b=', 'a.b=1" }', 'a.b=$(x)'])('are not %s', (text) => {
    expect(() => parseImports(['c.d=1', text])).toThrow(`--import ${text} is not of the form`);
  });

  it('are a file of Terraform beside the stack, and gone again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'imports-'));
    writeImports(folder, [{ address: 'a.b', id: '1' }]);
    expect(JSON.parse(readFileSync(join(folder, 'cogni-import.tf.json'), 'utf8'))).toEqual({
      import: [{ to: 'a.b', id: '1' }],
    });
    forgetImports(folder);
    forgetImports(folder);
    expect(() => readFileSync(join(folder, 'cogni-import.tf.json'))).toThrow();
    rmSync(folder, { recursive: true });
  });
});
