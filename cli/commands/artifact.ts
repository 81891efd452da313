import type { Command } from 'commander';
import { outputOptions } from '../output-options';
import type { ArtifactAsked } from '../artifact-request';

export function registerArtifact(program: Command): void {
  const artifact = program
    .command('artifact')
    .description('images of a commit: built once, tested, and then given the tags of other environments')
    .addHelpText('after', '\nExample:\n  ./cogni artifact promote production --commit <sha>\n');
  registerPromote(artifact);
  registerBuild(artifact);
  registerCheck(artifact);
  registerPush(artifact);
  registerApprove(artifact);
}

const ofCommit = (command: Command, example: string): Command =>
  command
    .argument('<env>', 'environment')
    .requiredOption('--commit <sha>', 'full SHA of the commit that the images are of')
    .addHelpText('after', `\nExample:\n  ./cogni artifact ${example}\n`);

function registerPromote(artifact: Command): void {
  ofCommit(
    artifact
      .command('promote')
      .description('give the images that were tested for the same tree of files the tag of this commit')
      .option('--versioned', 'also the version in package.json as a tag, which must be new or mean the same'),
    'promote production --commit "$(git rev-parse HEAD)"',
  ).action(async (name: string, given: ArtifactAsked, command: Command) => {
    const { promoteArtifact } = await import('../../deploy/artifact/promote.js');
    const { artifactProps, registryAdapters, writeOutputs } = await import('../artifact-request.js');
    const { printResult } = await import('../output.js');
    const result = await promoteArtifact(await artifactProps(name, given), registryAdapters());
    const { there, tag, because, builtFrom = '' } = result;
    writeOutputs({ there, tag, 'built-from': builtFrom });
    printResult(
      outputOptions(command),
      result,
      there ? `${tag} is there: ${because}` : `${tag} has to be built: ${because}`,
    );
  });
}

function registerBuild(artifact: Command): void {
  ofCommit(
    artifact
      .command('build')
      .description('build both images from the checkout, which must be at this commit'),
    'build preview --commit "$(git rev-parse HEAD)"',
  ).action(async (name: string, given: ArtifactAsked, command: Command) => {
    const { buildImages } = await import('../../deploy/artifact/images.js');
    const { artifactProps, requireCheckedOut } = await import('../artifact-request.js');
    const { checkout } = await import('../context.js');
    const { printResult } = await import('../output.js');
    const props = await artifactProps(name, given);
    await requireCheckedOut(props.commit);
    const images = await buildImages(props, checkout);
    printResult(outputOptions(command), { images }, `built ${images.join(' and ')}`);
  });
}

function registerCheck(artifact: Command): void {
  ofCommit(
    artifact
      .command('check')
      .description('start the built application by itself: does it live, and which commit is it'),
    'check preview --commit "$(git rev-parse HEAD)"',
  ).action(async (name: string, given: ArtifactAsked, command: Command) => {
    const { checkImage } = await import('../../deploy/artifact/images.js');
    const { artifactProps } = await import('../artifact-request.js');
    const { printResult } = await import('../output.js');
    const props = await artifactProps(name, given);
    await checkImage(props);
    printResult(
      outputOptions(command),
      { commit: props.commit },
      `the application starts, and was built from ${props.commit}`,
    );
  });
}

function registerPush(artifact: Command): void {
  ofCommit(
    artifact.command('push').description('push both images; a tag that means another image already stops it'),
    'push preview --commit "$(git rev-parse HEAD)"',
  ).action(async (name: string, given: ArtifactAsked, command: Command) => {
    const { pushImages } = await import('../../deploy/artifact/images.js');
    const { artifactProps, registryAdapters } = await import('../artifact-request.js');
    const { printResult } = await import('../output.js');
    const result = await pushImages(await artifactProps(name, given), registryAdapters());
    const text = [
      ...result.pushed.map((image) => `pushed ${image}`),
      ...result.there.map((image) => `${image} is there already`),
    ].join('\n');
    printResult(outputOptions(command), result, text);
  });
}

function registerApprove(artifact: Command): void {
  ofCommit(
    artifact
      .command('approve')
      .description('mark the images of this commit as tested, for every commit with the same tree of files'),
    'approve preview --commit "$(git rev-parse HEAD)"',
  ).action(async (name: string, given: ArtifactAsked, command: Command) => {
    const { approveArtifact } = await import('../../deploy/artifact/promote.js');
    const { artifactProps, registryAdapters } = await import('../artifact-request.js');
    const { printResult } = await import('../output.js');
    const result = await approveArtifact(await artifactProps(name, given), registryAdapters());
    printResult(outputOptions(command), result, `${result.tag} is ${result.tested}`);
  });
}
