/**
 * The emulator that the test files of one run share. The first file that asks starts it, in a process group of its own that
 * ends with the run; its address and keys are in `.atelier/test-emulator/<run>.json`.
 */
import { spawn } from "node:child_process";
import { existsSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { launchEmulator, numberedAccounts, prepareEmulator, seedEmulator } from "./emulator.mjs";
import { isAlive, ourNode, sleep, stopProcess, until, withLock } from "./processes.mjs";
import { atelier, root } from "./project.mjs";

const folder = atelier("test-emulator", "x").slice(0, -2);
const stateOf = (run) => join(folder, `${run}.json`);

/**
 * What `seedEmulator` returned for the emulator of `run` (the id of the process that the run belongs to).
 *
 * @param {number} run
 * @returns {ReturnType<typeof seedEmulator>}
 */
export async function sharedEmulator(run) {
  const file = stateOf(run);
  await withLock(`${file}.lock`, async () => {
    if (existsSync(file) && isAlive(JSON.parse(readFileSync(file, "utf8")).keeper)) return;
    rmSync(file, { force: true });
    const log = atelier("logs", "test-emulator.log");
    const out = openSync(log, "w");
    const args = [join(root, "scripts", "test-emulator.mjs"), String(run)];
    const child = spawn(ourNode(), args, { detached: true, stdio: ["ignore", out, out] });
    child.unref();
    const state = await until(
      () => (existsSync(file) ? "ready" : isAlive(child.pid) ? undefined : "dead"),
      180_000,
      50,
    );
    if (state !== "ready")
      throw new Error(`The emulator of the tests did not start:\n${readFileSync(log, "utf8").slice(-2000)}`);
  });
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Stops the emulator of this run, if a test started it, and those of runs that are gone. */
export async function stopTestEmulator() {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((entry) => entry.endsWith(".json"))) {
    const run = Number(name.slice(0, -5));
    if (run !== process.pid && isAlive(run)) continue;
    const { keeper } = JSON.parse(readFileSync(join(folder, name), "utf8"));
    await stopProcess(keeper, { patience: 3_000 });
    rmSync(join(folder, name), { force: true });
  }
}

/** Keeps the emulator until it is told to stop or its run is gone. */
async function keep(run) {
  const found = await prepareEmulator({ say: console.log });
  if (found.off) throw new Error(`There is no emulator: ${found.off}`);
  const emulator = await launchEmulator(found, { log: atelier("logs", "test-emulator-moto.log") });
  process.once("SIGTERM", () => emulator.stop().then(() => process.exit(0)));
  const seeded = await seedEmulator(emulator.endpoint, { accounts: numberedAccounts(20, "test") });
  writeFileSync(`${stateOf(run)}.new`, JSON.stringify({ ...seeded, keeper: process.pid }));
  renameSync(`${stateOf(run)}.new`, stateOf(run));
  while (isAlive(run)) await sleep(1_000);
  await emulator.stop();
  rmSync(stateOf(run), { force: true });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await keep(Number(process.argv[2]));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
