import { identity, replace, type LostKey } from './disaster';

/** Keys and secrets, each with what goes on without it and the way to another one. */
export const lostKeys: readonly LostKey[] = [
  {
    key: {
      name: 'private half of the deploy key',
      opens: 'the host, for everybody who deploys',
    },
    without:
      'the site serves and is backed up; nobody can deploy, and `./cogni host check <env>` says `closed`',
    errands: [
      {
        says: 'it is also the secret SSH_DEPLOY_KEY of the GitHub environment: whoever deploys from there still can, and a workflow can let a new one in',
      },
      {
        command: './cogni host converge <env>',
        says: 'lets a new one in (`keys/`), while the old one still opens the host; it is the way for one that somebody else has as well',
      },
      {
        command: `./cogni rebuild <env> ${identity} ${replace} --lost <host>@closed`,
        says: 'where nothing opens the host any more: another one, with the new key, out of what is off the host',
      },
    ],
  },
  {
    key: {
      name: 'identity of age (`key.txt`)',
      opens: 'the export of the settings, and the portable copies',
    },
    without:
      'everything goes on; the other recipient opens both. With none left, a rebuild has no certificates and no records',
    errands: [
      {
        says: 'make another one (`age-keygen -o key.txt`), and put its public half into `archive.copies.recipients` of the record',
      },
      {
        command: './cogni deploy <env> --image-tag <tag>',
        says: 'copies are for it from then on; those before stay for whom they were made',
      },
      { command: './cogni backup copy <env>', says: 'one at once' },
      { command: './cogni settings export <env> --to age1… --out <env>.age', says: 'a new export' },
      {
        command: `./cogni rebuild <env> --without-files --image-tag <tag> ${replace}`,
        says: 'where the host was lost with the last of them',
      },
    ],
  },
  {
    key: 'ARCHIVE_PASSPHRASE',
    without:
      'the host goes on making backups, since it has it; without the host nothing of the archive can be read, ever. Portable copies do not need it',
    errands: [
      {
        says: 'while the host lives, it is in `/opt/cogni/runtime/.env` there: bring it into the settings of whoever deploys, and into a safe',
      },
      {
        says: 'where the host is lost too: the newest portable copy, by hand ([backup.md](../backup.md), "From a portable copy"); what was written since is lost',
      },
    ],
  },
  {
    key: 'ARCHIVE_SECRET',
    without:
      'log waits on the disk of the database, and no backup can be made: `./cogni backup list <env>` says so',
    errands: [
      { says: 'make another key at the storage, with the same rights, and revoke the old one' },
      { command: './cogni settings sync <env>', says: 'where workflows deploy' },
      {
        command: './cogni deploy <env> --image-tag <tag>',
        says: 'the database is restarted once; the backlog is sent',
      },
      {
        command: './cogni backup list <env>',
        says: 'whether the archive takes log again, without a gap',
      },
    ],
  },
  {
    key: {
      name: 'keys for plans (`.cogni/<env>/`)',
      opens: 'kept plans; the state that a rebuild put aside',
    },
    without: 'everything goes on; a plan that was kept can be neither opened nor applied',
    errands: [
      {
        says: 'a checkout makes its own anew; where the record has `plans`, its signers and recipients are changed first',
      },
      { command: './cogni plan <env>', says: 'and plan again' },
    ],
  },
  {
    key: {
      name: 'passphrase of an encrypted state',
      opens: 'the Terraform state',
    },
    without: 'the host serves, and deploys by its address (`VM_HOST`, `VM_HOST_KEY`); nothing can be planned',
    errands: [
      { says: 'put the state aside, which nobody can read, and begin an empty one' },
      {
        command:
          './cogni plan <env> --import cherryservers_server.host=<id> --import cherryservers_ssh_key.deploy_key=<id>',
        says: 'takes what is there into it; the plan must not want to replace anything',
      },
    ],
  },
  {
    key: 'CHERRY_AUTH_TOKEN',
    without: 'everything that runs goes on; nothing can be planned, and the inventory cannot be looked at',
    errands: [
      { says: 'make another one in the portal, and revoke the old one' },
      { command: './cogni settings sync <env>', says: 'where workflows plan' },
    ],
  },
  {
    key: 'GHCR_DEPLOY_TOKEN',
    without: 'what runs goes on; nothing can be deployed, and a rebuild cannot pull',
    errands: [
      { says: 'make another one that may read packages, and revoke the old one' },
      { command: './cogni settings sync <env>', says: 'where workflows deploy' },
    ],
  },
];
