import { ImageReference, PassThrough, PlainReference, SecretReference } from '../../compose';
import { declarationOf, type OptionalName, type PlainName, type SecretName } from './catalogue';

const message = 'see ./cogni settings check';

/** `${NAME:?…}` of a declared setting. */
export const plainSetting = (name: PlainName): PlainReference => new PlainReference(name, message);

/** Settings that hold an image by digest. */
export type ImageSetting = Extract<PlainName, `${string}_IMAGE`>;

/** `${NAME:?…}` of a declared setting that holds an image by digest. */
export const imageSetting = (name: ImageSetting): ImageReference => new ImageReference(name, message);

/** `${NAME:?…}` of a declared secret: only a service's environment takes it. */
export const secretSetting = (name: SecretName): SecretReference => new SecretReference(name, message);

/** A declared optional setting, handed on under its own name when it is set. */
export const optionalSetting = (name: OptionalName): PassThrough =>
  new PassThrough(name, declarationOf(name).kind === 'secret');
