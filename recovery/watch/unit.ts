export interface UnitProps {
  readonly environments: readonly string[];
  /** Absolute folder of the checkout that runs it. */
  readonly checkout: string;
  /** Arguments of `cogni watch` besides the environments. */
  readonly options: readonly string[];
}

/** A word of a systemd command line: `%` begins a specifier, `$` a variable (systemd.service(5), "Command lines"). */
const word = (text: string): string => {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$');
  return /^[\w@+=:,./%-]+$/.test(escaped) ? escaped : `"${escaped}"`;
};
const path = (text: string): string => text.replaceAll('%', '%%');

/**
 * A systemd unit that runs a watch for ever, as a user of its own, next to whatever else that machine does. Secrets come
 * from a file that only root and systemd read.
 */
export const watchUnit = ({
  environments,
  checkout,
  options,
}: UnitProps): string => `# Made by: ./cogni watch --unit
# In a checkout of its own, with the pinned keys in .cogni: useradd --system cogni-watch; chown -R cogni-watch ${checkout}/.cogni;
# ./cogni --help, which compiles: the unit may write to .cogni alone.
# Put it to /etc/systemd/system/cogni-watch.service; then: systemctl daemon-reload && systemctl enable --now cogni-watch
[Unit]
Description=cogni watch of ${environments.join(', ').replaceAll('%', '%%')}
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
User=cogni-watch
WorkingDirectory=${path(checkout)}
# COGNI_WATCH_WEBHOOK, SSH_AUTH_SOCK
EnvironmentFile=/etc/cogni/watch.env
ExecStart=${[`${checkout}/cogni`, 'watch', ...environments, ...options].map(word).join(' ')}
Restart=always
RestartSec=5
TimeoutStopSec=20
MemoryMax=512M
TasksMax=128
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=${word(`${checkout}/.cogni`)}
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictSUIDSGID=yes
LockPersonality=yes
CapabilityBoundingSet=

[Install]
WantedBy=multi-user.target
`;
