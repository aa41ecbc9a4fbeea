import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { bundle } from "@/scripts/bundle.mjs";
import { createDb } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { queueMail } from "@/server/mail/outbox";
import { createTestDatabase } from "@/server/testing/database";
import { makeRegistration, makeTeam, makeWorkshop, testClock, testContext, testEnv } from "@/server/testing/factories";

const mails = 32;

it("killed with -9 again and again while sending, every mail arrives, and none twice", {
  timeout: 120_000,
}, async () => {
  const database = await createTestDatabase();
  const { db, close } = createDb(database.url);
  const folder = await mkdtemp(join(tmpdir(), "mailbox-"));
  const script = await bundle("server/testing/send-mails.ts", resolve(".atelier/bundles/send-mails.mjs"));
  const clock = testClock();
  const ctx = testContext(db, testEnv(database.url), { kind: "system", by: "clock" }, clock);
  const arrivedNow = async () => (await readdir(folder)).filter((name) => name.endsWith(".eml")).length;
  try {
    const workshop = await makeWorkshop(db, (await makeTeam(db)).id, { capacity: mails });
    for (let n = 0; n < mails; n++) {
      const { id, teamId, workshopId } = await makeRegistration(db, workshop);
      const input = {
        kind: "changed",
        occurrence: "1",
        teamId,
        workshopId,
        registrationId: id,
        recipientKey: id,
      } as const;
      await db.$transaction((tx) => queueMail(ctx, tx, input));
    }
    let kills = 0;
    for (let round = 0; round < 40; round++) {
      const before = await arrivedNow();
      const child = spawn(process.execPath, [script, database.url, folder, clock.now().toISOString()], {
        stdio: "ignore",
      });
      const ended = once(child, "exit");
      let over = false;
      void ended.then(() => {
        over = true;
      });
      // Killed once some more have arrived, at whatever step the others are.
      while (!over && (await arrivedNow()) < before + 8) await new Promise((done) => setTimeout(done, 5));
      if (!over) {
        child.kill("SIGKILL");
        kills += 1;
      }
      await ended;
      clock.advance(60_000);
      if ((await db.message.count({ where: { state: { in: ["queued", "sending"] } } })) === 0) break;
    }
    expect(kills).toBeGreaterThanOrEqual(2);
    expect(await db.message.count({ where: { state: "sent" } })).toBe(mails);
    const names = (await readdir(folder)).filter((name) => name.endsWith(".eml"));
    expect(new Set(names.map((name) => name.split(".")[0])).size).toBe(mails);
    expect(names).toHaveLength(mails);
  } finally {
    await stopQueue();
    await close();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
});
