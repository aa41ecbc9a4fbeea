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
