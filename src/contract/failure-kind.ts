/** Every way in which something can go wrong, as `Failure.kind` and as `failure.kind` in run events and API answers. */
export const failureKinds = [
  "usage", // the caller asked for something that makes no sense: bad option, bad id
  "config", // labels, environment or davit.yaml are wrong
  "missing", // the named module, backup, file or run does not exist
  "busy", // another run holds the lock
  "unreachable", // the Docker engine does not answer
  "storage", // vault, state or scratch: full, read-only, not there, not permitted
  "damaged", // a backup does not match its checksums, or can't be read
  "unsafe", // an archive or a request tried to reach outside its root
  "cancelled", // by signal or by request
  "denied", // not signed in, or not allowed
  "failed", // everything else that did not work
] as const;

export type FailureKind = (typeof failureKinds)[number];
