import { Option } from 'commander';

/**
 * Where the chart of a run's time goes besides. It is taken from the variable that every step of a workflow has, and no workflow says
 * it: a rollback runs the program of an older commit, which would refuse an option that it does not know.
 */
export const summaryOption = (): Option =>
  new Option(
    '--summary <file>',
    "also append the chart of where the time went to this file: the summary of a workflow's step",
  ).env('GITHUB_STEP_SUMMARY');
