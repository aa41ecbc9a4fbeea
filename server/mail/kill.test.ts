import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { bundle } from "@/scripts/bundle.mjs";
import { systemClock } from "@/server/context";
import { createDb } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { queueMail } from "@/server/mail/outbox";
import { createTestDatabase } from "@/server/testing/database";
import { makeRegistration, makeTeam, makeWorkshop, testClock, testContext, testEnv } from "@/server/testing/factories";
import { startSes } from "@/server/testing/ses";

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

it("killed with -9 while SES slows down and breaks, it loses no mail, sends none twice that it knows was taken, and keeps the pace", {
  timeout: 120_000,
}, async () => {
  const count = 90;
  const perSecond = 100;
  const database = await createTestDatabase();
  const { db, close } = createDb(database.url);
  const ses = await startSes(1);
  ses.set({ perSecond, faults: { throttled: 0.03, broken: 0.03, silent: 0 } });
  const script = await bundle("server/testing/send-mails.ts", resolve(".atelier/bundles/send-mails.mjs"));
  const ctx = testContext(db, testEnv(database.url), { kind: "system", by: "clock" }, systemClock);
  const keys = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };
  try {
    const startsAt = new Date(Date.now() + 10 * 86_400_000);
    const endsAt = new Date(startsAt.getTime() + 3_600_000);
    const workshop = await makeWorkshop(db, (await makeTeam(db)).id, { capacity: count, startsAt, endsAt });
    for (let n = 0; n < count; n++) {
      const { id, teamId, workshopId } = await makeRegistration(db, workshop);
      const of = { teamId, workshopId, registrationId: id, recipientKey: id };
      await db.$transaction((tx) => queueMail(ctx, tx, { kind: "waiting_for_account", occurrence: "1", ...of }));
    }
    await db.workshop.update({ where: { id: workshop.id }, data: { state: "open" } });
    let kills = 0;
    /** Mails noted as sent, with how often SES had taken them by then. */
    const known = new Map<string, number>();
    const takenOf = (id: string) => ses.taken.filter(({ messageId }) => messageId === id).length;
    const open = { state: { in: ["queued" as const, "sending" as const] } };
    for (let round = 0; round < 30 && (await db.message.count({ where: open })) > 0; round++) {
      const before = ses.taken.length;
      const child = spawn(process.execPath, [script, database.url, ses.endpoints[0]!], {
        stdio: "ignore",
        env: { ...process.env, ...keys },
      });
      const ended = once(child, "exit");
      while (child.exitCode === null && ses.taken.length < before + 25)
        await new Promise((done) => setTimeout(done, 5));
      if (child.exitCode === null) {
        child.kill("SIGKILL");
        kills += 1;
      }
      await ended;
      for (const { id } of await db.message.findMany({ where: { state: "sent" }, select: { id: true } }))
        if (!known.has(id)) known.set(id, takenOf(id));
      // A minute passes: pauses between tries are over, and who died does not come back.
      const past = new Date(Date.now() - 60_000);
      await db.message.updateMany({ where: { state: "sending" }, data: { sendingSince: past } });
      await db.message.updateMany({ where: { state: "queued" }, data: { dueAt: past } });
    }
    const taken = Map.groupBy(ses.taken, ({ messageId }) => messageId);
    expect(kills).toBeGreaterThanOrEqual(2);
    expect(await db.message.count({ where: { state: "sent" } })).toBe(count);
    expect(taken.size).toBe(count);
    for (const [id, times] of known) expect(takenOf(id)).toBe(times);
    // Twice only where the process died between SES's answer and its own note of it; never more than it had in its hands.
    const twice = [...taken.values()].filter((times) => times.length > 1);
    expect(twice.length).toBeLessThanOrEqual(kills * 2);
    const sorted = ses.arrivals.toSorted((a, b) => a - b);
    for (const [n, at] of sorted.entries())
      expect((sorted[n + perSecond] ?? Infinity) - at).toBeGreaterThanOrEqual(900);
  } finally {
    await stopQueue();
    await close();
    await database.drop();
    ses.close();
  }
});
