import { dataSection, evidenceSections } from '../identity/evidence';
import { lockQuestion } from '../lock/status';
import { layout } from '../rolling/layout';
import type { RemoteCommand } from '../transport';
import { reportScript } from './report';

/**
 * The question of a watch, asked every few seconds: the evidence, who holds the deploy lock, whether there is maintenance,
 * how full the disk is; the database last, which alone may keep one waiting. One shell that only reads, every word of it fixed.
 */
export const glanceCommand: RemoteCommand = {
  argv: ['sh', '-s'],
  stdin: `${reportScript}${evidenceSections}section lock
( set -- ${layout.deploy.lock} ${layout.deploy.holder}
${lockQuestion}
)
section maintenance; [ -e ${layout.edge.maintenance} ] && echo on
section filesystem; df --output=used,avail --block-size=1 / | tail -n 1
section inside
${dataSection(2)}`,
  deadline: 6_000,
};
