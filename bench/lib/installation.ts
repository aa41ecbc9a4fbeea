import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Mailbox } from "@/bench/lib/visitors";
import { makeDatabase, type startPostgres } from "@/scripts/postgres.mjs";
import { ourNode, run } from "@/scripts/processes.mjs";
import { root } from "@/scripts/project.mjs";
import { startStack } from "@/scripts/stack.mjs";

/**
 * Atelier as `npm start` runs it (production build, worker, PostgreSQL with the settings that it comes with, so every commit
 * is on the disk), without a cloud; and the processor time that each of its processes uses.
 */

export type Postgres = Awaited<ReturnType<typeof startPostgres>>;
export type Database = { url: string; ownerUrl: string };
export type Installation = {
  url: string;
  mailbox: Mailbox;
  /** Processor seconds since the start, by process. */
  cpuSeconds(): Record<"web" | "worker" | "postgres", number>;
  stop(): Promise<void>;
};

export async function migratedDatabase(postgres: Postgres, name: string): Promise<Database> {
  await makeDatabase(postgres.url("postgres", "super"), name);
  const database = { url: postgres.url(name, "app"), ownerUrl: postgres.url(name, "owner") };
  const env = { ...process.env, DATABASE_URL: database.url, DATABASE_OWNER_URL: database.ownerUrl };
  await run(ourNode(), [join(root, "scripts", "migrate.mjs")], { env });
  return database;
}

/** Starts web and worker on a database; `folder` keeps their logs and mails, and is emptied first. */
export async function install(
  postgres: Postgres,
  database: Database,
  folder: string,
  settings: Record<string, string> = {},
): Promise<Installation> {
  // Mails of an earlier run would be taken for those of this one.
  rmSync(folder, { recursive: true, force: true });
  const stack = await startStack({
    folder,
    mode: "test",
    database,
    emulator: { off: "registering needs no cloud" },
    endpoint: undefined,
    ports: { web: 0, emulator: 0, console: 0 },
    // One proxy stands in front, as in production: it says the address of each client.
    settings: { TRUSTED_PROXIES: "1", LOG_LEVEL: "warn", ...settings },
  });
  const mailbox = new Mailbox(stack.mailbox);
  const tree = (name: string) => processTree(stack.keeper.pid(name) ?? 0);
  return {
    url: stack.url,
    mailbox,
    cpuSeconds: () => ({
      web: cpuSecondsOf(tree("web")),
      worker: cpuSecondsOf(tree("worker")),
      postgres: cpuSecondsOf(processTree(postgres.pid)),
    }),
    async stop() {
      mailbox.close();
      await stack.stop();
    },
  };
}

/** A process and all below it. */
function processTree(pid: number): number[] {
  const parents = readdirSync("/proc").flatMap((name) => {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : null;
    return stat ? [{ pid: Number(name), parent: Number(stat[1]) }] : [];
  });
  const below = (id: number): number[] => [
    id,
    ...parents.filter((row) => row.parent === id).flatMap((row) => below(row.pid)),
  ];
  return below(pid);
}

/** The fields of /proc/PID/stat after the name, from the state on (proc(5)). */
function statOf(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

/** Of those that live and of their children that ended; the kernel counts in hundredths of a second. */
function cpuSecondsOf(pids: readonly number[]): number {
  const ticks = pids.flatMap((pid) => (statOf(pid) ?? []).slice(11, 15).map(Number));
  return ticks.reduce((sum, value) => sum + value, 0) / 100;
}
