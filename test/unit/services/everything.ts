import { load } from 'js-yaml';
import { synthesize, type ImageDigest, type Project } from '../../../compose';
import { edgeProject, runtimeProject, type EdgeProps, type RuntimeProps } from '../../../services';
import { sourcecredProject, type SourcecredProps } from '../../../services/sourcecred/sourcecred';
import { receiverProject, type ReceiverProps } from '../../../services/receiver/receiver';
import { archive } from './archive/archive';
import { receiver } from './archive/receiver';
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

/** What may be on it besides: the receiver of another host's log. */
export const receiverProps: ReceiverProps = {
  environment: 'production',
  image: archive.image as ReceiverProps['image'],
  receiver,
  database: { address: '203.0.113.7', user: 'deploy', alias: 'cogni-production' },
  pins: 'cogni-production ssh-ed25519 AAAA\n',
};

/** What a service has in a compose file, as far as tests ask. */
interface ServiceEntry {
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly pids_limit?: number;
  readonly mem_limit?: string;
  readonly privileged?: boolean;
  readonly restart?: string;
  readonly stop_signal?: string;
  readonly stop_grace_period?: string;
}

/** Each service of all these by project and name, as its compose file has it. */
export const everyService = (): readonly (readonly [string, ServiceEntry])[] =>
  [...everything(), receiverProject(receiverProps)].flatMap((project) =>
    synthesize(project)
      .filter(({ path }) => path === 'compose.yaml')
      .flatMap(({ content }) =>
        Object.entries((load(content) as { services: Record<string, ServiceEntry> }).services).map(
          ([name, entry]) => [`${project.name}/${name}`, entry] as const,
        ),
      ),
  );
