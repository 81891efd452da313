/**
 * Reads existing compose files as Docker Compose does, holds them against the library, and writes them in one form. An entry point
 * of its own: the reader of YAML costs its time only those who read.
 */
export { renderCanonically } from './canonical';
export { readFaultCodes, type ReadFault, type ReadFaultCode } from './read-fault';
export { readProject, type ReadFile, type ReadProject, type Unreadable } from './read-project';
export { reportOnFiles, type Place, type ReadReport } from './read-report';
export { longestFile } from './yaml-file';
