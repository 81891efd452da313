import { silent } from '../../../../foundation/progress';
import { dockerAt } from '../../../../sandbox/docker';
import {
  appSettings,
  migratorSettings,
  publishApp,
  versionDockerfile,
} from '../../../../sandbox/parts/publish-app';
import { worldOf } from '../../../../sandbox/world';

describe('a version of the demo application', () => {
  it('says its tag as version and the sha in it as build', () => {
    expect(appSettings('preview-1a2b3c4', {})).toEqual({
      APP_VERSION: 'preview-1a2b3c4',
      APP_BUILD_SHA: '1a2b3c4',
    });
  });

  it('carries how it misbehaves, and its migrator what it does', () => {
    const behaviour = {
      misbehave: 'slow-start:20s',
      migration: 'fail' as const,
      version: '2',
      buildSha: 'abc',
    };
    expect(appSettings('t', behaviour)).toEqual({
      APP_VERSION: '2',
      APP_BUILD_SHA: 'abc',
      DEMO_MISBEHAVE: 'slow-start:20s',
    });
    expect(migratorSettings('t', behaviour)).toEqual({
      APP_VERSION: '2',
      APP_BUILD_SHA: 'abc',
      DEMO_MIGRATION: 'fail',
    });
  });

  it('has a Dockerfile without any of the values, so that none can be read as an instruction', () => {
    const settings = appSettings('preview-1', { version: 'x\nRUN rm -rf /' });
    expect(versionDockerfile(settings)).toBe(
      [
        'ARG BASE',
        'FROM ${BASE}',
        'ARG APP_VERSION',
        'ENV APP_VERSION=${APP_VERSION}',
        'ARG APP_BUILD_SHA',
        'ENV APP_BUILD_SHA=${APP_BUILD_SHA}',
        '',
      ].join('\n'),
    );
  });

  it('has a layer of its own only where it is to weigh something', () => {
    expect(versionDockerfile({}, 64)).toBe('ARG BASE\nFROM ${BASE}\nCOPY weight /weight\n');
    expect(versionDockerfile({})).not.toContain('COPY');
  });

  it.each(['', '-x', '.x', 'a b', 'a/b', 'x'.repeat(121)])('cannot have the tag %j', async (tag) => {
    const options = {
      docker: dockerAt(undefined, () => Promise.reject(new Error('docker ran'))),
      world: worldOf('/x'),
      tag,
    };
    await expect(publishApp(options, silent)).rejects.toThrow(/is not a tag/);
  });
});
