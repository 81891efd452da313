import { declarationOf, type SettingName } from '../services';
import { identity, replace, type Errand, type LostKey } from './disaster';

const repository = '--repository <owner/name>';
const exported = (key: string): string =>
  `./cogni settings export <env> --to age1… --deploy-key ~/.ssh/${key} --out <env>.age`;
const newExport: Errand = {
  command: exported('<key>'),
  says: 'a new export: the one of before has the old value',
};

/**
 * Brings a new value to all who read it from here. GitHub has it either for each environment or once for the repository, and what is
 * the repository's goes there with `--shared` alone.
 *
 * @param where what of GitHub needs it: 'where workflows plan'
 */
function renewed(key: SettingName, where: string): readonly Errand[] {
  const ofRepository = declarationOf(key).scope.startsWith('repository-');
  const files = ofRepository ? 'of each environment that has it' : 'of the environment';
  return [
    {
      says: `put it in the place of the old one: as \`${key}\` into \`.cogni/<env>/settings.env\` ${files}, and into the shell where that has it, which wins over the file`,
    },
    {
      command: `./cogni settings sync <env>${ofRepository ? ' --no-host --shared' : ''} ${repository}`,
      says: `${where}${ofRepository ? ': once, since it is the repository that has it there' : ''}. It wants \`GITHUB_TOKEN\` ([setup.md](../setup.md), "GitHub Actions")`,
    },
  ];
}

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
        says: 'it is also the secret `SSH_DEPLOY_KEY` of the GitHub environments `<env>` and `<env>-look`: whoever starts workflows still deploys, and none of them lets another key in',
      },
      {
        says: 'make another pair (`ssh-keygen -t ed25519 -f ~/.ssh/<new>`), and put its public half in the place of the old one in `keys/`; commit and push that',
      },
      {
        says: 'give the agent the new one beside the old one (`ssh-add ~/.ssh/<new>`); each person or machine that logs in, such as a watch, needs it in its agent too',
      },
      {
        command: './cogni host converge <env>',
        says: 'where the old one still opens the host, also for one that somebody else has as well: lets in exactly what is committed, so from here on the old one opens nothing, and workflows neither deploy nor look until they have the new one. On a host that somebody else made, `authorized_keys` is changed by hand',
      },
      {
        command: `./cogni rebuild <env> ${identity} ${replace} --lost <host>@closed`,
        says: 'in the place of the line before, where nothing opens the host any more: another one, with the new key, out of what is off the host',
      },
      {
        says: "make a copy of the new one without a passphrase (`cp ~/.ssh/<new> <copy>`, then `ssh-keygen -p -N '' -f <copy>`), for workflows",
      },
      {
        command: `./cogni settings sync <env> --deploy-key <copy> ${repository}`,
        says: 'where workflows deploy. It wants `GITHUB_TOKEN` ([setup.md](../setup.md), "GitHub Actions")',
      },
      {
        command: `./cogni settings sync <env> --look --deploy-key <copy> ${repository}`,
        says: 'where they look at the host every night; then remove the copy',
      },
      {
        command: './cogni plan <env>',
        says: 'where the host was not made anew: the provider keeps the public half for the next one, and it changes in place; apply that plan',
      },
      {
        command: exported('<new>'),
        says: 'a new export: the one of before has the old key',
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
      { command: exported('<key>'), says: 'a new export' },
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
      {
        says: 'make another key at the storage, with the same rights, and revoke the old one; its name, `ARCHIVE_KEY`, is another one too, and goes the same way',
      },
      ...renewed('ARCHIVE_SECRET', 'where workflows deploy'),
      {
        command: './cogni deploy <env> --image-tag <tag>',
        says: 'the database is restarted once; the backlog is sent',
      },
      {
        command: './cogni backup list <env>',
        says: 'whether the archive takes log again, without a gap',
      },
      newExport,
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
      ...renewed('CHERRY_AUTH_TOKEN', 'where workflows plan'),
      newExport,
    ],
  },
  {
    key: 'GHCR_DEPLOY_TOKEN',
    without: 'what runs goes on; nothing can be deployed, and a rebuild cannot pull',
    errands: [
      { says: 'make another one that may read packages, and revoke the old one' },
      ...renewed('GHCR_DEPLOY_TOKEN', 'where workflows deploy'),
      newExport,
    ],
  },
];
