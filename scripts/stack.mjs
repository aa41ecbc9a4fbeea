/**
 * Everything that runs once there is a build and a migrated database: the emulator and its console, the worker, the web.
 * `npm start` and the end-to-end tests start the same stack in folders of their own.
 *
 *   const stack = await startStack({ folder: atelier(), mode: "demo", database: { url, ownerUrl }, emulator, ports, say });
 *   stack.url, stack.env, stack.mailbox; await stack.stop();
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { output } from "./build.mjs";
import { cleanEnv, emulatedServices, launchEmulator, numberedAccounts, seedEmulator } from "./emulator.mjs";
import { withClient } from "./postgres.mjs";
import {
  answers,
  commandLine,
  freePort,
  isAlive,
  ourNode,
  run,
  serverFlags,
  stopProcess,
  until,
  withOurNode,
  workingFolder,
} from "./processes.mjs";
import { root } from "./project.mjs";
import { webCommand } from "./web-processes.mjs";

/** The accounts of a demo that starts for the first time: the pool of the first team, then that of the second. */
export const demoAccounts = [...numberedAccounts(12, "iberia"), ...numberedAccounts(2, "nordics")];
const region = "eu-west-1";
const loopback = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Starts the stack. `folder` keeps secrets, logs, mails and the list of processes; `database` are the URLs of the app and of
 * the owner; `emulator` is what `prepareEmulator` found (or a promise of it); `endpoint` an emulator that runs elsewhere on
 * this machine; `ports` where to look for free ones; `settings` more settings of the app; `say(name, text)` takes progress;
 * `onStop` gets what stops all of it, before the first process starts; the web waits for `webBuilt`, the rest does not.
 */
export async function startStack({
  folder,
  mode,
  database,
  emulator,
  endpoint,
  ports,
  settings = {},
  say = () => undefined,
  onStop = () => undefined,
  webBuilt = Promise.resolve(),
}) {
  await stopLeftovers(folder);
  const keeper = makeKeeper(folder, say);
  onStop(keeper.stop);
  try {
    const cloud = await startCloud({ folder, database, emulator, endpoint, ports, keeper, say });
    const port = await freePort(ports.web);
    if (port !== ports.web && ports.web) say("web", `port ${ports.web} is in use, so ${port}`);
    const url = `http://127.0.0.1:${port}`;
    const mailbox = join(folder, "mailbox");
    mkdirSync(mailbox, { recursive: true });
    const env = withOurNode(
      cleanEnv({
        NODE_ENV: "production",
        NEXT_TELEMETRY_DISABLED: "1",
        TZ: "UTC",
        ATELIER_MODE: mode,
        DATABASE_URL: database.url,
        PUBLIC_URL: url,
        PORT: String(port),
        HOSTNAME: "127.0.0.1",
        ATELIER_SECRET_KEY: secretKey(folder),
        ATELIER_MAILBOX_DIR: mailbox,
        TRUSTED_PROXIES: "0",
        CLEANER_SERVICES: emulatedServices().join(","),
        ...cloud.env,
        ...settings,
      }),
    );
    writeFileSync(join(folder, "env.json"), JSON.stringify(env), { mode: 0o600 });
    await fill({ env, database, cloud, say });
    await webBuilt;
    const where = ["start", "--hostname", "127.0.0.1", "--port", String(port)];
    keeper.start("web", ...webCommand(Number(settings.WEB_PROCESSES) || 1, where), { env });
    // The worker waits: its first look at an Organization that is not put right yet would find everything gone.
    const working = reconcile(env, cloud, say).then(() =>
      keeper.start("worker", ourNode(), [...serverFlags, output("worker")], { env }),
    );
    await Promise.all([working, webAnswers(url, keeper)]);
    return { url, env, mailbox, cloud, keeper, stop: keeper.stop };
  } catch (error) {
    await keeper.stop();
    throw error;
  }
}

/** The emulator with the accounts that the database knows, and the stand-in console; or the reason why there is none. */
async function startCloud({ folder, database, emulator, endpoint, ports, keeper, say }) {
  const off = (reason) => {
    say("cloud", `off: ${reason}`);
    return { off: reason, env: { AWS_REGION: region, ATELIER_CLOUD_OFF: reason } };
  };
  if (endpoint && !loopback.includes(new URL(endpoint).hostname)) {
    throw new Error(`AWS_ENDPOINT_URL is ${endpoint}: the demo only uses an emulator on this machine (127.0.0.1).`);
  }
  try {
    const known = accountsOf(database.ownerUrl);
    const address = endpoint ?? (await launch(await emulator, folder, ports, keeper));
    if (!address.startsWith("http")) return off(address);
    const accounts = await known;
    const seeded = await seedEmulator(address, { accounts: accounts.length ? accounts : demoAccounts });
    say("cloud", `${address}, ${seeded.accounts.length} accounts`);
    return { ...seeded, first: accounts.length === 0, env: await cloudEnv(address, seeded, ports, keeper) };
  } catch (error) {
    return off(error.message.split("\n")[0]);
  }
}

/** Starts moto; returns its address, or in words why it cannot run. */
async function launch(found, folder, ports, keeper) {
  if (found.off) return found.off;
  mkdirSync(join(folder, "logs"), { recursive: true });
  const port = await freePort(ports.emulator);
  const launched = await launchEmulator(found, { port, log: join(folder, "logs", "emulator.log") });
  keeper.adopt("emulator", launched.child, "emulator.py");
  return launched.endpoint;
}

async function cloudEnv(address, seeded, ports, keeper) {
  const port = await freePort(ports.console);
  const args = [output("emulator-console"), "--port", String(port), "--endpoint", address, "--region", region];
  keeper.start("console", ourNode(), args, { env: withOurNode(cleanEnv()) });
  return {
    AWS_REGION: region,
    AWS_ENDPOINT_URL: address,
    AWS_ACCESS_KEY_ID: seeded.accessKeyId,
    AWS_SECRET_ACCESS_KEY: seeded.secretAccessKey,
    ATELIER_BASE_PRINCIPAL_ARN: seeded.basePrincipalArn,
    AWS_SIGNIN_URL: `http://127.0.0.1:${port}/federation`,
    AWS_CONSOLE_URL: `http://127.0.0.1:${port}/console`,
  };
}

/** The accounts of all pools, in the order in which they came, so that the emulator gets the same ones. */
async function accountsOf(ownerUrl) {
  const sql = 'select name, "awsAccountId" as id from "SandboxAccount" order by ordinal';
  const { rows } = await withClient(ownerUrl, (client) => client.query(sql));
  return rows.map(({ name, id }) => ({ name, id, email: `aws+${id}@atelier.example` }));
}

/** Demo data on the first start. */
async function fill({ env, database, cloud, say }) {
  if (!existsSync(output("seed"))) return;
  const { rows } = await withClient(database.ownerUrl, (client) =>
    client.query('select count(*)::int as teams from "Team"'),
  );
  if (rows[0].teams > 0) return;
  const began = performance.now();
  const accounts = JSON.stringify(cloud.accounts ?? []);
  await run(ourNode(), [output("seed")], { env: { ...env, ATELIER_DEMO_ACCOUNTS: accounts } });
  say("demo data", "two teams, a workshop in each state", began);
}

/** Puts the emulator's Organization in line with the database: accounts, OUs, policies, roles of live leases. */
async function reconcile(env, cloud, say) {
  if (cloud.off || !existsSync(output("admin"))) return;
  const began = performance.now();
  try {
    await run(ourNode(), [output("admin"), "organization", "reconcile"], { env });
    say("organization", "reconciled", began);
  } catch (error) {
    say("organization", `not reconciled: ${error.message.split("\n").slice(-3).join(" ")}`, began);
  }
}

async function webAnswers(url, keeper) {
  const state = await until(
    async () => {
      if (keeper.gaveUp("web")) return "down";
      const port = Number(new URL(url).port);
      if (!(await answers(port))) return undefined;
      const response = await fetch(`${url}/api/health`).catch(() => undefined);
      return response && (response.ok || response.status === 404) ? "up" : undefined;
    },
    60_000,
    50,
  );
  if (state !== "up") throw new Error(`The web did not start:\n${keeper.lastLines("web")}`);
}

/** Seals what the database must not hold in clear; made once, kept outside of it. */
function secretKey(folder) {
  const file = join(folder, "secret");
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString("base64"), { mode: 0o600 });
  return readFileSync(file, "utf8").trim();
}

/**
 * Starts, watches and stops processes. One that ends by itself is started again, up to three times in a minute, and its last
 * lines are said. Its id is noted in `processes.json`, so that a later start finds what a killed one left behind.
 */
function makeKeeper(folder, say) {
  const logs = join(folder, "logs");
  mkdirSync(logs, { recursive: true });
  const kept = new Map();
  let stopping = false;
  const note = () => {
    const list = [...kept.values()].map(({ name, child, mark }) => ({ name, pid: child.pid, mark }));
    writeFileSync(join(folder, "processes.json"), JSON.stringify({ keeper: process.pid, list }));
  };
  const lastLines = (name, count = 8) => {
    const file = join(logs, `${name}.log`);
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").slice(-count).join("\n") : "";
  };
  const watch = (entry) => {
    entry.child.once("exit", (code, signal) => {
      if (stopping || entry.replaced) return;
      const recent = entry.failures.filter((at) => performance.now() - at < 60_000);
      entry.failures = [...recent, performance.now()];
      const how = signal ?? `code ${code}`;
      say(entry.name, `ended by itself (${how}); its last lines:\n${lastLines(entry.name)}`);
      if (!entry.again || recent.length >= 3) {
        entry.gaveUp = true;
        if (entry.again) say(entry.name, "is not started again: stop and start Atelier once the cause is gone");
        if (entry.name === "emulator") say("emulator", "accounts and keys are gone with it: stop and start Atelier");
        return;
      }
      setTimeout(() => !stopping && entry.again(), 500 * (recent.length + 1));
    });
  };
  const start = (name, command, args, { env }) => {
    rotate(join(logs, `${name}.log`));
    const out = openSync(join(logs, `${name}.log`), "a");
    const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", out, out], detached: true });
    const entry = kept.get(name) ?? { name, failures: [] };
    Object.assign(entry, { child, mark: args[0], again: () => start(name, command, args, { env }) });
    kept.set(name, entry);
    watch(entry);
    note();
    return child;
  };
  return {
    start,
    adopt: (name, child, mark) => {
      const entry = { name, child, mark, failures: [] };
      kept.set(name, entry);
      watch(entry);
      note();
    },
    gaveUp: (name) => kept.get(name)?.gaveUp === true,
    pid: (name) => kept.get(name)?.child.pid,
    lastLines,
    stop: async () => {
      stopping = true;
      for (const names of [
        ["web", "worker"],
        ["console", "emulator"],
      ]) {
        await Promise.all(
          names
            .map((name) => kept.get(name))
            .filter(Boolean)
            .map(({ child }) => stopProcess(child.pid)),
        );
      }
      rmSync(join(folder, "processes.json"), { force: true });
    },
  };
}

function rotate(log) {
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > 5_000_000) renameSync(log, `${log}.1`);
}

/** Stops what a start in this folder left running when it was killed: processes of the list that are still ours. */
export async function stopLeftovers(folder) {
  const file = join(folder, "processes.json");
  if (!existsSync(file)) return 0;
  const { keeper, list } = JSON.parse(readFileSync(file, "utf8"));
  if (keeper !== process.pid && isAlive(keeper) && /start\.mjs|playwright/.test(commandLine(keeper))) {
    throw new Error(`Atelier is running here already (process ${keeper}): stop it first with Ctrl-C.`);
  }
  // Next gives its process another title (`next-server`); that it works in this folder says that it is ours.
  const isOurs = (pid, mark) => {
    const line = commandLine(pid);
    return line.includes(mark) || (line.startsWith("next-server") && workingFolder(pid) === root);
  };
  const ours = list.filter(({ pid, mark }) => isAlive(pid) && isOurs(pid, mark));
  await Promise.all(ours.map(({ pid }) => stopProcess(pid)));
  rmSync(file, { force: true });
  return ours.length;
}
