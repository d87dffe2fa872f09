import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { formatBackupTime, moduleName } from "../contract/backup-id.ts";
import { errorCode } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";

/**
 * Makes the folder in which a backup of `module` is written and gives its path, `<vault>/<module>/.<time>.partial`. Where a
 * backup of that second exists or is being written (two runs in a second, a clock set back), the next free second is taken.
 */
export async function createPartial(vault: string, module: string, time: Date): Promise<string> {
  const folder = path.join(vault, moduleName.parse(module));
  try {
    // The vault itself is never made: an unmounted share must not become a folder on the small disk below it.
    await stat(vault);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (let second = time.getTime(); ; second += 1000) {
      const name = formatBackupTime(new Date(second));
      if (await exists(path.join(folder, name))) continue;
      const partial = path.join(folder, `.${name}.partial`);
      try {
        await mkdir(partial, { mode: 0o700 });
        return partial;
      } catch (thrown) {
        if (errorCode(thrown) !== "EEXIST") throw thrown;
      }
    }
  } catch (thrown) {
    throw storageFailure(`can't start a backup in ${folder}`, thrown);
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return false;
    throw thrown;
  }
}
