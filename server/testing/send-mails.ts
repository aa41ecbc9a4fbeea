import { systemClock } from "@/server/context";
import { createDb } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { send } from "@/server/mail/deliver";
import { testContext, testEnv } from "@/server/testing/factories";

/**
 * A process that sends what lies in an outbox, to be killed: `DATABASE_URL MAILBOX ISO-TIME`, or in place of the mailbox the
 * address of a double of SES, for which the real time counts. Ends when nothing is left.
 */
const [url = "", target = "", time = ""] = process.argv.slice(2);
const { db, close } = createDb(url, 4);
const ses = target.startsWith("http");
const clock = ses ? systemClock : { now: () => new Date(time) };
const env = testEnv(url, ses ? { AWS_ENDPOINT_URL: target } : { ATELIER_MAILBOX_DIR: target });
const ctx = testContext(db, env, { kind: "system", by: "clock" }, clock);
const left = await db.message.findMany({ where: { state: { in: ["queued", "sending"] } }, select: { id: true } });
// Two at a time, so that a kill finds some in the middle.
const halves = [left.filter((_, n) => n % 2 === 0), left.filter((_, n) => n % 2 === 1)];
await Promise.all(
  halves.map(async (half) => {
    for (const { id } of half) await send(ctx, { messageId: id });
  }),
);
await stopQueue();
await close();
