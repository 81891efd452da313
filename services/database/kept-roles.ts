/** Roles whose names are fixed: no setting may give another role one of them. */
export const keptRoles = {
  /** Has the application's rights; nobody logs in as it. */
  app: 'cogni_app_access',
  /** May read; nobody logs in as it. */
  readonly: 'cogni_readonly_access',
  /** Replicates, and nothing else. */
  receiver: 'cogni_receiver',
} as const;
