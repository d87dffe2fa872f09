export interface UnitOptions {
  /** What the unit starts, words and all. */
  command: readonly string[];
  /** agent.yaml, where it isn't the usual one. */
  configFile: string | null;
  /** Folders that the agent writes to, wherever they are. */
  writable: readonly string[];
}

/** What the service is called. */
export const unitName = "davit-agent.service";

/**
 * The systemd unit of the agent. It runs as root, since it reads and writes the disks of machines and talks to libvirt's system
 * socket; the unit takes from root what it does not need for that. systemd.exec(5) and systemd.service(5) describe the lines.
 */
export function systemdUnit({ command, configFile, writable }: UnitOptions): string {
  return `# Written by \`davit agent install\`, which writes it anew. Your own changes: systemctl edit ${unitName}
[Unit]
Description=Davit agent: backs up virtual machines and proves that the backups boot
Wants=network-online.target
# Stops before these do, so that what it has paused or frozen is let go while libvirt still answers.
After=network-online.target local-fs.target remote-fs.target libvirtd.service virtqemud.service libvirt-guests.service

[Service]
Type=exec
ExecStart=${command.map(quoted).join(" ")}
${configFile === null ? "" : `Environment=${quoted(`DAVIT_AGENT_CONFIG=${configFile}`)}\n`}Restart=on-failure
RestartSec=10
# SIGTERM ends runs cleanly; letting machines go may take two minutes where libvirt is slow.
KillMode=mixed
TimeoutStopSec=180
IOSchedulingPriority=7
# QEMU, which is another user, has to come through the folders of the vault.
UMask=0066

# The system is read-only. Disks of machines may lie anywhere else, also below /home, and those of machines that are off are
# written to: that is where their changes are tracked.
ProtectSystem=full
ReadWritePaths=${writable.map((folder) => quoted(`-${folder}`)).join(" ")}
PrivateTmp=yes
NoNewPrivileges=yes
CapabilityBoundingSet=CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_CHOWN CAP_FOWNER CAP_FSETID CAP_SETUID CAP_SETGID CAP_SETPCAP CAP_KILL
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
DevicePolicy=closed
DeviceAllow=/dev/kvm rw
DeviceAllow=block-* rw
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service seccomp
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}

/** A word as systemd reads it back: quotes, backslashes, specifiers and variables lose their meaning. */
function quoted(word: string): string {
  const plain = word.replace(/%/gu, "%%").replace(/\$/gu, "$$$$");
  return /^[\w@%+=:,./$-]+$/u.test(plain) ? plain : `"${plain.replace(/[\\"]/gu, "\\$&")}"`;
}
