import { forgetChange, keepFiles, makeReady, settlePlaces, type FileChange } from '../file-change';
import { layout } from '../rolling/layout';
import type { Step } from '../step';
import { before, run, type EdgeContext } from './context';
import { stateAfter } from './replace';
import { applyCommand, edgeFiles, renderedFile, type EdgeFile } from './request';

const changed = ({ difference }: EdgeContext): readonly EdgeFile[] => [
  ...(difference.compose ? [edgeFiles.compose] : []),
  ...(difference.caddyfile ? [edgeFiles.caddyfile] : []),
];

const changeOf = (context: EdgeContext): FileChange => ({
  top: layout.edge.folder,
  files: changed(context).map((file) => ({
    ...file,
    there: context.facts.hashes[file === edgeFiles.compose ? 'compose' : 'caddyfile'] !== undefined,
  })),
});

/** Before anything is touched. */
export function stage(context: EdgeContext): Step {
  const { request } = context;
  const { folder } = layout.edge;
  const files = changed(context);
  return {
    id: 'stage',
    name: 'write the new files beside the old ones',
    why: 'what is there stays until the new is proven, and is what a restart would start meanwhile',
    actions: [
      {
        do: 'write',
        folder,
        files: files.map((file) => {
          const { content, mode } = renderedFile(request, file);
          return { path: file.next.slice(folder.length + 1), mode, content };
        }),
      },
      ...makeReady(changeOf(context)).map(run),
    ],
    undo: forgetChange(files),
    leaves: before(context),
    next: `see that ${folder} on the host can be written to and has room, then ${applyCommand(request)}`,
  };
}

export const keep = (context: EdgeContext): Step =>
  keepFiles(changeOf(context), {
    leaves: stateAfter(context),
    next: `see that ${layout.edge.folder} on the host can be written to, then ${applyCommand(context.request)}`,
  });

/** Fails nothing any more. */
export function tidy(context: EdgeContext): Step {
  return {
    id: 'tidy',
    name: 'remove the old files, and put the places of the new ones onto the disk',
    why: 'nothing goes back to the old ones any more; a host that loses its power starts with what was proven too',
    actions: [...forgetChange(Object.values(edgeFiles)), settlePlaces(changeOf(context))].map(run),
    leaves: 'the edge serves what is rendered; copies of its old files may be left beside them',
    next: applyCommand(context.request),
  };
}
