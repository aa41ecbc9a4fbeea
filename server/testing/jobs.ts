import { PgBoss } from "pg-boss";
import type { Context } from "@/server/context";
import { type JobName, jobNames, jobQueues } from "@/server/jobs/queues";
import { handlers } from "@/server/jobs/registry";

/**
 * Runs every job that is due through its real handler, one after another, until none is left: the worker without its
 * process, so that a test decides when things happen. A handler that throws fails its job as in the worker, and it is tried
 * again at once with `lastTry` when its retries are over; `only` leaves the other queues alone.
 */
export async function runJobs(ctx: Context, only: readonly JobName[] = jobNames): Promise<JobName[]> {
  const boss = new PgBoss({
    connectionString: ctx.env.DATABASE_URL,
    max: 2,
    supervise: false,
    schedule: false,
    migrate: false,
  });
  boss.on("error", () => {});
  await boss.start();
  const ran: JobName[] = [];
  try {
    for (let again = true; again; ) {
      again = false;
      for (const name of only) {
        // Jobs are fetched also while they wait for their next try.
        const [job] = await boss.fetch<object>(name, { batchSize: 1, includeMetadata: true, ignoreStartAfter: true });
        if (!job) continue;
        again = true;
        ran.push(name);
        const system = { ...ctx, actor: { kind: "system", by: "clock" } as const };
        const lastTry = job.retryCount >= job.retryLimit;
        try {
          await handlers[name](system, jobQueues[name].payload.parse(job.data) as never, {
            signal: new AbortController().signal,
            lastTry,
          });
          await boss.complete(name, job.id);
        } catch (error) {
          await boss.fail(name, job.id, { name: error instanceof Error ? error.name : "Error" });
        }
      }
    }
  } finally {
    await boss.stop({ graceful: false });
  }
  return ran;
}
