import { readFileSync } from "node:fs";
import { z } from "zod";

// Prints "PASSED FAILED" for a report of vitest's JSON reporter. Whatever went wrong outside a test (a file that does
// not load, an error nobody caught, no report at all) counts as one failure, so that no run looks better than it was.
const report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

function count(path: string, exitCode: number): { passed: number; failed: number } {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return { passed: 0, failed: 1 };
  }
  const { numPassedTests, numFailedTests, testResults } = report.parse(JSON.parse(text));
  const brokenFiles = testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  const failed = numFailedTests + brokenFiles;
  return { passed: numPassedTests, failed: exitCode !== 0 && failed === 0 ? 1 : failed };
}

const [path = "", exitCode = "1"] = process.argv.slice(2);
const { passed, failed } = count(path, Number(exitCode));
console.log(`${passed} ${failed}`);
