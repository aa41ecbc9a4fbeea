/**
 * `npm test`: types, lint, unused code, migrations, unit and integration tests on a real PostgreSQL and a real emulator, and
 * journeys in a real browser against the production build. The last line is `N passed, N failed`: every test counts, and each
 * static check as one. A test that was skipped counts as failed: what did not run proves nothing.
 *
 *   npm test                  everything
 *   npm test -- static unit   only these parts (static, unit, journeys)
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildBundles, buildWeb, writeGenerated } from "./build.mjs";
import { removeOldStacks } from "./e2e-setup.mjs";
import { cleanEnv, prepareEmulator } from "./emulator.mjs";
import { run, withOurNode } from "./processes.mjs";
import { atelier, root } from "./project.mjs";
import { holdTestPostgres, letGoOfTestPostgres } from "./test-postgres.mjs";

const env = withOurNode(cleanEnv({ NEXT_TELEMETRY_DISABLED: "1", CI: process.env.CI ?? "", FORCE_COLOR: "0" }));
const parts = process.argv.slice(2);
const wanted = (part) => parts.length === 0 || parts.includes(part);
const total = { passed: 0, failed: 0 };

/** Runs `work`, prints how it went with what it printed if it failed, and returns whether it passed. */
async function step(name, work) {
  const began = performance.now();
  const time = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  try {
    const text = await work();
    console.log(`✓ ${name}${text ? `: ${text}` : ""} (${time()})`);
    return true;
  } catch (error) {
    console.log(`✗ ${name} (${time()})\n${error.message}`);
    return false;
  }
}

/** A static check: one more that passed or failed. */
async function check(name, command, args) {
  const passed = await step(name, async () => {
    await run(command, args, { env });
  });
  total[passed ? "passed" : "failed"] += 1;
}

async function checks() {
  await check("types", "tsc", ["--noEmit"]);
  await check("lint", "biome", ["check", "--error-on-warnings", "."]);
  await check("unused code", "knip", ["--no-progress"]);
  await check("migrations lead to the schema", "node", [join(root, "scripts", "migrate.mjs"), "check"]);
}

/** Runs a tool that counts its tests into `report`, and adds them up; a run without a report is one failure. */
async function suite(name, report, command, args, count) {
  rmSync(report, { force: true });
  let failure;
  const passed = await step(name, async () => {
    await run(command, args, { env: { ...env, ATELIER_TEST_REPORT: report } }).catch((error) => {
      failure = error;
    });
    if (!existsSync(report)) throw failure ?? new Error("It left no report.");
    const counted = count(JSON.parse(readFileSync(report, "utf8")));
    if (failure && counted.failed === 0) counted.failed = 1;
    total.passed += counted.passed;
    total.failed += counted.failed;
    if (failure) throw failure;
    return `${counted.passed} passed, ${counted.failed} failed`;
  });
  if (!passed && !existsSync(report)) total.failed += 1;
}

function unit() {
  const report = atelier("reports", "unit.json");
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  return suite("unit and integration", report, "vitest", args, (result) => {
    const broken = result.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
    const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped, numTodoTests: todo } = result;
    return { passed, failed: failed + skipped + todo + broken.length };
  });
}

async function journeys() {
  const built = await step("build", async () => {
    await Promise.all([buildBundles(), buildWeb()]);
  });
  if (!built) {
    total.failed += 1;
    return;
  }
  const report = atelier("reports", "journeys.json");
  await suite("journeys in the browser", report, "playwright", ["test"], ({ stats, errors }) => {
    const failed = stats.unexpected + stats.flaky + stats.skipped + (errors.length && !stats.unexpected ? 1 : 0);
    return { passed: stats.expected, failed };
  });
}

async function main() {
  await step("generated code", async () => {
    await writeGenerated();
    await run("next", ["typegen"], { env });
  });
  const emulator = step("emulator", async () => {
    const found = await prepareEmulator({ say: console.log });
    if (found.off) throw new Error(found.off);
  });
  await holdTestPostgres();
  await Promise.all([wanted("static") && checks(), emulator.then(() => wanted("unit") && unit())]);
  if (wanted("journeys")) await journeys();
}

/** What the tools leave behind when they are interrupted. */
async function cleanUp() {
  await removeOldStacks().catch(() => undefined);
  await letGoOfTestPostgres().catch(() => undefined);
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    console.log("\nStopping…");
    await cleanUp();
    process.exit(130);
  });
}
try {
  await main();
} catch (error) {
  console.log(error.stack);
  total.failed += 1;
}
await cleanUp();
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
