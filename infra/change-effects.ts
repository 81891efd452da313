/**
 * What a change of each attribute costs. One table, for two readers: the doc tags on the constructs' props (checked
 * by a test), and the attributes that a host ignores once it lives. The plan review has rules of its own (`review/rules`),
 * since it judges plans of other versions and projects too; a test holds them against this table.
 *
 * The provider's schema does not say any of this: a reinstall is an in-place update in every plan.
 */
export type ChangeEffect =
  /** The server is reinstalled in place: same id, same address, **empty disk**. */
  | 'wipes'
  /** Destroyed and made again: another id, another address, empty disk. */
  | 'replaces'
  /** Changed by a call to the API; nothing on the disk is touched. */
  | 'inPlace'
  /** Only read: it cannot be set. */
  | 'readOnly';

export type EffectsOfType = Readonly<Record<string, ChangeEffect>>;

/**
 * Effects by provider version, resource type and attribute. Source: the provider's own code,
 * `internal/provider/server_resource.go` (plan modifiers and Update), `ip_resource.go`, `ssh_key_resource.go` at tag
 * v1.5.3. A test fails when an attribute of the committed schema has no entry, or an entry no attribute.
 */
export const changeEffects: Readonly<Record<string, Readonly<Record<string, EffectsOfType>>>> = {
  '1.5.3': {
    cherryservers_server: {
      image: 'wipes',
      os_partition_size: 'wipes',
      ssh_key_ids: 'wipes',
      user_data: 'wipes',

      cycle: 'replaces',
      discount_code: 'replaces',
      extra_ip_addresses_ids: 'replaces',
      ip_addresses_ids: 'replaces',
      plan: 'replaces',
      project_id: 'replaces',
      region: 'replaces',
      spot_instance: 'replaces',

      allow_reinstall: 'inPlace',
      hostname: 'inPlace',
      name: 'inPlace',
      tags: 'inPlace',
      timeouts: 'inPlace',

      id: 'readOnly',
      ip_addresses: 'readOnly',
      power_state: 'readOnly',
      pricing: 'readOnly',
      state: 'readOnly',
    },
    cherryservers_ip: {
      project_id: 'replaces',
      region: 'replaces',

      a_record: 'inPlace',
      ptr_record: 'inPlace',
      tags: 'inPlace',
      target_hostname: 'inPlace',
      target_id: 'inPlace',
      target_ip_id: 'inPlace',

      a_record_effective: 'readOnly',
      address: 'readOnly',
      address_family: 'readOnly',
      cidr: 'readOnly',
      gateway: 'readOnly',
      id: 'readOnly',
      ptr_record_effective: 'readOnly',
      type: 'readOnly',
    },
    cherryservers_ssh_key: {
      // The key keeps its id, so servers that name it plan nothing, and do not learn the new key either.
      name: 'inPlace',
      public_key: 'inPlace',

      created: 'readOnly',
      fingerprint: 'readOnly',
      id: 'readOnly',
      updated: 'readOnly',
    },
  },
};

/** Settings of Terraform's own that a construct's prop may stand for: they are state and plan only, never a call. */
export const metaArgumentEffects: EffectsOfType = {
  prevent_destroy: 'inPlace',
};

/**
 * The effects of one resource type under one provider version.
 *
 * @throws Error when there is no table for it: a new version needs one before anything is planned with it.
 */
export function effectsOf(version: string, type: string): EffectsOfType {
  const effects = changeEffects[version]?.[type];
  if (!effects)
    throw new Error(`infra/change-effects.ts has no entry for ${type} of provider version ${version}`);
  return effects;
}

/** The attributes of a type whose change has one effect, sorted. */
export function attributesThat(effect: ChangeEffect, version: string, type: string): readonly string[] {
  return Object.entries(effectsOf(version, type))
    .filter(([, found]) => found === effect)
    .map(([attribute]) => attribute)
    .sort();
}
