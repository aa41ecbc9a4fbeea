import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Team, Workshop } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { createDb, type Db } from "@/server/db";
import type { Env } from "@/server/env";
import { stopQueue } from "@/server/jobs/queue";
import { send } from "@/server/mail/deliver";
import type { MailKind } from "@/server/mail/kinds";
import { deliverLocally, forgetLocalMail, listLocalMail, readLocalMail } from "@/server/mail/mailbox";
import { type QueueMailInput, queueMail, rescheduleMails, tickMail } from "@/server/mail/outbox";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { everyRow } from "@/server/testing/everything";
import {
  makeAccount,
  makeInvite,
  makeMember,
  makeRegistration,
  makeTeam,
  makeWorkshop,
  type TestClock,
  testClock,
  testContext,
  testEnv,
} from "@/server/testing/factories";
import { runJobs } from "@/server/testing/jobs";

let database: TestDatabase;
let db: Db;
let close: () => Promise<void>;
let folder: string;
let env: Env;
let clock: TestClock;
let ctx: Context;
let team: Team;
let workshop: Workshop;

beforeAll(async () => {
  database = await createTestDatabase();
  ({ db, close } = createDb(database.url));
  folder = await mkdtemp(join(tmpdir(), "mailbox-"));
  env = testEnv(database.url, { ATELIER_MAILBOX_DIR: folder });
});

afterAll(async () => {
  await stopQueue();
  await close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  clock = testClock();
  ctx = testContext(db, env, { kind: "system", by: "clock" }, clock);
  team = await makeTeam(db);
  workshop = await makeWorkshop(db, team.id);
  await db.message.deleteMany();
  for (const name of await readdir(folder)) await rm(join(folder, name));
});

type Registration = Awaited<ReturnType<typeof makeRegistration>>;

function mailTo(registration: Registration, kind: MailKind, over: Partial<QueueMailInput> = {}): QueueMailInput {
  const { id, teamId, workshopId } = registration;
  return { kind, teamId, recipientKey: id, occurrence: "1", workshopId, registrationId: id, ...over };
}

const queue = (input: QueueMailInput) => db.$transaction((tx) => queueMail(ctx, tx, input));
const stateOf = async (id: string) => (await db.message.findUniqueOrThrow({ where: { id } })).state;
const runMail = () => runJobs(ctx, ["mail.send"]);

describe("the outbox", () => {
  it("sends what was queued with its cause, and nothing of a cause that was rolled back", async () => {
    const registration = await makeRegistration(db, workshop);
    await expect(
      db.$transaction(async (tx) => {
        await queueMail(ctx, tx, mailTo(registration, "confirmed"));
        throw new Error("the cause failed");
      }),
    ).rejects.toThrow("the cause failed");
    await runMail();
    expect(await listLocalMail(ctx)).toEqual([]);
    const message = await queue(mailTo(registration, "confirmed"));
    await runMail();
    expect(await stateOf(message.id)).toBe("sent");
    expect(await listLocalMail(ctx)).toMatchObject([
      {
        subject: "You're in: Serverless day, Tue 12 May 09:30, Madrid",
        to: expect.stringContaining("@customer.example"),
      },
    ]);
  });

  it("keeps one mail for a kind, a recipient and an occurrence, also when twenty ask at once", async () => {
    const registration = await makeRegistration(db, workshop);
    const rows = await Promise.all(Array.from({ length: 20 }, () => queue(mailTo(registration, "confirmed"))));
    expect(new Set(rows.map((row) => row.id)).size).toBe(1);
    await runMail();
    expect(await listLocalMail(ctx)).toHaveLength(1);
    await queue(mailTo(registration, "confirmed", { occurrence: "2" }));
    await runMail();
    expect(await listLocalMail(ctx)).toHaveLength(2);
  });

  it("is emptied once by workers that send at the same time", async () => {
    const registration = await makeRegistration(db, workshop);
    const message = await queue(mailTo(registration, "confirmed"));
    await Promise.all(Array.from({ length: 8 }, () => send(ctx, { messageId: message.id })));
    expect(await listLocalMail(ctx)).toHaveLength(1);
    expect(await db.message.findUniqueOrThrow({ where: { id: message.id } })).toMatchObject({
      attempts: 1,
      state: "sent",
    });
  });

  it("holds a later mail until its time, then the tick sends it", async () => {
    const registration = await makeRegistration(db, workshop);
    const dueAt = new Date(clock.now().getTime() + 3_600_000);
    const message = await queue(mailTo(registration, "reminder", { dueAt }));
    await runMail();
    await tickMail(ctx);
    await runMail();
    expect(await stateOf(message.id)).toBe("queued");
    clock.advance(3_600_000);
    await tickMail(ctx);
    await runMail();
    expect(await stateOf(message.id)).toBe("sent");
  });

  it("does not send what comes too late, and shows it", async () => {
    const registration = await makeRegistration(db, workshop);
    const notAfter = new Date(clock.now().getTime() + 60_000);
    const message = await queue(mailTo(registration, "confirmed", { notAfter }));
    clock.advance(60_000);
    await runMail();
    expect(await db.message.findUniqueOrThrow({ where: { id: message.id } })).toMatchObject({
      state: "too_late",
      lastError: expect.stringContaining("time had passed"),
    });
    expect(await listLocalMail(ctx)).toEqual([]);
  });

  it("asks at the last moment whether a mail is still true", async () => {
    const registration = await makeRegistration(db, workshop);
    const message = await queue(mailTo(registration, "reminder"));
    await db.registration.update({ where: { id: registration.id }, data: { state: "cancelled" } });
    await runMail();
    expect(await stateOf(message.id)).toBe("cancelled");
    const cancelled = await makeWorkshop(db, team.id, { state: "cancelled" });
    const other = await makeRegistration(db, cancelled);
    const reminder = await queue(mailTo(other, "reminder"));
    const news = await queue(mailTo(other, "workshop_cancelled"));
    await runMail();
    expect([await stateOf(reminder.id), await stateOf(news.id)]).toEqual(["cancelled", "sent"]);
  });

  it("does not tell people about a workshop that is over", async () => {
    const registration = await makeRegistration(db, workshop);
    const message = await queue(mailTo(registration, "confirmed"));
    clock.set(workshop.endsAt!);
    await runMail();
    expect(await stateOf(message.id)).toBe("too_late");
  });

  it("ends clearly for a registration, a person or a message that is gone", async () => {
    const registration = await makeRegistration(db, workshop);
    const message = await queue(mailTo(registration, "confirmed"));
    await db.message.update({ where: { id: message.id }, data: { registrationId: null } });
    await runMail();
    expect(await stateOf(message.id)).toBe("cancelled");
    const forgotten = await makeRegistration(db, workshop);
    const second = await queue(mailTo(forgotten, "confirmed"));
    await db.person.update({ where: { id: forgotten.personId }, data: { email: null, name: null } });
    await runMail();
    expect(await stateOf(second.id)).toBe("cancelled");
    await expect(send(ctx, { messageId: "msg_gone" })).resolves.toBeUndefined();
  });
});

describe("a row whose worker died while sending", () => {
  async function interrupted(kind: MailKind) {
    const registration = await makeRegistration(
      db,
      workshop,
      kind === "confirm_address" ? { state: "unverified" } : {},
    );
    const message = await queue(mailTo(registration, kind));
    await db.message.update({
      where: { id: message.id },
      data: { state: "sending", attempts: 1, sendingSince: clock.now() },
    });
    return message;
  }

  it("is left alone while the worker may still be at it", async () => {
    const message = await interrupted("reminder");
    await tickMail(ctx);
    await runMail();
    expect(await stateOf(message.id)).toBe("sending");
  });

  it("is marked sent when the mail lies in the mailbox, and goes again when it does not", async () => {
    const arrived = await interrupted("reminder");
    const lost = await interrupted("reminder");
    await deliverLocally(folder, arrived.id, 1, new TextEncoder().encode("Subject: arrived\r\n\r\nbody"));
    clock.advance(60_000);
    await tickMail(ctx);
    await runMail();
    expect([await stateOf(arrived.id), await stateOf(lost.id)]).toEqual(["sent", "sent"]);
    expect((await readdir(folder)).sort()).toEqual([`${arrived.id}.1.eml`, `${lost.id}.2.eml`].sort());
  });

  it("goes again through SES when somebody waits for it, else it is shown as in doubt", async () => {
    const bulk = await interrupted("reminder");
    const urgent = await interrupted("confirm_address");
    clock.advance(60_000);
    // Nobody answers at this endpoint: the urgent mail is tried, which is what has to be seen.
    const ses = testEnv(database.url, { AWS_ENDPOINT_URL: "http://127.0.0.1:9", ATELIER_CLOUD_OFF: "none" });
    const withSes = { ...ctx, env: ses };
    await tickMail(withSes);
    await runJobs(withSes, ["mail.send"]);
    expect(await stateOf(bulk.id)).toBe("in_doubt");
    expect(await db.message.findUniqueOrThrow({ where: { id: urgent.id } })).toMatchObject({
      state: "queued",
      attempts: 2,
    });
  });
});

describe("a transport that refuses", () => {
  it("is tried again with growing pauses, then the mail has failed with a reason in words", async () => {
    const registration = await makeRegistration(db, workshop);
    const message = await queue(mailTo(registration, "reminder", { notAfter: new Date("2027-01-01") }));
    const blocked = { ...ctx, env: testEnv(database.url, { ATELIER_MAILBOX_DIR: "/dev/null/nowhere" }) };
    for (let tries = 0; tries < 7; tries++) {
      await tickMail(blocked);
      await runJobs(blocked, ["mail.send"]);
      clock.advance(3_600_000);
    }
    expect(await db.message.findUniqueOrThrow({ where: { id: message.id } })).toMatchObject({
      state: "failed",
      attempts: 7,
      lastError: "The mailbox folder cannot be written. Tried 7 times.",
    });
  });
});

describe("the reminder", () => {
  const reminders = (registrationId: string) =>
    db.message.findMany({ where: { registrationId, kind: "reminder" }, orderBy: { createdAt: "asc" } });
  const reschedule = () => db.$transaction((tx) => rescheduleMails(ctx, tx, { workshopId: workshop.id }));
  const move = (startsAt: string) =>
    db.workshop.update({
      where: { id: workshop.id },
      data: {
        startsAt: new Date(startsAt),
        endsAt: new Date(new Date(startsAt).getTime() + 28_800_000),
        scheduleVersion: { increment: 1 },
      },
    });

  it("is planned with the seat, two days before at 09:00 in the workshop's place", async () => {
    const registration = await makeRegistration(db, workshop);
    await queue(mailTo(registration, "confirmed"));
    expect(await reminders(registration.id)).toMatchObject([
      { dueAt: new Date("2026-05-10T07:00:00Z"), state: "queued" },
    ]);
  });

  it("is not planned for somebody who gets a seat after its moment", async () => {
    clock.set("2026-05-10T07:00:00Z");
    const registration = await makeRegistration(db, workshop);
    await queue(mailTo(registration, "confirmed"));
    expect(await reminders(registration.id)).toEqual([]);
  });

  it("follows the dates: unsent it moves, sent it comes again for the new date, past it is taken back", async () => {
    const registration = await makeRegistration(db, workshop);
    await queue(mailTo(registration, "confirmed"));
    await move("2026-05-19T07:30:00Z");
    await reschedule();
    expect(await reminders(registration.id)).toMatchObject([{ dueAt: new Date("2026-05-17T07:00:00Z") }]);
    clock.set("2026-05-17T07:00:00Z");
    await tickMail(ctx);
    await runMail();
    await move("2026-05-26T07:30:00Z");
    await reschedule();
    await reschedule();
    expect(await reminders(registration.id)).toMatchObject([
      { state: "sent", occurrence: "2026-05-19T07:30Z" },
      { state: "queued", occurrence: "2026-05-26T07:30Z", dueAt: new Date("2026-05-24T07:00:00Z") },
    ]);
    await move("2026-05-18T07:30:00Z");
    await reschedule();
    expect((await reminders(registration.id)).map((row) => row.state)).toEqual(["sent", "cancelled"]);
  });

  it("is taken back with the workshop", async () => {
    const registration = await makeRegistration(db, workshop);
    await queue(mailTo(registration, "confirmed"));
    await db.workshop.update({ where: { id: workshop.id }, data: { state: "cancelled" } });
    await queue(mailTo(registration, "workshop_cancelled"));
    await reschedule();
    expect((await reminders(registration.id)).map((row) => row.state)).toEqual(["cancelled"]);
  });

  it("is taken back with the registration", async () => {
    const registration = await makeRegistration(db, workshop);
    await queue(mailTo(registration, "confirmed"));
    await queue(mailTo(registration, "registration_cancelled"));
    expect((await reminders(registration.id)).map((row) => row.state)).toEqual(["cancelled"]);
  });
});

describe("what stands in a mail", () => {
  async function everyKind() {
    const manager = await makeMember(db, team.id, "account_manager", { name: "Ana Ruiz" });
    const invite = await makeInvite(db, env, workshop, manager.id);
    const open = await makeWorkshop(db, team.id, { state: "open" });
    const closed = await makeWorkshop(db, team.id, { state: "closing" });
    const cancelled = await makeWorkshop(db, team.id, { state: "cancelled" });
    const made = (at: Workshop, state: Registration["state"]) =>
      makeRegistration(db, at, {
        ...{ state, memberId: manager.id, inviteId: at === workshop ? invite.id : null },
        calendarParts: state === "waitlisted" ? [] : ["whole"],
      });
    const inside = await made(open, "confirmed");
    const account = await makeAccount(db, team.id, { state: "leased" });
    await db.lease.create({
      data: {
        id: ctx.newId("lease"),
        teamId: team.id,
        workshopId: open.id,
        accountId: account.id,
        holder: "registration",
        registrationId: inside.id,
        state: "ready",
        roleName: "lease",
      },
    });
    const attempt = await db.signInAttempt.create({
      data: {
        id: ctx.newId("attempt"),
        audience: "member",
        emailHash: "hash",
        identityId: manager.identityId,
        expiresAt: new Date(clock.now().getTime() + 600_000),
      },
    });
    await queue({
      kind: "sign_in_code",
      teamId: null,
      recipientKey: attempt.id,
      occurrence: "1",
      attemptId: attempt.id,
    });
    await queue({
      kind: "invitation_kit",
      teamId: team.id,
      recipientKey: manager.id,
      occurrence: invite.id,
      workshopId: workshop.id,
      inviteId: invite.id,
      memberId: manager.id,
    });
    await queue({
      kind: "accounts_missing",
      teamId: team.id,
      recipientKey: manager.id,
      occurrence: open.id,
      workshopId: open.id,
      memberId: manager.id,
      data: { waiting: 2 },
    });
    await queue({
      kind: "machines_stopped",
      teamId: team.id,
      recipientKey: manager.id,
      occurrence: closed.id,
      workshopId: closed.id,
      memberId: manager.id,
      data: { machines: 3, lost: 1 },
    });
    await queue({
      kind: "budget_reached",
      teamId: team.id,
      recipientKey: manager.id,
      occurrence: open.id,
      workshopId: open.id,
      memberId: manager.id,
      data: { percent: 100, accounts: 2, frozen: 1, budgetMinor: 2500, currency: "USD" },
    });
    for (const input of [
      mailTo(await made(workshop, "unverified"), "confirm_address"),
      mailTo(await made(workshop, "confirmed"), "confirmed"),
      mailTo(await made(workshop, "waitlisted"), "waitlisted"),
      mailTo(await made(workshop, "confirmed"), "promoted"),
      mailTo(await made(workshop, "confirmed"), "changed", { data: { fields: ["startsAt", "place"] } }),
      mailTo(await made(workshop, "cancelled"), "registration_cancelled"),
      mailTo(await made(cancelled, "confirmed"), "workshop_cancelled"),
      mailTo(await made(workshop, "confirmed"), "reminder"),
      mailTo(inside, "access_ready"),
      mailTo(await made(open, "confirmed"), "waiting_for_account"),
      mailTo(await made(closed, "attended"), "thanks"),
    ])
      await queue(input);
    await runMail();
    const mails = await Promise.all((await listLocalMail(ctx)).map(({ id }) => readLocalMail(ctx, { id })));
    const rows = await db.message.findMany({ where: { state: "sent" } });
    return mails.map((mail) => ({ ...mail, kind: rows.find((row) => mail.id.startsWith(row.id))!.kind }));
  }

  const withCalendar = ["confirmed", "promoted", "changed", "registration_cancelled", "workshop_cancelled"];

  it("is short, goes from the team with answers to the account manager, and carries no mark of a template", async () => {
    const mails = await everyKind();
    expect(mails).toHaveLength(16);
    for (const mail of mails) {
      expect(mail.from).toBe("Iberia workshops <workshops@iberia.example>");
      if (
        mail.kind !== "sign_in_code" &&
        !["invitation_kit", "accounts_missing", "machines_stopped", "budget_reached"].includes(mail.kind)
      )
        expect(mail.replyTo).toContain("Ana Ruiz");
      for (const body of [mail.text, mail.html, mail.subject]) expect(body).not.toMatch(/undefined|null|NaN|\[object/);
      expect(mail.text.split(/\s+/).length, `${mail.kind}\n${mail.text}`).toBeLessThan(120);
      expect(mail.text).not.toMatch(/please|successfully|!/i);
      expect(mail.html).toContain('lang="en"');
      expect(mail.calendar !== null, mail.kind).toBe(withCalendar.includes(mail.kind));
      if (mail.calendar)
        expect(mail.calendar).toContain(mail.kind.endsWith("cancelled") ? "METHOD:CANCEL" : "METHOD:REQUEST");
    }
  });

  it("carries its calendar entry as the last alternative of the text and as a file, each with the method in its type", async () => {
    const confirmed = await queue(mailTo(await makeRegistration(db, workshop), "confirmed"));
    const cancelled = await queue(
      mailTo(
        await makeRegistration(db, workshop, { state: "cancelled", calendarParts: ["whole"] }),
        "registration_cancelled",
      ),
    );
    await runMail();
    for (const [message, method] of [
      [confirmed, "REQUEST"],
      [cancelled, "CANCEL"],
    ] as const) {
      const raw = await readFile(join(folder, `${message.id}.1.eml`), "utf8");
      const types = [...raw.replace(/\r\n[ \t]+/g, " ").matchAll(/^content-type: ?([^\r]+)/gim)].map(
        ([, type]) => type,
      );
      const [mixed, alternative, text, html, calendar, file] = types;
      expect([mixed, alternative].map((type) => type?.split(";")[0])).toEqual([
        "multipart/mixed",
        "multipart/alternative",
      ]);
      expect([text, html].map((type) => type?.split(";")[0])).toEqual(["text/plain", "text/html"]);
      expect(calendar).toMatch(new RegExp(`^text/calendar;(?=.*charset=utf-8).*method=${method}`, "i"));
      expect(file).toMatch(/^application\/ics;.*name="?workshop\.ics/);
    }
  });

  it("carries a file with a method of its own for each further point of the agenda", async () => {
    const agenda = ["09:30", "11:00", "15:00"].map((startsAt) => ({ startsAt, title: "Build", description: "" }));
    const pointed = await makeWorkshop(db, team.id, { agenda, calendarItems: true });
    const message = await queue(mailTo(await makeRegistration(db, pointed), "confirmed"));
    await runMail();
    const raw = (await readFile(join(folder, `${message.id}.1.eml`), "utf8")).replace(/\r\n[ \t]+/g, " ");
    for (const name of ["workshop.ics", "workshop-2.ics", "workshop-3.ics"]) expect(raw).toContain(`filename=${name}`);
    expect(raw.match(/^content-type: text\/calendar;(?=.*charset=utf-8).*method=REQUEST/gim)).toHaveLength(3);
  });

  it("is in no row: no code, no link and no address of the mails is found in any table", async () => {
    const mails = await everyKind();
    const secrets = new Set<string>();
    for (const { text } of mails) {
      for (const [, token] of text.matchAll(/https?:\/\/[^\s]*\/([A-Za-z0-9_-]{32})(?![A-Za-z0-9_-])/g))
        secrets.add(token!);
      for (const [code] of text.matchAll(/\b\d{6}\b/g)) secrets.add(code);
    }
    expect(secrets.size).toBeGreaterThanOrEqual(11);
    const rows = await everyRow(db);
    const addresses = mails.map((mail) => /<(.+)>$/.exec(mail.to)?.[1] ?? mail.to);
    for (const { table, text } of rows) {
      for (const secret of secrets) expect(text.includes(secret), `${secret} in ${table}`).toBe(false);
      if (table.endsWith("Person") || table.endsWith("Identity")) continue;
      for (const address of addresses) expect(text.includes(address), `${address} in ${table}`).toBe(false);
    }
  });

  it("shows typed text as text", async () => {
    const strange = await makeWorkshop(db, team.id, {
      title: `<img src=x onerror=alert(1)> "Ünïcode" 🎈\r\nBcc: x@y.example`,
    });
    const registration = await makeRegistration(db, strange, {
      name: '"><script>alert(1)</script>\r\nBcc: z@y.example',
    });
    const message = await queue(mailTo(registration, "confirmed"));
    await runMail();
    const raw = await readFile(join(folder, `${message.id}.1.eml`), "utf8");
    expect(raw.split("\r\n\r\n")[0]).not.toMatch(/^Bcc:/im);
    const mail = await readLocalMail(ctx, { id: `${message.id}.1` });
    expect(mail.html).not.toContain("<img src=x");
    expect(mail.subject).toContain("🎈");
  });
});

describe("the local mailbox", () => {
  it("forgets the mails of a person by message and by address, and reads no other file", async () => {
    const first = await makeRegistration(db, workshop, { email: "canary@customer.example" });
    const second = await makeRegistration(db, workshop);
    const message = await queue(mailTo(first, "confirmed"));
    await queue(mailTo(first, "changed"));
    await queue(mailTo(second, "confirmed"));
    await runMail();
    expect(await listLocalMail(ctx, { search: "CANARY" })).toHaveLength(2);
    expect(await forgetLocalMail(env, { messageIds: [message.id], addresses: ["canary@customer.example"] })).toBe(2);
    expect(await listLocalMail(ctx)).toHaveLength(1);
    await expect(readLocalMail(ctx, { id: "../../etc/passwd" })).rejects.toMatchObject({ code: "not_found" });
  });

  it("does not exist in production, whatever the settings say", async () => {
    const production = { ...ctx, env: { ...env, ATELIER_MODE: "production" as const } };
    await expect(listLocalMail(production)).rejects.toMatchObject({ code: "not_found" });
    await expect(readLocalMail(production, { id: "msg_1.1" })).rejects.toMatchObject({ code: "not_found" });
  });
});
