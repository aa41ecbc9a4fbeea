import { z } from "zod";

/**
 * Every job by name: what its payload holds (ids only, no personal data) and how its queue behaves. Pure, so that use cases
 * can enqueue without importing each other's handlers; the handlers stand in registry.ts.
 */

type QueueDefinition = {
  payload: z.ZodType;
  /** Jobs, or handfuls of them, that a worker runs at the same time. */
  concurrency: number;
  /** For many small jobs: so many are taken together, and how long the others wait for one that hangs (slots.ts). */
  handfuls?: { size: number; letGoMilliseconds: number };
  /** A try that takes longer is taken away and run again. */
  expireInSeconds: number;
  retryLimit: number;
  /** Cron expression in UTC, for jobs that run by themselves. */
  schedule?: string;
};

const nothing = z.object({});

export const jobQueues = {
  "sandboxes.vend": {
    payload: z.object({ leaseId: z.string() }),
    concurrency: 24,
    expireInSeconds: 300,
    retryLimit: 8,
  },
  "sandboxes.take-back": {
    payload: z.object({ leaseId: z.string() }),
    concurrency: 12,
    expireInSeconds: 4 * 3600,
    retryLimit: 20,
  },
  "sandboxes.clean": {
    payload: z.object({ accountId: z.string(), cause: z.enum(["new_account", "by_hand"]) }),
    concurrency: 4,
    expireInSeconds: 4 * 3600,
    retryLimit: 20,
  },
  "sandboxes.stack": {
    payload: z.object({ leaseId: z.string() }),
    concurrency: 12,
    expireInSeconds: 180,
    retryLimit: 8,
  },
  "sandboxes.place": {
    payload: z.object({ accountId: z.string() }),
    concurrency: 4,
    expireInSeconds: 120,
    retryLimit: 8,
  },
  "sandboxes.apply-profile": {
    payload: z.object({ teamId: z.string(), profileId: z.string() }),
    concurrency: 1,
    expireInSeconds: 300,
    retryLimit: 8,
  },
  // Cost Explorer is paid by the request: a run that fails waits for the next hour.
  "sandboxes.budgets": {
    payload: nothing,
    concurrency: 1,
    expireInSeconds: 300,
    retryLimit: 0,
    schedule: "17 * * * *",
  },
  "sandboxes.reconcile": {
    payload: z.object({ teamId: z.string() }),
    concurrency: 2,
    expireInSeconds: 900,
    retryLimit: 2,
  },
  // Each run takes one request a step further and enqueues the next.
  "sandboxes.make-account": {
    payload: z.object({ requestId: z.string() }),
    concurrency: 2,
    expireInSeconds: 300,
    retryLimit: 12,
  },
  "sandboxes.tick": { payload: nothing, concurrency: 1, expireInSeconds: 300, retryLimit: 0, schedule: "*/10 * * * *" },
  "workshops.serve-waiting": {
    payload: z.object({ workshopId: z.string() }),
    concurrency: 2,
    expireInSeconds: 120,
    retryLimit: 5,
  },
  "workshops.finish-closing": {
    payload: z.object({ workshopId: z.string() }),
    concurrency: 4,
    expireInSeconds: 120,
    retryLimit: 5,
  },
  "registrations.tick": {
    payload: nothing,
    concurrency: 1,
    expireInSeconds: 300,
    retryLimit: 0,
    schedule: "* * * * *",
  },
  "workshops.tick": { payload: nothing, concurrency: 1, expireInSeconds: 300, retryLimit: 0, schedule: "* * * * *" },
  // Its rows know what became of a mail (mail/deliver.ts): a try that hangs until its time-out holds up nobody.
  "mail.send": {
    payload: z.object({ messageId: z.string() }),
    concurrency: 4,
    handfuls: { size: 16, letGoMilliseconds: 12_000 },
    expireInSeconds: 60,
    retryLimit: 6,
  },
  "mail.write-again": {
    payload: z.object({ suppressedId: z.string() }),
    concurrency: 2,
    expireInSeconds: 60,
    retryLimit: 8,
  },
  "mail.mirror": { payload: nothing, concurrency: 1, expireInSeconds: 300, retryLimit: 1, schedule: "41 * * * *" },
  "mail.tick": { payload: nothing, concurrency: 1, expireInSeconds: 300, retryLimit: 0, schedule: "* * * * *" },
  "mail.rules": { payload: nothing, concurrency: 1, expireInSeconds: 300, retryLimit: 0, schedule: "* * * * *" },
  "mail.replan": { payload: z.object({ workshopId: z.string() }), concurrency: 2, expireInSeconds: 120, retryLimit: 8 },
  "privacy.anonymize": {
    payload: z.object({ workshopId: z.string() }),
    concurrency: 2,
    expireInSeconds: 900,
    retryLimit: 5,
  },
  "privacy.forget-person": {
    payload: z.object({ personId: z.string() }),
    concurrency: 4,
    expireInSeconds: 120,
    retryLimit: 10,
  },
  "privacy.tick": { payload: nothing, concurrency: 1, expireInSeconds: 900, retryLimit: 0, schedule: "*/15 * * * *" },
  "audit.seal": { payload: nothing, concurrency: 1, expireInSeconds: 300, retryLimit: 0, schedule: "* * * * *" },
} as const satisfies Record<string, QueueDefinition>;

export type JobName = keyof typeof jobQueues;
export type JobPayload<N extends JobName> = z.infer<(typeof jobQueues)[N]["payload"]>;

export const jobNames = Object.keys(jobQueues) as JobName[];
