export { enrollmentOf, enrollmentToken, withEnrollment, withoutEnrollment } from './enrollment';
export { bootstrapScript, hostFiles, revisionOf } from './host-files';
export { hostLayout } from './host-layout';
export { faultsOf, UnfitHostNeeds, userDataLimit } from './host-needs';
export type { CommandKey, HostFile, HostNeeds } from './host-needs';
export { phases, type Phase } from './phases';
export { renderUserData } from './user-data';
