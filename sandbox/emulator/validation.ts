/**
 * Every reason for which the emulator refuses a call, as one table. Nobody should mistake our guesses for Cherry's
 * behaviour, so each rule says where it comes from, and where its wording comes from.
 */
type Provenance =
  /** The vendor's documentation says so. */
  | 'documented'
  /** Public clients of the API (Terraform provider, SDKs, Ansible collection) or their tests and issues show it. */
  | 'seen in clients'
  /** A plausible guess, so that clients meet a refusal at all. */
  | 'invented';

export interface Rule {
  readonly status: number;
  readonly message: string;
  /** That the API refuses this, with this status. */
  readonly provenance: Provenance;
  /** That it says so in these words. */
  readonly wording: Provenance;
}

const rule = (
  status: number,
  message: string,
  provenance: Provenance = 'invented',
  wording: Provenance = 'invented',
): Rule => ({ status, message, provenance, wording });

const rules = {
  // Any call
  unknownPath: rule(404, 'There is no such path.'),
  methodNotAllowed: rule(405, 'This path does not know that method.'),
  unknownToken: rule(401, 'No valid API key provided.', 'documented'),
  otherTeam: rule(403, 'Insufficient permissions to access resource.', 'documented'),
  readOnlyToken: rule(403, 'This API key may only read.', 'documented'),
  unknownResource: rule(404, 'Resource not found.', 'documented'),
  rateLimited: rule(429, 'Too many requests.', 'documented'),
  bodyTooLarge: rule(413, 'The request body is too large.'),
  badParameters: rule(400, 'Bad parameters.', 'documented'),

  // Servers
  unknownPlan: rule(400, 'Given server plan was not found.', 'seen in clients', 'seen in clients'),
  unknownRegion: rule(400, 'Given region was not found.'),
  planNotInRegion: rule(400, 'Given server plan is not available in that region.'),
  outOfStock: rule(400, 'Given server plan is out of stock in that region.'),
  unknownImage: rule(400, 'Given image was not found for that server plan.'),
  unknownKey: rule(400, 'Given SSH key was not found.'),
  unknownExtraAddress: rule(400, 'Given IP address was not found.'),
  extraAddressTaken: rule(400, 'Given IP address is assigned to another server.'),
  extraAddressElsewhere: rule(400, 'Given IP address belongs to another project or region.'),
  userDataNotBase64: rule(400, 'User data must be base64 encoded.', 'documented'),
  userDataUnknownKind: rule(400, 'User data must begin with #!/bin/bash or #cloud-config.', 'documented'),
  userDataTooLarge: rule(400, 'User data is too large.'),
  badHostname: rule(400, 'Hostname is not valid.'),
  unknownCycle: rule(400, 'Given billing cycle was not found.'),
  serverQuota: rule(403, 'Server quota of the team is used up.'),
  noPrimaryAddress: rule(400, 'There are no free IP addresses in that region.'),
  serverTerminating: rule(404, 'Server is being terminated.'),

  // Server actions
  unknownAction: rule(400, 'Unknown server action.'),
  reinstallWithoutImage: rule(400, 'Image is required to reinstall a server.'),
  badPassword: rule(400, 'Password does not meet the requirements.', 'documented'),
  serverNotDeployed: rule(400, 'Server is not deployed.'),

  // Addresses
  floatingQuota: rule(400, 'Floating IP quota of the project is used up.', 'documented'),
  noFloatingAddress: rule(400, 'There are no free floating IP addresses in that region.'),
  unknownTarget: rule(400, 'Given target was not found.'),
  targetElsewhere: rule(400, 'Given target belongs to another project or region.', 'documented'),
  targetNotRoutable: rule(400, 'An IP address can be routed to a primary IP only.', 'documented'),
  recordTaken: rule(400, 'Given A record is in use.', 'documented'),
  pointerRepeated: rule(500, 'Something went wrong.', 'seen in clients'),
  addressBelongsToServer: rule(400, 'This IP address belongs to its server.'),

  // Keys and projects
  labelMissing: rule(400, 'Label is required.'),
  badKey: rule(400, 'SSH key is not valid.'),
  keyTaken: rule(400, 'SSH key exists already.'),
  projectNameMissing: rule(400, 'Project name is required.'),
  projectInUse: rule(400, 'Project has servers.'),
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;

/** All rules by name, for the documentation and the control API. */
export const allRules: Readonly<Record<RuleName, Rule>> = rules;

/** A call that the API refuses. Caught where answers are made; nothing of the call took effect. */
export class Refused extends Error {
  readonly status: number;

  constructor(
    readonly rule: RuleName,
    /** What exactly was wrong, added to the rule's message. */
    detail = '',
  ) {
    super(detail ? `${rules[rule].message} ${detail}` : rules[rule].message);
    this.status = rules[rule].status;
  }
}

/** Refuses the call when something is so. */
export function refuseIf(broken: boolean, rule: RuleName, detail?: string): asserts broken is false {
  if (broken) throw new Refused(rule, detail);
}

/** What was looked up, or a refusal when there is no such thing. */
export function found<T>(value: T | undefined, rule: RuleName, detail?: string): T {
  if (value === undefined) throw new Refused(rule, detail);
  return value;
}

/** RFC 1123, section 2.1: labels of letters, digits and inner hyphens. */
export const isHostname = (text: string): boolean =>
  text.length <= 253 &&
  text.split('.').every((label) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label));

/**
 * Decoded user-data.
 * @throws Refused when it is not base64, too large, or not of a kind that the first boot takes.
 */
export function decodedUserData(encoded: string, limit: number): string {
  const raw = Buffer.from(encoded, 'base64');
  // Node's decoder skips what it does not know; the API's does not.
  refuseIf(raw.toString('base64') !== encoded, 'userDataNotBase64');
  refuseIf(raw.length > limit, 'userDataTooLarge', `${raw.length} bytes of ${limit}.`);
  const text = raw.toString();
  refuseIf(!text.startsWith('#!/bin/bash') && !text.startsWith('#cloud-config'), 'userDataUnknownKind');
  return text;
}

/** The API's rule for root passwords: 8 to 24 characters, a lower case letter, an upper case one not first, a digit not last. */
export const isPassword = (text: string): boolean =>
  text.length >= 8 &&
  text.length <= 24 &&
  /[a-z]/.test(text) &&
  /.[A-Z]/.test(text) &&
  /[0-9]./.test(text) &&
  !/['"`!$%&;#]/.test(text);
