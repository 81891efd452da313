import { perProject, type Rule } from './rule';

/** Reference grammar of the OCI distribution specification, for a name with a digest and no tag. */
const byDigest =
  /^(?:[a-zA-Z0-9.-]+(?::[0-9]+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*@sha256:[0-9a-f]{64}$/;

export const imageRules: readonly Rule[] = [
  {
    code: 'COMPOSE-401',
    rule: 'an image that is written out is name@sha256: and 64 hex digits',
    why: 'a tag can be moved to something else, and a wrong digest is found only on the host',
    check: perProject(function* (project) {
      for (const at of project.services) {
        const { image } = at.props;
        if (typeof image === 'string' && !byDigest.test(image)) {
          yield { at, message: `the image "${image}" is not of the form name@sha256:<64 hex digits>` };
        }
      }
    }),
  },
];
