import { asFailure, errorCode, Failure } from "./failure.ts";

/**
 * An error of the file system as a `storage` Failure that says what was being done (`can't write /var/lib/davit/…`) and
 * why it did not work, without the system call's name. A Failure passes through unchanged.
 */
export function storageFailure(doing: string, thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const known = asFailure(thrown);
  const code = errorCode(thrown);
  const reason = code === undefined ? known.message : known.message.replace(/, \w+( '.*)?$/su, "");
  const hint = known.hint ?? (code === undefined ? undefined : moreHints[code]);
  return new Failure("storage", `${doing}: ${reason}`, { ...(hint === undefined ? {} : { hint }), cause: thrown });
}

const moreHints: Readonly<Record<string, string>> = {
  ENOENT: "look whether the folder is mounted, in the container at the same path as on the host",
  ENOTDIR: "a file stands where a folder is expected: move it away",
  EISDIR: "a folder stands where a file is expected: move it away",
  EMFILE: "too many files are open: raise the limit (ulimit -n)",
};
