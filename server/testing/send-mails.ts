import { createDb } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { send } from "@/server/mail/deliver";
import { testContext, testEnv } from "@/server/testing/factories";

/** A process that sends what lies in an outbox, to be killed: `DATABASE_URL MAILBOX ISO-TIME`. Ends when nothing is left. */
const [url = "", mailbox = "", time = ""] = process.argv.slice(2);
const { db, close } = createDb(url, 4);
const clock = { now: () => new Date(time) };
const ctx = testContext(db, testEnv(url, { ATELIER_MAILBOX_DIR: mailbox }), { kind: "system", by: "clock" }, clock);
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
