/** How long ago, in one unit: `5 min ago`, `3 h ago`, `12 d ago`; `in 3 h` for what is to come. */
export function formatAge(instant: Date, now: Date): string {
  const ms = now.getTime() - instant.getTime();
  const span = roughly(Math.abs(ms));
  if (span === null) return ms < 0 ? "in a moment" : "just now";
  return ms < 0 ? `in ${span}` : `${span} ago`;
}

function roughly(ms: number): string | null {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return null;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}
