import { readFileSync } from 'node:fs';
import { litellmVersion } from '../../../../sandbox/images/litellm';
import { pipArguments } from '../../../../sandbox/images/python-packages';
import { sandboxSource } from '../../../../sandbox/sources';

describe('the Python packages of an image', () => {
  it('are exactly those of the list, verified, and nothing is compiled or run for them', () => {
    expect(pipArguments('/list.txt', '/packages', 'x64')).toEqual(
      expect.arrayContaining([
        '--no-deps',
        '--require-hashes',
        '--only-binary=:all:',
        '--python-version=3.11',
        '--target=/packages',
        '--requirement=/list.txt',
      ]),
    );
  });

  it.each([
    ['x64', 'x86_64'],
    ['arm64', 'aarch64'],
  ])('are for the processor %s and the C library of the image, the newest first', (arch, machine) => {
    const platforms = pipArguments('l', 'p', arch).filter((argument) => argument.startsWith('--platform='));
    expect(platforms[0]).toBe(`--platform=manylinux_2_36_${machine}`);
    expect(platforms.at(-1)).toBe(`--platform=manylinux2014_${machine}`);
    expect(platforms.every((platform) => platform.endsWith(`_${machine}`))).toBe(true);
  });

  it('cannot be had for another processor, and the failure names it', () => {
    expect(() => pipArguments('l', 'p', 'riscv64')).toThrow(/riscv64/);
  });
});

describe('the list of the LiteLLM image', () => {
  const list = readFileSync(sandboxSource('images', 'litellm', 'requirements.txt'), 'utf8');
  const asked = readFileSync(sandboxSource('images', 'litellm', 'requirements.in'), 'utf8');

  it('names the version that is asked for', () => {
    expect(asked).toContain(`litellm[proxy]==${litellmVersion(list)}\n`);
  });

  it('has a hash for every package, and leaves out what the command above it leaves out', () => {
    const blocks = list.split(/^(?=\S)/m);
    expect(blocks.length).toBeGreaterThan(80);
    for (const block of blocks)
      expect(block).toMatch(/^[a-z0-9.-]+==\S+ \\\n( {4}--hash=sha256:[0-9a-f]{64}( \\)?\n)+$/);
    const out = [...asked.matchAll(/--no-emit-package (\S+)/g)].map(([, name]) => name);
    expect(out).toContain('polars');
    for (const name of out) expect(list).not.toMatch(new RegExp(`^${name ?? ''}==`, 'm'));
  });

  it('that names no LiteLLM is refused with the command that makes it', () => {
    expect(() => litellmVersion('certifi==1\n')).toThrow(/requirements\.in/);
  });
});
