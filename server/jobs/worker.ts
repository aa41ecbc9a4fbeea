import { type JobWithMetadata, PgBoss } from "pg-boss";
import { logger, makeContext } from "@/server/context";
import { database } from "@/server/db";
import { env } from "@/server/env";
import { stopQueue } from "@/server/jobs/queue";
import { type JobName, jobNames, jobQueues } from "@/server/jobs/queues";
import { handlers } from "@/server/jobs/registry";
import { workHandfuls, workSlots } from "@/server/jobs/slots";

/**
 * The worker: runs every job of the registry until it is told to stop (SIGTERM, SIGINT). Several may run beside each other.
 * LISTEN/NOTIFY wakes it at once; polling is the net below. A worker that dies leaves its jobs to the others within about a
 * minute (heartbeat 10 s, looked at every 15 s).
 */
async function work(): Promise<void> {
  const log = logger();
  const boss = new PgBoss({
    connectionString: env().DATABASE_URL,
    max: 8,
    migrate: false,
    useListenNotify: true,
    superviseIntervalSeconds: 15,
    monitorIntervalSeconds: 15,
    cronWorkerIntervalSeconds: 5,
  });
  boss.on("error", (error) => log.error({ err: error }, "job queue"));
  await boss.start();
  const stopping = new AbortController();

  for (const name of jobNames) await listen(boss, name, stopping.signal);
  log.info({ jobs: jobNames.length }, "worker ready");
  process.send?.("ready");

  const stop = async () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    await boss.stop({ graceful: true, timeout: 10_000 });
    await stopQueue();
    await database().close();
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

async function listen<N extends JobName>(boss: PgBoss, name: N, stopping: AbortSignal): Promise<void> {
  const queue = jobQueues[name];
  const handle = async (job: JobWithMetadata<object>) => {
    const ctx = makeContext({ kind: "system", by: "clock" }, { log: logger().child({ job: name, jobId: job.id }) });
    const payload = queue.payload.parse(job.data);
    const lastTry = job.retryCount >= job.retryLimit;
    try {
      await handlers[name](ctx, payload as never, { signal: AbortSignal.any([stopping, job.signal]), lastTry });
    } catch (error) {
      ctx.log.error({ err: error, lastTry }, "job failed");
      // What the queue keeps of a failure is its name: messages of outside services may quote what people typed.
      throw new Error(error instanceof Error ? error.name : "Error");
    }
  };
  if ("handfuls" in queue) await workHandfuls(boss, name, { hands: queue.concurrency, ...queue.handfuls }, handle);
  else await workSlots(boss, name, queue.concurrency, handle);
}

/**
 * `clean-account ID`: one run of the cleaner, on a machine that was started for it, which ends with this process: when the
 * run has ended, when it is told to stop, and at a deadline whatever hangs.
 */
async function cleanAccount(cleanupId: string): Promise<void> {
  const ctx = makeContext({ kind: "system", by: "clock" }, { log: logger().child({ cleanupId }) });
  const { cleanOnThisMachine, machineDeadline } = await import("@/server/sandboxes/tasks");
  const stopping = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stopping.abort());
  setTimeout(() => {
    ctx.log.error("the run did not end in time");
    process.exit(3);
  }, machineDeadline(ctx)).unref();
  try {
    const done = await cleanOnThisMachine(ctx, { cleanupId }, { signal: stopping.signal });
    ctx.log.info(done ? "the run has ended" : "there is no such run to take up");
  } catch (error) {
    ctx.log.error({ err: error }, "the run failed");
    process.exitCode = 1;
  }
  await database().close();
  process.exit();
}

const [what, id] = process.argv.slice(2);
const task = what === "clean-account" && id ? cleanAccount(id) : work();
task.catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
