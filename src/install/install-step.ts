/** One thing that an installation makes, and whether that was needed. */
export interface InstallStep {
  what: string;
  /** `kept`: it was as it should be, or is the user's own; `wanted` with --dry-run; `left`: it could not be done here, see `note`. */
  outcome: "made" | "changed" | "kept" | "wanted" | "removed" | "left";
  note?: string;
}
