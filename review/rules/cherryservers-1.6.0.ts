import { cherryservers_1_5_3 as before } from './cherryservers-1.5.3';
import type { ProviderRules } from './rule';

const { types } = before;

/**
 * What the coming release adds, as far as its changes can be read before it is out: pull requests 105 (ipxe), 138
 * (vlan_id), 139 (persist_ipxe) and 140 (IPv6) of the provider. What is not said there is unknown and has to be reviewed.
 */
export const cherryservers_1_6_0: ProviderRules = {
  provider: before.provider,
  version: '1.6.0',
  source: 'pull requests 105, 138, 139 and 140 of the provider',
  provisional: true,
  types: {
    ...types,
    cherryservers_server: {
      ...types.cherryservers_server,
      attributes: {
        ...types.cherryservers_server.attributes,
        ipxe: { effect: 'wipes', document: true, unread: true },
        persist_ipxe: { effect: 'unknown' },
        vlan_id: { effect: 'unknown' },
      },
    },
  },
};
