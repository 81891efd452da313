import { key, server, withServer } from '../provider/configuration';
import { said, type Answer } from './answer';

/** An order that nothing speaks against yet. */
const ordered = said(10, 'CREATE');
const orphan = 'exists at Cherry, is paid for, and is not in the state';
const imported = '--import cherryservers_server.host=811000';
const twin = said(3, imported, 'to plan now would order a twin beside it');
const hostCheck = './cogni host check preview';
const wipe = said(12, 'WIPE', '--wipe prod-app@');
const tagged = withServer({ tags: { env: 'preview' } });
const noToken = 'does not know the token';
const renamed = 'Cherry has renamed it';
const noImage = 'Cherry no longer has one of that name';

/** By number of the mode. The words stand in docs/plan.md as they are here. */
export const answers: readonly Answer[] = [
  {
    at: '1 plain',
    plan: ordered,
    apply: said(1, 'took no more requests', 'wait a minute, then ./cogni plan preview'),
    after: ordered,
  },
  { at: '2 plain', plan: ordered, apply: said(1, 'took no more requests', orphan, imported), after: twin },
  { at: '3 html', plan: said(1, 'the provider crashed', 'wait some minutes, then run this again') },
  { at: '3 empty', plan: said(1, 'the provider crashed', 'wait some minutes, then run this again') },
  { at: '4 plain', plan: said(1, 'out of order for the moment', 'wait some minutes, then run this again') },
  { at: '5 reset', plan: said(1, 'the provider crashed', 'wait some minutes, then run this again') },
  { at: '5 silence', plan: said(1, 'gave no answer', 'wait some minutes, then run this again') },
  { at: '6 plain', plan: ordered, apply: said(0, 'it is applied') },
  {
    at: '7 plain',
    plan: ordered,
    apply: said(1, 'did not come up in time', orphan, 'when it is active, not before'),
    after: twin,
  },
  {
    at: '8 plain',
    plan: ordered,
    apply: said(
      1,
      'did not come up in time or at all',
      orphan,
      'there is nothing in it to keep',
      'remove it:',
    ),
    after: said(3, 'there is nothing in it to keep', 'to plan now would order a twin beside it'),
  },
  { at: '9 plain', plan: ordered, apply: said(1, 'was lost on its way', orphan, imported), after: twin },
  { at: '10 plain', plan: said(0, 'NO-OP', hostCheck), apply: said(0, 'it is applied') },
  {
    at: '11 plain',
    plan: said(11, 'REVIEW', 'the machine behind the id may have been replaced', '--reviewed'),
    apply: said(0, 'it is applied'),
  },
  {
    at: '12 plain',
    plan: said(12, 'WIPE', 'the disk may have been emptied already', '--wipe prod-app@'),
    apply: said(0, 'it is applied'),
  },
  {
    at: '13 plain',
    preflight: 'is no longer at Cherry, and its disk with it',
    plan: said(11, 'REVIEW', 'it is gone', "may be a stranger's by now", '--reviewed'),
    apply: said(0, 'it is applied'),
  },
  {
    at: '14 label',
    wanted: { resource: { cherryservers_ssh_key: { deploy: { ...key, name: 'deploy-2' } } } },
    preflight: 'another key has the label "deploy" at Cherry',
    plan: said(3, 'rename or remove it in the portal'),
  },
  {
    at: '14 text',
    preflight: 'the deploy key is at Cherry already',
    plan: said(3, '--import cherryservers_ssh_key.deploy_key=13001'),
  },
  {
    at: '15 revoked',
    wanted: tagged,
    early: true,
    preflight: noToken,
    plan: said(1, 'the account cannot be asked', noToken),
    apply: said(3, noToken),
    after: said(1, noToken),
  },
  {
    at: '15 read-only',
    plan: said(10, 'UPDATE'),
    apply: said(1, 'the token may only read at Cherry', 'an API key that may change things'),
    after: said(10, 'UPDATE'),
  },
  {
    at: '15 revoked-in-poll',
    plan: ordered,
    apply: said(1, noToken, orphan, imported),
    after: twin,
  },
  {
    at: '16 plain',
    plan: said(12, 'REPLACE', '--wipe prod-app@'),
    apply: said(
      5,
      'the floating address still belongs to the server that is being ended',
      'wait until that one is gone from the portal',
    ),
    after: said(10, 'CREATE', 'is still being ended at Cherry'),
  },
  {
    at: '17 plain',
    wanted: { resource: { cherryservers_ssh_key: { deploy: key } } },
    plan: said(12, 'DESTROY', '--wipe prod-app@'),
    apply: said(5, 'it was removed elsewhere', './cogni plan preview'),
    after: said(11, 'REVIEW', 'it is gone'),
  },
  {
    at: '18 plain',
    preflight: 'is no longer at Cherry, and every plan would end in 403',
    plan: said(3, 'state rm cherryservers_ip.edge'),
  },
  {
    at: '19 plain',
    plan: wipe,
    apply: said(5, 'the old disk is gone, and no system came', './cogni plan preview'),
    after: said(
      3,
      'has no system: Cherry says "failed deployment"',
      'remove it:',
      'which orders another one',
    ),
  },
  {
    at: '20 plain',
    plan: wipe,
    apply: said(0, 'is still being installed', './cogni host wait preview'),
  },
  {
    at: '21 address',
    plan: wipe,
    apply: said(5, 'the server has another address now', './cogni host check'),
    after: said(0, 'NO-OP', hostCheck),
  },
  {
    at: '21 power',
    plan: wipe,
    apply: said(5, 'the server is switched off now', 'switch it on in the portal'),
    after: said(0, 'NO-OP', hostCheck),
  },
  {
    at: '22 region',
    wanted: tagged,
    early: true,
    preflight: `has the region "${server.region}-renamed": ${renamed}`,
    plan: said(3, renamed, 'it replaces nothing'),
    apply: said(3, renamed),
    after: said(3, renamed),
  },
  {
    at: '22 plan',
    wanted: tagged,
    early: true,
    preflight: `has the plan "${server.plan}-renamed": ${renamed}`,
    plan: said(3, renamed, 'it replaces nothing'),
    apply: said(3, renamed),
    after: said(3, renamed),
  },
  {
    at: '23 renamed',
    wanted: tagged,
    early: true,
    preflight: noImage,
    plan: said(3, noImage, 'deploys go on'),
    apply: said(3, noImage),
    after: said(3, noImage),
  },
  {
    at: '23 dropped',
    preflight: noImage,
    plan: said(3, 'no image with the slug', noImage),
  },
  {
    at: '24 stock',
    early: true,
    preflight: 'is out of stock in LT-Siauliai; it is in stock in DE-Frankfurt',
    plan: said(3, 'is out of stock in LT-Siauliai'),
    apply: said(3, 'is out of stock in LT-Siauliai'),
    after: said(3, 'is out of stock in LT-Siauliai'),
  },
  {
    at: '24 addresses',
    plan: ordered,
    apply: said(1, 'quota is used up', 'raise the quota'),
    after: ordered,
  },
  {
    at: '24 servers',
    plan: said(10, 'CREATE', 'how many the account may have is said nowhere in the API'),
    apply: said(1, 'quota is used up', 'raise the quota'),
    after: ordered,
  },
  {
    at: '25 tags',
    plan: ordered,
    apply: said(1, 'Cherry then showed something else than was planned', './cogni plan preview'),
    after: said(12, 'REPLACE', 'it is marked as tainted', '--wipe prod-app@'),
  },
  {
    at: '25 id',
    plan: ordered,
    apply: said(1, 'does not know what it was asked for', orphan, imported),
    after: twin,
  },
  { at: '25 type', plan: said(1, 'in a form that the provider does not know', 'run this again') },
  {
    at: '26 plain',
    preflight: 'is being ended at Cherry (or was reclaimed)',
    plan: said(11, 'REVIEW', 'this plan orders another one', '--reviewed'),
    apply: said(0, 'it is applied'),
  },
  { at: '27 plain', plan: said(1, 'took no more requests', 'wait a minute, then run this again') },
];
