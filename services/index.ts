/** What runs on a host, and the settings that it takes. */
export { storageOptions } from './archive/configuration';
export { archiveFaults, policyOf, type Archive } from './archive/archive';
export { archiveFolder, bucketPolicy, copiesFolder, stanza, type ArchiveAccounts } from './archive/bucket';
export { checkpointFolder } from './archive/checkpoint';
export { checkpointApplication, checkpointBytes } from './archive/checkpoint-sql';
export { pgbackrestVariables } from './archive/configuration';
export { copyContents, copyFiles, copyFolder, migrationsQuestion, newestQuestion } from './archive/copy';
export { keptBy, type Keep } from './archive/keep';
export { listLogProgram, logListEnd } from './archive/log-list';
export { received, receiverPolicyOf, type Receiver } from './archive/receiver';
export { backupUnderWay, readBackAnnotation } from './archive/script';
export { backup } from './archive/service';
export { hourOf, type Copies } from './copies/copies';
export { copiesApplication, copyUnderWay, recordsFolder, sumsFile } from './copies/script';
export { copiedVolumes, copiesService } from './copies/service';
export { alloy, type AlloyProps } from './alloy/alloy';
export { app, slotOf, type AppSlot } from './app-contract';
export { dataMarker, markerQuestion } from './database/marker';
export { hookFaults, hookPoints, type Hook, type HookPoint, type Hooks } from './deploy-hooks';
export { edgePages } from './edge/caddyfile';
export { edgeProject, renderEdge, type EdgeProps } from './edge/edge';
export { hostLayout, noUpstream } from './host-layout';
export { litellm, type LitellmProps } from './litellm/litellm';
export {
  committedImageLock,
  imageNames,
  imageReference,
  loadImageLock,
  parseImageLock,
  imageLockChanges,
  renderImageLock,
  type ImageLock,
  type ImageName,
  type LockedImage,
} from './images';
export { receiverPlace, receiverProject, renderReceiver, type ReceiverProps } from './receiver/receiver';
export { keyProgram, receiverHome } from './receiver/script';
export { resolveImages, type Fetch, type ResolveOptions } from './registry';
export type { RenderedFile } from './rendered-file';
export { archiveMark } from './runtime/archive-mark';
export { archiveLabel, receiverCommand } from './runtime/postgres';
export { postgresConfOf } from './runtime/postgres-settings';
export {
  bootstrapProfile,
  renderRuntime,
  runtimeProject,
  runtimeServices,
  thirdPartyImages,
  type RuntimeProps,
} from './runtime/runtime';
export { appLogin, runtimeVariables, settingsNeededBy, type Release } from './runtime/variables';
export {
  declarationOf,
  isSettingName,
  settingAreas,
  settingNames,
  settingsFor,
  settingsOf,
  type OptionalName,
  type PlainName,
  type SecretName,
  type SettingName,
} from './settings/catalogue';
export { examine, faultText, fileFaults, jointFaults, valueFaults } from './settings/check';
export type { SettingFault, SettingsSource } from './settings/check';
export { databaseUrl, type DatabaseUrlParts } from './settings/database-url';
export {
  lineFaultText,
  parseDotEnv,
  readDotEnv,
  renderDotEnv,
  unreadable,
  type ReadDotEnv,
} from './settings/dot-env';
export { shownName } from './settings/shown-name';
export {
  importRows,
  parseExport,
  renderExport,
  type ExportedSettings,
  type ImportRow,
} from './settings/exported';
export { mergeDotEnv } from './settings/merge-dot-env';
export { isPlaceholder } from './settings/placeholder';
export { tryReadPrivateKey } from './settings/private-key';
export { requirementText } from './settings/requirement';
export { settingsSchema, type FaultKind } from './settings/schema';
export type { Consumer, Purpose, Random, Scope, Setting } from './settings/setting';
export { generateSettings, readSettings, Settings } from './settings/settings';
export { renderExampleFile, renderSchemaPage } from './settings/documents';
export { renderSetupPage } from './settings/setup/page';
export type { SetupEnvironment } from './settings/setup/steps';
export { workflowValues } from './settings/workflow-environment';
export { isVersioned } from './versioned-folder';
export { waitBudgets } from './wait-budgets';
