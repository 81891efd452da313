import type { SettingName } from '../../services';
import { pinOf } from '../actions';
import { applyMinutes, type Permissions, type Role } from '../model';
import { eachJob, eachStep, secretsOf, type WorkflowRule } from './rule';

/** The most that the token of a job may do. */
const mostRights: Readonly<Record<Role, Permissions>> = {
  check: { contents: 'read', 'pull-requests': 'read' },
  build: { contents: 'read', packages: 'write' },
  plan: { contents: 'read' },
  apply: { contents: 'read', actions: 'read' },
  look: { contents: 'read' },
  deploy: { contents: 'read' },
  report: { contents: 'read', actions: 'read', 'pull-requests': 'write', issues: 'write' },
  announce: { contents: 'read' },
  start: { actions: 'write' },
  gate: {},
};

/** Roles whose jobs have a use for secrets: for any, or for these. */
const secretsOfRole: Readonly<Partial<Record<Role, 'any' | readonly SettingName[]>>> = {
  plan: 'any',
  apply: 'any',
  deploy: 'any',
  announce: ['TEAM_WEBHOOK_URL'],
  look: ['SSH_DEPLOY_KEY'],
};

/** Events by which strangers run code with rights, or which say nothing of the commit that was meant. */
const refusedEvents: Readonly<Record<string, string>> = {
  pull_request_target: 'runs with the secrets of the repository for whoever opens a pull request',
  workflow_run: 'runs with the files of the default branch, whatever commit the other run was for',
  issue_comment: 'runs for whoever writes a comment',
};

const isOneOf = (name: string, allowed: readonly string[]): boolean => allowed.includes(name);

/** Minutes. */
const longest = 120;

export const securityRules: readonly WorkflowRule[] = [
  {
    code: 'W01',
    title: 'Actions are pinned by the full commit in workflows/actions.lock.json',
    why: 'a tag can be moved to other code, which then runs with the rights of the job',
    check: eachStep((step) =>
      !('uses' in step) || pinOf(step.uses)
        ? []
        : [`${step.uses} is not an action of workflows/actions.lock.json by its full commit`],
    ),
  },
  {
    code: 'W02',
    title: 'A job names its rights, and has none that its role does not need',
    why: 'what a job can do, whoever gets code into it can do',
    check: eachJob(({ permissions, role }) =>
      Object.entries(permissions).flatMap(([scope, access]) => {
        const most = mostRights[role][scope as keyof Permissions];
        if (access === most || most === 'write') return [];
        return [
          `${scope}: ${access} is more than a job for "${role}" may have (${most ? `${scope}: ${most}` : 'nothing of it'})`,
        ];
      }),
    ),
  },
  {
    code: 'W03',
    title:
      'Only jobs that plan, apply or deploy read secrets; one that tells the team, the address for that; one that looks, the key',
    why: 'dreichor-deployment-model, "Continuous Integration": CI must not access secrets',
    check: eachJob((job) => {
      const allowed = secretsOfRole[job.role] ?? [];
      if (allowed === 'any') return [];
      const names = secretsOf(job).filter((name) => !isOneOf(name, allowed));
      if (names.length === 0) return [];
      const use = allowed.length === 0 ? 'secrets' : `secrets but ${allowed.join(', ')}`;
      return [`reads ${names.join(', ')}, and a job for "${job.role}" has no use for ${use}`];
    }),
  },
  {
    code: 'W04',
    title: 'No event that lets strangers run code with rights',
    why: 'a pull request from a fork is code of somebody else',
    check: ({ on }) =>
      (on.other ?? []).map((event) => ({
        problem: `${event} ${refusedEvents[event] ?? 'is none of the events that are known here'}`,
      })),
  },
  {
    code: 'W05',
    title: 'With secrets, pull requests from forks are left out',
    why: 'a fork gets no secret: the job would fail, or worse, be given one',
    check: eachJob((job, { on }) =>
      on.pullRequest === undefined ||
      secretsOf(job).length === 0 ||
      job.when?.includes('github.event.pull_request.head.repo.full_name == github.repository')
        ? []
        : ['reads secrets for pull requests, and does not look where they come from'],
    ),
  },
  {
    code: 'W06',
    title: 'No expression stands in a script',
    why: 'its value becomes part of the program: a branch named `$(…)` would run',
    check: eachStep((step) =>
      'run' in step && step.run.some((line) => line.includes('${{'))
        ? ['holds ${{ … }}: hand the value in through env, and read the variable']
        : [],
    ),
  },
  {
    code: 'W07',
    title: 'The checkout is of a commit that is named, and keeps no token',
    why: 'a job runs what it checks out, and what it runs could push',
    check: eachStep((step) => {
      if (!('uses' in step) || !step.uses.startsWith('actions/checkout@')) return [];
      const { ref, 'persist-credentials': kept } = step.with ?? {};
      return [
        ...(typeof ref === 'string' && /^\$\{\{ \S+ \}\}$/.test(ref)
          ? []
          : [`ref is ${String(ref)}, not the expression of a commit`]),
        ...(kept === false ? [] : ['persist-credentials is not false']),
      ];
    }),
  },
  {
    code: 'W08',
    title: `Every job ends after ${longest} minutes at most; one that applies has ${applyMinutes}`,
    why: 'a job that hangs keeps the environment, and its rights, for six hours; one that is ended takes Terraform with it',
    check: eachJob(({ timeout, role }) => {
      if (role === 'apply')
        return timeout === applyMinutes ? [] : [`its time limit is ${timeout}, not ${applyMinutes} minutes`];
      return Number.isInteger(timeout) && timeout > 0 && timeout <= longest
        ? []
        : [`its time limit is ${timeout}, not 1 to ${longest} minutes`];
    }),
  },
  {
    code: 'W09',
    title: 'A last job says whether each of the others has succeeded',
    why: 'a job that was skipped counts as success in a required check',
    check: ({ jobs }) => {
      const gates = Object.entries(jobs).filter(([, { role }]) => role === 'gate');
      const others = Object.keys(jobs).filter((id) => jobs[id]?.role !== 'gate');
      const [gate, ...more] = gates;
      if (gate === undefined || more.length > 0) return [{ problem: `has ${gates.length} gates, not one` }];
      const [id, { needs = [], when, steps }] = gate;
      const unasked = others.filter((other) => !needs.includes(other));
      const looks = steps.some(
        (step) => 'run' in step && Object.values(step.env ?? {}).includes('${{ toJSON(needs.*.result) }}'),
      );
      return [
        ...unasked.map((other) => ({ job: id, problem: `does not wait for ${other}` })),
        ...(when === 'always()'
          ? []
          : [{ job: id, problem: 'is skipped itself when another fails: it runs always()' }]),
        ...(looks ? [] : [{ job: id, problem: 'does not look at the results of the others' }]),
      ];
    },
  },
];
