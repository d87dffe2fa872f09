import { compare, listFolder, search } from "../../src/browse/answer-question.ts";
import { entryLine } from "../../src/browse/entry-line.ts";
import type { IndexTable } from "../../src/browse/index-table.ts";
import { TableBuilder } from "../../src/browse/table-builder.ts";
import type { Page } from "../../src/contract/browse.ts";
import type { IndexEntry } from "../../src/contract/manifest.ts";
import { Failure } from "../../src/failure/failure.ts";
import { tarEntry } from "../fixtures/tar-builder.ts";
import type { FakeFile } from "./operations.ts";

/** What a backup with these files answers where somebody browses it. */
export function browseFiles(id: string, files: readonly FakeFile[]) {
  const table = tableOf(files.map(({ entry }) => entry));
  const index = { id, folder: "", manifest: { index: { file: "", sha256: "", entries: files.length } } };
  return {
    folder: (path: string, page: Page) => listFolder(table, { index, path, page }),
    search: (text: string, page: Page) => search(table, { index, text, page }),
    compare: (before: readonly FakeFile[], page: Page) =>
      compare(table, tableOf(before.map(({ entry }) => entry)), { index, before: index, kind: null, page }),
  };
}

function tableOf(entries: readonly IndexEntry[]): IndexTable {
  const builder = new TableBuilder(entries.length);
  for (const entry of entries) {
    const { bytes, line } = entryLine(entry, builder.last);
    builder.add(bytes, line, false);
  }
  return builder.finish();
}

/** The files as a tar archive, which breaks off after one that is broken. */
export async function* tarOfFiles(files: readonly FakeFile[]): AsyncGenerator<Buffer> {
  for (const { entry, content, broken } of files) {
    yield tarEntry({ path: entry.path, content });
    if (broken === true) throw new Failure("damaged", "the content does not match its checksum");
  }
  yield Buffer.alloc(1024);
}
