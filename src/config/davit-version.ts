// An import, not a read: the executable of scripts/build-agent has no package.json beside it.
import packageJson from "../../package.json" with { type: "json" };

/** The version in package.json. */
export function davitVersion(): string {
  return packageJson.version;
}
