import type { DumpStream } from "../contract/archive-session.ts";
import type { DumpSetting } from "../contract/settings.ts";
import { asFailure, Failure } from "../failure/failure.ts";
import { commandOutput } from "./command-output.ts";
import { type DumpRecipe, dumpRecipes } from "./dump-recipes.ts";
import { createErrorTail, type ErrorTail } from "./error-tail.ts";
import { findProgram } from "./find-program.ts";
import { openSqlite } from "./open-sqlite.ts";
import type { DumpTarget } from "./read-credentials.ts";

/** The mark that redis-cli leaves at the end of what it prints. */
const markLength = 40;
/** What is looked at to see whether a dump is whole. */
const endingLength = 512;

/**
 * Begins the dump of a container's database; its content comes as the database's own program prints it, at the reader's pace.
 * The content throws a Failure, with the last words of that program, where it fails, prints nothing, or not all. Secrets are
 * on no command line and in no message. A SQLite database is read by Davit itself where the container has no sqlite3 and the
 * file lies in one of the `visible` folders of the host.
 */
export async function openDump(
  target: DumpTarget,
  setting: DumpSetting,
  visible: readonly string[] = [],
): Promise<DumpStream> {
  const recipe = dumpRecipes[setting.kind];
  const container = target.document.Name.slice(1);
  requireRunning(target, container);
  const name = `${container}/${recipe.file(setting)}`;
  let program: string;
  try {
    program = await findProgram(target, recipe.programs);
  } catch (error) {
    const own = setting.kind === "sqlite" && asFailure(error).kind === "missing";
    const content = own ? await openSqlite(target.document, setting, visible, target.signal) : null;
    if (content === null) throw error;
    return { name, content };
  }
  const who = await recipe.credentials(target);
  const tail = createErrorTail([who.password]);
  const input = recipe.input?.(who) ?? null;
  const output = commandOutput(target, {
    command: [program, ...recipe.words(who, setting)],
    env: recipe.env(who),
    ...(input !== null && { input: once(input) }),
    onError: (bytes) => tail.add(bytes),
  });
  const what = `${setting.kind} dump of ${container}`;
  return {
    name,
    content: checked(output, recipe, tail, `${what} by ${program}`),
  };
}

function requireRunning({ document }: DumpTarget, container: string): void {
  const { Running, Paused } = document.State;
  if (Running && Paused !== true) return;
  throw new Failure(
    "failed",
    `no dump can be made of ${container}: the container ${Running ? "is paused" : "does not run"}`,
    {
      hint: "start it, or take the label davit.dump away",
    },
  );
}

/** Passes on what the program prints; the last bytes only once it is known that the dump is whole. */
async function* checked(
  output: AsyncGenerator<Buffer, number>,
  { ending, marksEnd }: DumpRecipe,
  tail: ErrorTail,
  what: string,
): AsyncGenerator<Buffer> {
  const heldBack = Math.max(marksEnd === undefined ? 0 : markLength, ending === undefined ? 1 : endingLength);
  let last = Buffer.alloc(0);
  try {
    let next = await step(output, what);
    for (; next.done !== true; next = await step(output, what)) {
      const both = Buffer.concat([last, next.value]);
      const cut = Math.max(0, both.length - heldBack);
      if (cut > 0) yield both.subarray(0, cut);
      last = both.subarray(cut);
    }
    const words = tail.text() === "" ? "" : `: ${tail.text()}`;
    if (next.value !== 0) throw failed(`the ${what} ended with exit code ${next.value}${words}`);
    if (last.length === 0) throw failed(`the ${what} printed nothing${words}`);
    if (ending !== undefined && !last.includes(ending)) throw failed(`the ${what} ended before it was whole${words}`);
    yield marksEnd !== undefined && tail.has(marksEnd) ? last.subarray(0, -markLength) : last;
  } finally {
    await output.return(0);
  }
}

async function step(output: AsyncGenerator<Buffer, number>, what: string): Promise<IteratorResult<Buffer, number>> {
  return output.next().catch((error: unknown) => {
    const { kind, message, hint } = asFailure(error);
    throw new Failure(kind, `the ${what} failed: ${message}`, { ...(hint !== undefined && { hint }), cause: error });
  });
}

function failed(message: string): Failure {
  return new Failure("failed", message, {
    hint: "see the database's log, and whether the credentials in the container's environment still hold",
  });
}

async function* once(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
