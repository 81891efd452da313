/** What a change of one attribute does to what is there. */
export type Effect =
  /** Reinstalled in place: same id, same address, **empty disk**. */
  | 'wipes'
  /** Destroyed and made again. */
  | 'replaces'
  /** Changed by a call to the API. */
  | 'in-place'
  /** A switch: when it is on, an attribute that `wipes` is carried out; when it is off, such a change fails at apply. */
  | 'arms'
  /** Only read: its change is a consequence. */
  | 'read-only'
  /** Not known. */
  | 'unknown';

/** What is gone when a resource is destroyed. */
export type Holding = 'disk' | 'address' | 'access' | 'account' | 'nothing';

export interface AttributeRule {
  readonly effect: Effect;
  /** What a reader should know of it, in one sentence. */
  readonly note?: string;
  /** Holds a document in base64 that people want to read. */
  readonly document?: true;
  /** The provider cannot read it back, so it is empty after an import. */
  readonly unread?: true;
  /** A change of it that nobody planned (drift) may mean that the machine behind the id is another one. */
  readonly identity?: true;
  readonly givenOut?: GivenOut;
}

/**
 * A number inside an attribute that the API gives out when a switch beside it goes on, while the plan promises that it stays 0. Terraform
 * does not take another value than the one that was promised: the apply ends in an error, with the change made.
 */
export interface GivenOut {
  readonly number: string;
  readonly when: string;
}

export interface TypeRules {
  readonly holds: Holding;
  readonly attributes: Readonly<Record<string, AttributeRule>>;
}

/** The rules of one provider at one version. */
export interface ProviderRules {
  /** `namespace/type`, without the registry's name. */
  readonly provider: string;
  readonly version: string;
  /** Where the facts come from. */
  readonly source: string;
  /** True for a version that is not released: what is not known of it is `unknown`. */
  readonly provisional: boolean;
  /** By resource type. A type without an entry is not known. */
  readonly types: Readonly<Record<string, TypeRules>>;
}
