import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { z } from "zod";

// Prints "PASSED FAILED" for a report of vitest's JSON reporter, and on stderr what failed, a few lines each. Whatever
// went wrong outside a test (a file that does not load, an error nobody caught, no report at all) counts as one failure,
// so that no run looks better than it was.
const report = z.object({
  numPassedTests: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()).default([]) }),
      ),
    }),
  ),
});
type TestFile = z.infer<typeof report>["testResults"][number];

const LINES_OF_A_FAILURE = 12;

function describe(place: string, message: string): string {
  const lines = message.trim().split("\n").slice(0, LINES_OF_A_FAILURE);
  return [place, ...lines.map((line) => `    ${line}`)].join("\n");
}

function failuresIn({ name, status, message, assertionResults }: TestFile): string[] {
  const path = relative(process.cwd(), name);
  const failed = assertionResults.filter((test) => test.status === "failed");
  if (failed.length === 0) return status === "failed" ? [describe(path, message)] : [];
  return failed.map((test) => describe(`${path}: ${test.fullName}`, test.failureMessages.join("\n")));
}

function count(path: string, exitCode: number): { passed: number; failures: string[] } {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return { passed: 0, failures: ["the tests left no report"] };
  }
  const { numPassedTests, testResults } = report.parse(JSON.parse(text));
  const failures = testResults.flatMap(failuresIn);
  if (exitCode !== 0 && failures.length === 0) failures.push("an error outside of every test, see above");
  return { passed: numPassedTests, failures };
}

const [path = "", exitCode = "1"] = process.argv.slice(2);
const { passed, failures } = count(path, Number(exitCode));
for (const failure of failures) console.error(failure);
console.log(`${passed} ${failures.length}`);
