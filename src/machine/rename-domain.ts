import type { Warning } from "../contract/module.ts";
import { type XmlElement, element, elements, parseXml, printXml, removeElements, setText } from "./xml-tree.ts";

export interface NewDomain {
  name: string;
  uuid: string;
  /** The file of each disk of the backup, by its name in the domain. */
  disks: ReadonlyMap<string, string>;
  /** The file of its NVRAM; null where it has none. */
  nvram: string | null;
  /** Whether it keeps its network cards, with new addresses. */
  network: boolean;
  newMac(): string;
}

/**
 * The definition of a machine that is made of a backup and may run beside the one that it was: its own name, UUID and disks, no network
 * card unless asked, and nothing of the host that only one of the two can have. Gives what that leaves out.
 */
export function renameDomain(xml: string, wish: NewDomain): { xml: string; warnings: Warning[] } {
  const domain = parseXml(xml);
  const devices = element(domain, "devices");
  delete domain.attributes["id"];
  setText(domain, "name", wish.name);
  setText(domain, "uuid", wish.uuid);
  // libvirt wants the UUID here to be the same, and makes a generation's id anew.
  removeElements(element(domain, "sysinfo", "system"), (one) => one.attributes["name"] === "uuid");
  for (const genid of elements(domain, "genid")) genid.children = [];
  if (wish.nvram !== null) setNvram(element(domain, "os"), wish.nvram);
  const warnings = [...takeOver(devices, wish), ...leaveOut(devices, wish)];
  return { xml: `${printXml(domain)}\n`, warnings };
}

function takeOver(devices: XmlElement | undefined, { disks, network, newMac }: NewDomain): Warning[] {
  const warnings: Warning[] = [];
  const lost = (disk: XmlElement): boolean => {
    if (disk.name !== "disk") return false;
    const target = element(disk, "target")?.attributes["dev"] ?? "";
    const file = disks.get(target);
    const kind = disk.attributes["device"] ?? "disk";
    if (file !== undefined) {
      useFile(disk, file);
      return false;
    }
    // A drive is as good when it is empty.
    if (kind === "cdrom" || kind === "floppy") {
      removeElements(disk, ({ name }) => name === "source" || name === "backingStore");
      return false;
    }
    warnings.push(warning(`${target} is not in the backup, and the new machine has none`));
    return true;
  };
  removeElements(devices, lost);
  for (const card of network ? elements(devices, "interface") : []) {
    const mac = element(card, "mac");
    if (mac !== undefined) mac.attributes = { address: newMac() };
    removeElements(card, ({ name }) => name === "target");
  }
  for (const port of [
    ...elements(devices, "serial"),
    ...elements(devices, "console"),
    ...elements(devices, "parallel"),
  ]) {
    if (port.attributes["type"] === "pty") continue;
    // A file or socket that both would write to.
    port.attributes["type"] = "pty";
    removeElements(port, ({ name }) => ["source", "log", "protocol"].includes(name));
  }
  for (const channel of elements(devices, "channel")) removeElements(channel, ({ name }) => name === "source");
  for (const graphics of elements(devices, "graphics")) {
    if (graphics.attributes["port"] !== undefined) Object.assign(graphics.attributes, { port: "-1", autoport: "yes" });
    delete graphics.attributes["tlsPort"];
    delete graphics.attributes["websocket"];
  }
  for (const vsock of elements(devices, "vsock"))
    for (const cid of elements(vsock, "cid")) cid.attributes = { auto: "yes" };
  return warnings;
}

function leaveOut(devices: XmlElement | undefined, { network }: NewDomain): Warning[] {
  const warnings: Warning[] = [];
  const drop = (name: string, what: string): void => {
    const count = removeElements(devices, (one) => one.name === name);
    if (count > 0) warnings.push(warning(`the new machine has no ${what}: ${count} left out`));
  };
  if (!network) drop("interface", "network card");
  drop("hostdev", "device of the host passed through");
  drop("filesystem", "folder shared with the host");
  drop("shmem", "memory shared with the host");
  if (elements(devices, "tpm").length > 0)
    warnings.push(
      warning("its TPM is a new one: what is sealed with the old one (BitLocker) asks for its recovery key"),
    );
  return warnings;
}

function useFile(disk: XmlElement, file: string): void {
  disk.attributes["type"] = "file";
  const driver = element(disk, "driver");
  if (driver === undefined)
    disk.children.push({ name: "driver", attributes: { name: "qemu", type: "qcow2" }, children: [] });
  else {
    driver.attributes["type"] = "qcow2";
    // What is tuned to a block device need not work for a file.
    if (driver.attributes["io"] === "native") delete driver.attributes["io"];
  }
  removeElements(disk, ({ name }) => ["source", "backingStore", "mirror", "encryption", "auth"].includes(name));
  disk.children.push({ name: "source", attributes: { file }, children: [] });
}

function setNvram(os: XmlElement | undefined, file: string): void {
  if (os === undefined) return;
  const found = element(os, "nvram");
  if (found === undefined) {
    os.children.push({ name: "nvram", attributes: {}, children: [file] });
    return;
  }
  // What the template gives is in the file already.
  found.attributes = {};
  found.children = [file];
}

function warning(message: string): Warning {
  return { severity: "warning", message };
}
