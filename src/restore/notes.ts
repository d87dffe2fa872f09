import { type BytePath, toDisplay } from "../format/byte-path.ts";

/** Something that could not be given back, though the content was. */
export interface RestoreNote {
  path: string;
  what: string;
}

const most = 1000;

/** Gathers notes; beyond the first thousand they are only counted. */
export class Notes {
  readonly listed: RestoreNote[] = [];
  total = 0;

  add(path: BytePath, what: string): void {
    this.total += 1;
    if (this.listed.length < most) this.listed.push({ path: toDisplay(path), what });
  }
}
