/**
 * `npm start`: the whole of Atelier on this machine, from a bare clone to a running demo.
 *
 *   npm start                  install, build, database, emulator, worker, web; Ctrl-C stops it all
 *   npm start -- --reset       the same with everything forgotten first (database, mails, secrets)
 *   npm start -- --port 3100   another port for the web
 *
 * DATABASE_URL (with DATABASE_OWNER_URL, if tables belong to another role) takes the place of the embedded PostgreSQL, and
 * AWS_ENDPOINT_URL, on this machine only, that of the emulator. AWS credentials and profiles of the machine are never used.
 * Plain JavaScript for Node 20 and newer; it imports packages only once they are installed.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { prepareEmulator } from "./emulator.mjs";
import { run, withOurNode } from "./processes.mjs";
import { hashOf, readMark, root, writeMark } from "./project.mjs";

const began = performance.now();
const folder = join(root, ".atelier");
const people = [
  ["account manager", "ana@iberia.example"],
  ["solutions architect", "sol@iberia.example"],
  ["admin", "adm@iberia.example"],
];

function say(name, text, since) {
  const time = since === undefined ? "" : `  (${((performance.now() - since) / 1000).toFixed(1)} s)`;
  console.log(`  ${name.padEnd(14)}${text}${time}`);
}

/** Runs `work`, and says what it returned and how long it took. */
async function step(name, work) {
  const since = performance.now();
  const text = await work();
  if (text) say(name, text, since);
}

/** `npm ci` when the lock file changed, or when something that it installs is not there. */
async function install() {
  const hash = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .update(process.platform)
    .digest("hex");
  const ourNode = join(root, "node_modules", ".bin", "node");
  if (readMark("packages") === hash && existsSync(ourNode)) return undefined;
  // Somebody who installs by hand has what the lock file says: npm notes it there.
  const noted = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(ourNode) || !existsSync(noted) || readMark("packages") !== undefined || !sameLock(noted)) {
    await run("npm", ["ci", "--include=dev", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]);
  }
  if (!existsSync(ourNode)) await run("npm", ["rebuild", "node"]);
  writeMark("packages", hash);
  return "installed";
}

/** Whether the packages that npm noted as installed are, by version, those of the lock file. */
function sameLock(noted) {
  const installed = JSON.parse(readFileSync(noted, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    return path === "" || entry.optional || installed[path]?.version === entry.version;
  });
}

/** What an earlier start that was killed left running is stopped; one that still runs is left alone, and said. */
async function recover() {
  if (!existsSync(join(folder, "processes.json"))) return undefined;
  const { stopLeftovers } = await import("./stack.mjs");
  const stopped = await stopLeftovers(folder);
  return stopped ? `stopped ${stopped} processes of a start that was killed` : undefined;
}

/** The embedded PostgreSQL, or the one that the environment names; with its migrations. `onStop` gets what stops it. */
async function prepareDatabase(onStop) {
  const { DATABASE_URL, DATABASE_OWNER_URL } = process.env;
  if (DATABASE_URL) {
    const ownerUrl = DATABASE_OWNER_URL ?? DATABASE_URL;
    await step("migrations", () => migrate(ownerUrl, DATABASE_URL));
    return { url: DATABASE_URL, ownerUrl };
  }
  const { makeDatabase, startPostgres } = await import("./postgres.mjs");
  let postgres;
  await step("database", async () => {
    postgres = await startPostgres({ folder: join(folder, "pg") });
    onStop(postgres.stop);
    await makeDatabase(postgres.url("postgres", "super"), "atelier");
    return [`PostgreSQL on port ${postgres.port}`, postgres.note].filter(Boolean).join("; ");
  });
  const [url, ownerUrl] = [postgres.url("atelier", "app"), postgres.url("atelier", "owner")];
  await step("migrations", () => migrate(ownerUrl, url, join(folder, "pg", "migrated")));
  return { url, ownerUrl };
}

/** Migrations and grants, unless the mark beside the data says that nothing has changed since. */
async function migrate(ownerUrl, url, mark) {
  const { writeFileSync } = await import("node:fs");
  const hash = hashOf(["prisma", "scripts/migrate.mjs", "server/jobs/install.ts", "server/jobs/queues.ts"]);
  if (mark && existsSync(mark) && readFileSync(mark, "utf8") === hash) return "up to date";
  const env = withOurNode({ ...process.env, DATABASE_OWNER_URL: ownerUrl, DATABASE_URL: url });
  const output = await run("node", [join(root, "scripts", "migrate.mjs")], { env });
  if (mark) writeFileSync(mark, hash);
  const applied = output.split("\n").filter((line) => line.startsWith("Applied")).length;
  return applied ? `${applied} applied` : "up to date";
}

/** Forgets everything but what was installed and built. */
async function reset() {
  const { stopLeftovers } = await import("./stack.mjs");
  await stopLeftovers(folder);
  const { erasePostgres } = await import("./postgres.mjs");
  await erasePostgres(join(folder, "pg"));
  for (const name of ["mailbox", "secret", "env.json", "logs"])
    rmSync(join(folder, name), { recursive: true, force: true });
  say("reset", "database, mails and secrets are gone");
}

async function main() {
  const { values } = parseArgs({
    options: { reset: { type: "boolean" }, port: { type: "string" } },
    allowPositionals: true,
  });
  if (process.env.ATELIER_MODE === "production") {
    throw new Error("npm start is the demo. Production runs npm run migrate, npm run web and npm run worker.");
  }
  const endpoint = process.env.AWS_ENDPOINT_URL;
  if (endpoint && !/^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?\/?$/.test(endpoint)) {
    throw new Error(`AWS_ENDPOINT_URL is ${endpoint}: the demo only uses an emulator on this machine (127.0.0.1).`);
  }
  console.log("Atelier");
  const emulator = endpoint
    ? Promise.resolve({ off: "not needed" })
    : prepareEmulator({ say: (text) => say("cloud", text) }).catch((error) => ({ off: error.message }));
  await step("packages", install);
  await step("recovery", recover);
  if (values.reset) await reset();
  const { buildBundles, buildWeb, writeGenerated } = await import("./build.mjs");
  await step("client", async () => (await writeGenerated()) && "generated");
  const bundles = step("bundles", async () => (await buildBundles()) && "built");
  // The build of the web takes longest: database, emulator and demo data are made ready meanwhile.
  const webBuilt = step("web", async () => (await buildWeb()) && "built");
  for (const work of [bundles, webBuilt]) work.catch(() => undefined);
  // The last that started is the first to stop.
  const cleanUp = [];
  const onStop = (work) => cleanUp.unshift(work);
  const stop = stopOnce(cleanUp);
  try {
    const database = await prepareDatabase(onStop);
    await bundles;
    const { startStack } = await import("./stack.mjs");
    const stack = await startStack({
      folder,
      mode: "demo",
      database,
      emulator,
      endpoint,
      ports: { web: Number(values.port ?? process.env.PORT ?? 3000), emulator: 4566, console: 4600 },
      settings: { CLEANER_GAP_SECONDS: "5" },
      say,
      onStop,
      webBuilt,
    });
    welcome(stack);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Stops everything in order, once, on the first signal; a second one is for the impatient. */
function stopOnce(cleanUp) {
  let stopping;
  const stop = () => {
    stopping ??= (async () => {
      for (const work of cleanUp) await work();
    })();
    return stopping;
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, async () => {
      if (!stopping) console.log("\nStopping…");
      await stop();
      process.exit(signal === "SIGINT" ? 130 : 143);
    });
  }
  return stop;
}

function welcome({ url, cloud }) {
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`\nReady after ${seconds} s\n\n  Console     ${url}`);
  for (const [role, address] of people) console.log(`  Sign in as  ${address}  (${role})`);
  console.log(`  Mails       ${url}/mailbox  (sign-in codes arrive there)`);
  if (cloud.off) console.log(`  Sandboxes   off: ${cloud.off}`);
  console.log("  Stop        Ctrl-C\n");
}

if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`Atelier needs Node 20 or newer to start; this is ${process.versions.node}.`);
  process.exit(1);
}
try {
  await main();
} catch (error) {
  console.error(`\n${error.message}`);
  process.exit(1);
}
