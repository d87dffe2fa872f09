/** Whether a libvirt URI names this host, so that the machines' files are where libvirt says they are. */
export function isLocal(uri: string): boolean {
  return /^[a-z+]+:\/\/\//u.test(uri);
}
