import { createHash } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { GuardError } from "@/server/cleaner/command-io";

/** What this machine remembers of the command line's runs: one lock for an account, one small file for each run. */

const record = z.object({
  account: z.string(),
  name: z.string().nullable(),
  mode: z.literal("run"),
  pid: z.number().int(),
  started: z.string(),
  ended: z.string().nullable(),
  /** `failed`: it could not be run to its end. Null while it runs, and where its process was killed. */
  outcome: z.enum(["clean", "dirty", "failed"]).nullable(),
  /** False where regions or services narrowed the run. */
  complete: z.boolean(),
  left: z.number().int().nullable(),
  reason: z.string().nullable(),
});

export type RunRecord = z.infer<typeof record>;

const keptRuns = 20;

/** Writes a run down; again with the same `started` and `pid`, it is the same run. Older runs of the account are dropped. */
export function writeRun(folder: string, run: RunRecord): void {
  const place = join(folder, "runs", run.account);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  writeWhole(join(place, `${run.started.replace(/[:.]/g, "-")}-${run.pid}.json`), run);
  for (const name of runFiles(place).slice(0, -keptRuns)) rmSync(join(place, name), { force: true });
}

/** A reader sees the old file or the new one, never a half. */
export function writeWhole(path: string, value: unknown): void {
  const draft = `${path}.${process.pid}.draft`;
  writeFileSync(draft, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

function runFiles(place: string): string[] {
  return filesIn(place).filter((name) => name.endsWith(".json"));
}

/** The names in a folder, sorted; none where there is no folder. */
export function filesIn(place: string): string[] {
  try {
    return readdirSync(place).sort();
  } catch {
    return [];
  }
}

/** The last run of an account on this machine; a file that cannot be read is passed over. */
export function lastRun(folder: string, account: string): RunRecord | undefined {
  const place = join(folder, "runs", account);
  for (const name of runFiles(place).reverse()) {
    const read = readWhole(join(place, name), record);
    if (read) return read;
  }
  return undefined;
}

export function readWhole<T>(path: string, shape: z.ZodType<T>): T | undefined {
  try {
    return shape.safeParse(JSON.parse(readFileSync(path, "utf8"))).data;
  } catch {
    return undefined;
  }
}

/** The accounts that were ever cleaned from here. */
export function knownAccounts(folder: string): string[] {
  return filesIn(join(folder, "runs")).filter((name) => /^\d{12}$/.test(name));
}

// --- One run at a time -------------------------------------------------------------------------------------------------

/** Of the machine, not of the user. An emulator's account of the same id is another account. */
export function lockPath(account: string, endpoint: string | undefined): string {
  const where = endpoint ? `-${createHash("sha256").update(endpoint).digest("hex").slice(0, 8)}` : "";
  return join(tmpdir(), `atelier-cleaner-${account}${where}.lock`);
}

/** One run for an account on this machine. A lock whose process is gone is taken over. Returns what gives it back. */
export function lock(account: string, endpoint: string | undefined): () => void {
  const path = lockPath(account, endpoint);
  for (let again = false; ; again = true) {
    try {
      const file = openSync(path, "wx", 0o644);
      writeSync(file, String(process.pid));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (again || !(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      const pid = holder(account, endpoint);
      if (pid !== undefined) throw new GuardError(`Account ${account} is being cleaned already, by process ${pid}.`);
      rmSync(path, { force: true });
    }
  }
}

/** The process that is cleaning the account now, on this machine. */
export function holder(account: string, endpoint: string | undefined): number | undefined {
  try {
    const pid = Number(readFileSync(lockPath(account, endpoint), "utf8"));
    return isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
