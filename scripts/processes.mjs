/**
 * Processes and ports: start, look at, stop; and a lock between processes.
 *
 * Plain JavaScript for Node 20 and newer.
 */
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readlinkSync, rmSync, writeSync } from "node:fs";
import { connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { root } from "./project.mjs";

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Whether a process with this id exists, whoever it belongs to. */
export function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
  return !isZombie(pid);
}

/** A killed child whose parent has not asked for its exit code still has an id, but does nothing. */
function isZombie(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) === "Z";
  } catch {
    return false;
  }
}

/** The command line of a process; empty if there is none. */
export function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    if (process.platform === "linux") return "";
    return spawnSync("ps", ["-p", String(pid), "-o", "command="], { encoding: "utf8" }).stdout?.trim() ?? "";
  }
}

/** The folder that a process works in; empty if that cannot be told. */
export function workingFolder(pid) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    const text = spawnSync("lsof", ["-a", "-p", String(pid), "-d", "cwd", "-Fn"], { encoding: "utf8" }).stdout ?? "";
    return /^n(.*)$/m.exec(text)?.[1] ?? "";
  }
}

/** Waits until `check` gives something truthy, and returns it; undefined once `milliseconds` have passed. */
export async function until(check, milliseconds, every = 20) {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const result = await check();
    if (result) return result;
    if (performance.now() > deadline) return undefined;
    await sleep(every);
  }
}

/** Asks a process (or, with `group`, its whole group) to stop, insists after `patience` ms, and returns once it is gone. */
export async function stopProcess(pid, { signal = "SIGTERM", patience = 8_000, group = false } = {}) {
  const send = (name) => {
    try {
      process.kill(group ? -pid : pid, name);
    } catch {
      // It is gone already, which is what we want.
    }
  };
  if (!isAlive(pid)) return;
  send(signal);
  if (await until(() => !isAlive(pid), patience)) return;
  send("SIGKILL");
  await until(() => !isAlive(pid), 2_000);
}

/** Whether something on 127.0.0.1 accepts a connection at this port. */
export function answers(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const finish = (result) => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => finish(true));
    socket.once("error", () => finish(false));
    socket.setTimeout(1_000, () => finish(false));
  });
}

function canListen(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => {
      const { port: got } = server.address();
      server.close(() => resolve(got));
    });
  });
}

/** The first port from `wanted` on that is free on 127.0.0.1 and not in `taken`; any free one for 0. */
export async function freePort(wanted = 0, taken = []) {
  for (let port = wanted; port < 65_536; port += 1) {
    if (taken.includes(port)) continue;
    const got = await canListen(port);
    if (got) return got;
  }
  throw new Error(`There is no free port from ${wanted} on.`);
}

/** Runs `work` while holding the lock file; the lock of a process that died is taken over. */
export async function withLock(path, work) {
  mkdirSync(dirname(path), { recursive: true });
  for (;;) {
    try {
      const file = openSync(path, "wx");
      writeSync(file, String(process.pid));
      closeSync(file);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      const owner = Number(readOr(path, "0"));
      // An empty file is one whose owner is between two system calls: look again before taking it over.
      if (owner === 0) await sleep(100);
      if (!isAlive(Number(readOr(path, "0")))) rmSync(path, { force: true });
      else await sleep(30);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function readOr(path, otherwise) {
  try {
    return readFileSync(path, "utf8").trim() || otherwise;
  } catch {
    return otherwise;
  }
}

/** The environment with our own Node first on the path, so that every child runs the pinned one. */
export function withOurNode(env) {
  return { ...env, PATH: `${join(root, "node_modules", ".bin")}:${env.PATH ?? ""}` };
}

/** Node's settings for web and worker: what many pages and mails leave behind is cleared away less often, for some 60 MB more. */
export const serverFlags = ["--max-semi-space-size=32", "--min-semi-space-size=32"];

/** The Node that the packages brought, which may not be the one that runs `npm start` on a bare clone. */
export function ourNode() {
  const installed = join(root, "node_modules", ".bin", "node");
  return existsSync(installed) ? installed : process.execPath;
}

const running = new Set();
// Whoever gives up half way leaves no build or install behind.
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Runs a command to its end and returns its output; throws with the last lines of it when it fails. */
export function run(command, args, { env = process.env, cwd = root, onLine, input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"] });
    running.add(child);
    let output = "";
    const take = (chunk) => {
      output += chunk;
      if (onLine) for (const line of String(chunk).split("\n")) if (line.trim()) onLine(line);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    if (input !== undefined) child.stdin.end(input);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      running.delete(child);
      if (code === 0) return resolve(output);
      const last = output.trim().split("\n").slice(-25).join("\n");
      reject(new Error(`${command} ${args.join(" ")} ended with ${signal ?? `code ${code}`}:\n${last}`));
    });
  });
}
