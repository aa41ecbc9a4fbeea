import { fromPrisma, PgBoss, type SendOptions } from "pg-boss";
import type { z } from "zod";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { type JobName, type JobPayload, jobQueues } from "@/server/jobs/queues";

const globals = globalThis as { atelierSenders?: Map<string, Promise<PgBoss>> };

/** A pg-boss that only sends: no polling, no maintenance, no schema changes. */
function sender(url: string): Promise<PgBoss> {
  globals.atelierSenders ??= new Map();
  const known = globals.atelierSenders.get(url);
  if (known) return known;
  const started = (async () => {
    const boss = new PgBoss({ connectionString: url, max: 2, supervise: false, schedule: false, migrate: false });
    boss.on("error", () => {});
    await boss.start();
    return boss;
  })();
  globals.atelierSenders.set(url, started);
  // A failed start must not be remembered: the next caller tries again.
  started.catch(() => globals.atelierSenders?.delete(url));
  return started;
}

/**
 * Enqueues a job inside the caller's transaction: it exists exactly when the transaction commits. Payloads are checked
 * against the queue's schema and hold ids only. Handlers run at least once.
 */
export async function enqueue<N extends JobName>(
  ctx: Context,
  tx: Tx,
  name: N,
  payload: JobPayload<N>,
  options: SendOptions = {},
): Promise<void> {
  const schema: z.ZodType = jobQueues[name].payload;
  const boss = await sender(ctx.env.DATABASE_URL);
  await boss.send(name, schema.parse(payload) as object, { ...options, db: fromPrisma(tx) });
}

/** The same for many jobs of one queue, in one statement. */
export async function enqueueAll<N extends JobName>(
  ctx: Context,
  tx: Tx,
  name: N,
  payloads: readonly JobPayload<N>[],
  { priority }: Pick<SendOptions, "priority"> = {},
): Promise<void> {
  if (payloads.length === 0) return;
  const schema: z.ZodType = jobQueues[name].payload;
  const boss = await sender(ctx.env.DATABASE_URL);
  const jobs = payloads.map((payload) => ({ data: schema.parse(payload) as object, priority }));
  await boss.insert(name, jobs, { db: fromPrisma(tx) });
}

/** Stops the senders of this process (tests and command-line tools end with it). */
export async function stopQueue(): Promise<void> {
  const senders = [...(globals.atelierSenders?.values() ?? [])];
  globals.atelierSenders?.clear();
  for (const started of senders) await (await started).stop({ graceful: false });
}
