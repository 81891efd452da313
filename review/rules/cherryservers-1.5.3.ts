import type { AttributeRule, ProviderRules } from './rule';

const inPlace: AttributeRule = { effect: 'in-place' };
const readOnly: AttributeRule = { effect: 'read-only' };
const identity: AttributeRule = { effect: 'read-only', identity: true };
const replaces: AttributeRule = { effect: 'replaces' };

/**
 * Cherry Servers' provider, v1.5.3: plan modifiers and `Update` in `internal/provider/*_resource.go` at that tag. The
 * schema says none of it.
 */
export const cherryservers_1_5_3 = {
  provider: 'cherryservers/cherryservers',
  version: '1.5.3',
  source: 'internal/provider/*_resource.go at tag v1.5.3',
  provisional: false,
  types: {
    cherryservers_server: {
      holds: 'disk',
      attributes: {
        image: { effect: 'wipes' },
        ssh_key_ids: {
          effect: 'wipes',
          note: 'a key that is made anew has an id that is only known after apply, which counts as a change',
        },
        user_data: {
          effect: 'wipes',
          document: true,
          unread: true,
          note: 'any other byte counts as a change, white space too',
        },
        os_partition_size: { effect: 'wipes', unread: true },

        allow_reinstall: {
          effect: 'arms',
          note: 'while it is true, any change of image, ssh_key_ids, user_data or os_partition_size empties the disk',
        },

        plan: replaces,
        region: { effect: 'replaces', note: 'a region that was renamed at the provider looks like this too' },
        project_id: replaces,
        spot_instance: replaces,
        cycle: { effect: 'replaces', unread: true },
        discount_code: { effect: 'replaces', unread: true },
        extra_ip_addresses_ids: { effect: 'replaces', unread: true },
        ip_addresses_ids: replaces,

        name: inPlace,
        hostname: {
          effect: 'in-place',
          note: 'changed at the provider only; the host keeps calling itself as before',
        },
        tags: inPlace,
        timeouts: inPlace,

        id: identity,
        ip_addresses: identity,
        power_state: identity,
        state: identity,
        pricing: readOnly,
      },
    },
    cherryservers_ip: {
      holds: 'address',
      attributes: {
        project_id: replaces,
        region: replaces,

        a_record: inPlace,
        ptr_record: inPlace,
        tags: inPlace,
        target_hostname: {
          effect: 'in-place',
          note: 'traffic moves; the first server of that name in the project is taken, also where there are twins',
        },
        target_id: { effect: 'in-place', note: 'traffic of this address moves to another server' },
        target_ip_id: { effect: 'in-place', note: 'traffic of this address moves to another server' },

        a_record_effective: readOnly,
        address: identity,
        address_family: readOnly,
        cidr: readOnly,
        gateway: readOnly,
        id: identity,
        ptr_record_effective: readOnly,
        type: readOnly,
      },
    },
    cherryservers_project: {
      holds: 'account',
      attributes: {
        team_id: replaces,
        name: inPlace,
        // `UseStateForUnknown` on `local_asn`. The API says 0 as long as BGP is off (cherrygo v3.9.1, testdata/allow_bmc.json) and gives
        // the number in its answer to switching it on (cloud-provider-cherry, cherry/bgp.go). What it says after switching it off is not known.
        bgp: { effect: 'in-place', givenOut: { number: 'local_asn', when: 'enabled' } },
        id: identity,
      },
    },
    cherryservers_ssh_key: {
      holds: 'access',
      attributes: {
        name: inPlace,
        public_key: {
          effect: 'in-place',
          note: 'the key keeps its id, and servers that live do not learn the new text: only those made later have it',
        },

        created: readOnly,
        fingerprint: readOnly,
        id: identity,
        updated: readOnly,
      },
    },
  },
} as const satisfies ProviderRules;
