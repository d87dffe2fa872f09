import koffi from "koffi";

const names = ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`];

/** The C library of this system: glibc, else musl. */
export function loadLibc(): ReturnType<typeof koffi.load> {
  let failure: unknown;
  for (const name of names) {
    try {
      return koffi.load(name);
    } catch (thrown) {
      failure = thrown;
    }
  }
  throw failure;
}
