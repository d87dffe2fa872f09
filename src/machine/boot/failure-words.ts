/** What a machine says, on its serial console or on its screen in text mode, that will not come up, and what that means. */
const ends: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [/Kernel panic - not syncing/u, "its kernel panicked"],
  [/^ *-- System halted/mu, "its kernel could not be unpacked"],
  [/No bootable device/u, "its firmware found nothing to boot"],
  [/No bootable option or device was found/u, "its firmware found nothing to boot"],
  [/UEFI Interactive Shell/u, "its firmware found nothing to boot, and shows its own shell"],
  [/^Missing operating system/mu, "its disk has no system"],
  [/^Operating system not found/imu, "its disk has no system"],
  [/BOOTMGR is missing|NTLDR is missing/u, "Windows' boot loader is missing"],
  [/grub rescue>/u, "its boot loader stopped in its rescue mode"],
  [/^You are in (emergency|rescue) mode/mu, "it came up in emergency mode"],
  [/^Entering emergency mode/mu, "it came up in emergency mode"],
  [/^Give root password for (system )?maintenance/mu, "it came up in emergency mode"],
  [/^\(initramfs\)/mu, "it did not find its root file system"],
];

/** What may be said by a machine that comes up all the same. */
const troubles: readonly RegExp[] = [
  /^(error|Error): .*(no such (partition|device)|unknown filesystem|not found|out of disk).*$/mu,
  /^grub>.*$/mu,
  /^boot: *$/mu,
  /^.*Boot failed: not a bootable disk.*$/mu,
  /^.*No DEFAULT or UI configuration directive found.*$/mu,
  /^.*(invalid|Invalid) or corrupt kernel image.*$/mu,
  /^.*crc error.*$/mu,
  /^.*Buffer I\/O error.*$/mu,
  /^.*EXT4-fs error.*$/mu,
];

/** The first sign that a machine has failed to boot, in a console's text, or null. `line` is as the machine said it. */
export function findFailureWords(text: string): { meaning: string; line: string } | null {
  for (const [pattern, meaning] of ends) {
    const found = pattern.exec(text);
    if (found !== null) return { meaning, line: lineAround(text, found.index) };
  }
  return null;
}

/** A line that tells of trouble without being the end, or null. */
export function findTrouble(text: string): string | null {
  for (const pattern of troubles) {
    const found = pattern.exec(text);
    if (found !== null) return lineAround(text, found.index);
  }
  return null;
}

/** Whether a boot loader or firmware still has the screen: a picture at rest then shows that nothing goes on. */
export function isBeforeSystem(screen: string): boolean {
  const last = screen.trimEnd().split("\n").at(-1) ?? "";
  return /^(Booting from (Hard Disk|ROM|DVD\/CD|Floppy)|GRUB|Welcome to GRUB!|GRUB loading|Loading|SeaBIOS|iPXE)\b.*$/u.test(
    last.trim(),
  );
}

function lineAround(text: string, at: number): string {
  const start = text.lastIndexOf("\n", at) + 1;
  const end = text.indexOf("\n", at);
  return text
    .slice(start, end < 0 ? undefined : end)
    .trim()
    .slice(0, 200);
}
