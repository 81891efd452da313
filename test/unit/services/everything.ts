import type { ImageDigest, Project } from '../../../compose';
import { edgeProject, runtimeProject, type EdgeProps, type RuntimeProps } from '../../../services';
import { sourcecredProject, type SourcecredProps } from '../../../services/sourcecred/sourcecred';
import { archive } from './archive/archive';
import { digest } from './example';

const image: ImageDigest = `registry.cogni.test/one@${digest('a')}`;

export const edgeProps: EdgeProps = {
  domain: 'preview.cogni.test',
  www: true,
  acme: { directory: 'https://acme.cogni.test/directory' },
  image,
};

/** All that a runtime may have. */
export const runtimeProps: RuntimeProps = {
  images: { postgres: image },
  litellm: { image, database: true },
  alloy: { image, environment: 'preview' },
  archive: {
    ...archive,
    copies: { recipients: ['age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'] },
  },
  sourcecred: true,
};

export const sourcecredProps: SourcecredProps = {
  image,
  instance: { repositories: ['cogni/one'], currency: { name: 'Grain', suffix: 'G' } },
};

/** Every project that a host may have, with every service that it may have. */
export const everything = (): readonly Project[] => [
  edgeProject(edgeProps),
  runtimeProject(runtimeProps),
  sourcecredProject(sourcecredProps),
];
