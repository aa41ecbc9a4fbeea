import type { JobWithMetadata, PgBoss } from "pg-boss";

/**
 * Takes jobs of a queue, `slots` at a time, each slot the next one as soon as it has done the last. pg-boss lets a worker
 * rest for its whole polling interval between two jobs (its bursts need batches, and a batch ends with its slowest job), so
 * each slot wakes itself.
 */
export async function workSlots(
  boss: PgBoss,
  name: string,
  slots: number,
  handle: (job: JobWithMetadata<object>) => Promise<void>,
): Promise<void> {
  for (let slot = 0; slot < slots; slot++) {
    let id = "";
    id = await boss.work(
      name,
      { batchSize: 1, pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 10, includeMetadata: true },
      async ([job]: JobWithMetadata<object>[]) => {
        try {
          if (job) await handle(job);
        } finally {
          boss.notifyWorker(id);
        }
      },
    );
  }
}

/**
 * Takes jobs of a queue in handfuls, several at a time, for jobs that are many and small: one statement fetches a handful, and
 * what its jobs look up by id in the same turn of the event loop goes to the database as one query. A job that fails is tried
 * again alone. One that hangs is not waited for longer than `letGoMilliseconds`: it counts as done, so its row has to know
 * better, and goes on by itself.
 */
export async function workHandfuls(
  boss: PgBoss,
  name: string,
  { hands, size, letGoMilliseconds }: { hands: number; size: number; letGoMilliseconds: number },
  handle: (job: JobWithMetadata<object>) => Promise<void>,
): Promise<void> {
  for (let hand = 0; hand < hands; hand++) {
    let id = "";
    id = await boss.work(
      name,
      { batchSize: size, pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 10, includeMetadata: true },
      async (jobs: JobWithMetadata<object>[]) => {
        let letGo: NodeJS.Timeout | undefined;
        const long = new Promise<void>((done) => {
          letGo = setTimeout(done, letGoMilliseconds);
        });
        const run = async (job: JobWithMetadata<object>) => {
          try {
            await handle(job);
          } catch (error) {
            await boss.fail(name, job.id, { name: error instanceof Error ? error.message : "Error" });
          }
        };
        await Promise.race([Promise.all(jobs.map(run)), long]);
        clearTimeout(letGo);
        boss.notifyWorker(id);
      },
    );
  }
}
