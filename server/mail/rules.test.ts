import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Team, Workshop } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { createDb, type Db } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { send } from "@/server/mail/deliver";
import { tickRules } from "@/server/mail/member-mails";
import { queueClosingMails, queueMail, rescheduleMails, tellQuarantine } from "@/server/mail/outbox";
import { previewMessage } from "@/server/mail/overview";
import { addRule, replan, resetRule, saveRule } from "@/server/mail/rule-edits";
import { reasons } from "@/server/mail/schedule";
import { mailTimeline, previewRule, previewRuleMail, sendRuleNow, teamMailRules } from "@/server/mail/timeline";
import type { Actor } from "@/server/permissions";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
  makeAccount,
  makeInvite,
  makeMember,
  makeProfile,
  makeRegistration,
  makeTeam,
  makeWorkshop,
  type TestClock,
  testClock,
  testContext,
  testEnv,
} from "@/server/testing/factories";

let database: TestDatabase;
let db: Db;
let close: () => Promise<void>;
let clock: TestClock;
let ctx: Context;
let team: Team;
let workshop: Workshop;
let ana: Awaited<ReturnType<typeof makeMember>>;
let leo: Awaited<ReturnType<typeof makeMember>>;
let architect: Awaited<ReturnType<typeof makeMember>>;
let admin: Awaited<ReturnType<typeof makeMember>>;

beforeAll(async () => {
  database = await createTestDatabase();
  ({ db, close } = createDb(database.url));
});

afterAll(async () => {
  await stopQueue();
  await close();
  await database.drop();
});

// Monday 4 May 2026, noon in Madrid; the workshop is on Tuesday the 12th, 09:30.
beforeEach(async () => {
  clock = testClock();
  ctx = testContext(db, testEnv(database.url), { kind: "system", by: "clock" }, clock);
  team = await makeTeam(db, { createdAt: new Date("2026-01-01T00:00:00Z") });
  workshop = await makeWorkshop(db, team.id, { registrationAt: new Date("2026-05-01T08:00:00Z") });
  ana = await makeMember(db, team.id, "account_manager", { name: "Ana Ruiz" });
  leo = await makeMember(db, team.id, "account_manager", { name: "Leo Vidal" });
  architect = await makeMember(db, team.id, "solutions_architect");
  admin = await makeMember(db, team.id, "admin");
  for (const { id } of [ana, leo]) await makeInvite(db, ctx.env, workshop, id);
});

const as = (actor: Actor): Context => ({ ...ctx, actor });
const sa = () => as(architect.actor);
const of = (key: string, workshopId: string | null = workshop.id) => ({ workshopId, key });
const two = { at: "days", anchor: "start", days: -1, time: "10:00" } as const;

/** Somebody who got their seat, with what the rules plan for it. */
async function seated(over: Parameters<typeof makeRegistration>[2] = {}) {
  const registration = await makeRegistration(db, workshop, { memberId: ana.id, ...over });
  const { id } = registration;
  const about = { teamId: team.id, workshopId: workshop.id, registrationId: id, recipientKey: id };
  await db.$transaction((tx) => queueMail(ctx, tx, { kind: "confirmed", occurrence: "1", ...about }));
  return registration;
}

const rows = (kind: string) =>
  db.message.findMany({ where: { workshopId: workshop.id, kind }, orderBy: [{ dueAt: "asc" }, { id: "asc" }] });
const dues = async (kind: string) =>
  (await rows(kind)).filter((row) => row.state === "queued").map((row) => row.dueAt.toISOString());
const line = async (key: string, actor: Actor = architect.actor) => {
  const found = (await mailTimeline(as(actor), { workshopId: workshop.id })).find((one) => one.key === key);
  if (!found) throw new Error(`no rule ${key}`);
  return found;
};

describe("a rule of a workshop", () => {
  it("moves what waits when its time changes, and says before whom it reaches when, and after", async () => {
    await seated({ name: "Lucía Gómez" });
    expect(await dues("reminder")).toEqual(["2026-05-10T07:00:00.000Z"]);
    const preview = await previewRule(sa(), { ...of("reminder"), settings: { when: two } });
    expect(preview.before).toMatchObject([{ name: "Lucía Gómez", at: new Date("2026-05-10T07:00:00Z") }]);
    expect(preview.after).toMatchObject([{ name: "Lucía Gómez", at: new Date("2026-05-11T08:00:00Z") }]);
    expect(await dues("reminder")).toEqual(["2026-05-10T07:00:00.000Z"]);
    await saveRule(sa(), { ...of("reminder"), settings: { when: two }, version: 0 });
    expect(await dues("reminder")).toEqual(["2026-05-11T08:00:00.000Z"]);
    expect(await line("reminder")).toMatchObject({
      source: "workshop",
      version: 1,
      words: { when: "1 day before the start, at 10:00" },
    });
    await resetRule(sa(), { ...of("reminder"), version: 1 });
    expect(await dues("reminder")).toEqual(["2026-05-10T07:00:00.000Z"]);
  });

  it("takes back what waits with the reason when it is turned off, and writes it again when turned on", async () => {
    await seated();
    await saveRule(sa(), { ...of("reminder"), settings: { on: false }, version: 0 });
    expect(await rows("reminder")).toMatchObject([{ state: "cancelled", lastError: reasons.off }]);
    await seated();
    expect(await rows("reminder")).toHaveLength(1);
    await saveRule(sa(), { ...of("reminder"), settings: { on: true }, version: 1 });
    expect(await dues("reminder")).toHaveLength(2);
  });

  it("goes to the part of the attendees that it names", async () => {
    const mine = await seated();
    await seated({ memberId: leo.id });
    const audience = { role: "attendee", states: ["confirmed"], memberIds: [ana.id], locales: [] } as const;
    const settings = { audience: { ...audience, states: ["confirmed"], memberIds: [ana.id], locales: [] } };
    await saveRule(sa(), { ...of("reminder"), settings, version: 0 });
    const left = (await rows("reminder")).filter((row) => row.state === "queued");
    expect(left.map((row) => row.registrationId)).toEqual([mine.id]);
    expect((await line("reminder")).words.audience).toBe("Attendees with a seat, of Ana Ruiz");
  });

  it("may have another beside it, and its unsent mails go when it is deleted", async () => {
    await seated();
    const { key } = await addRule(sa(), { workshopId: workshop.id, base: "reminder", settings: { when: two } });
    expect(await dues("reminder")).toEqual(["2026-05-10T07:00:00.000Z", "2026-05-11T08:00:00.000Z"]);
    await seated();
    expect(await dues("reminder")).toHaveLength(4);
    await resetRule(sa(), { ...of(key), version: 1 });
    expect(await dues("reminder")).toEqual(["2026-05-10T07:00:00.000Z", "2026-05-10T07:00:00.000Z"]);
    expect((await rows("reminder")).filter((row) => row.lastError === reasons.deleted)).toHaveLength(2);
  });

  it("does not fire for who registers after its time; sent by hand, it goes to each once", async () => {
    await seated();
    clock.set("2026-05-10T08:00:00Z");
    await seated();
    expect(await rows("reminder")).toHaveLength(1);
    expect((await line("reminder")).note).toMatch(/who registers now does not get it/);
    expect(await sendRuleNow(sa(), { workshopId: workshop.id, key: "reminder" })).toEqual({ sent: 2 });
    await db.message.updateMany({ where: { kind: "reminder" }, data: { state: "sent" } });
    expect(await sendRuleNow(sa(), { workshopId: workshop.id, key: "reminder" })).toEqual({ sent: 0 });
  });

  it("follows the date, and back", async () => {
    await seated();
    const [before] = await rows("reminder");
    const move = async (days: number) => {
      const shift = (at: Date | null) => at && new Date(at.getTime() + days * 86_400_000);
      const data = { startsAt: shift(workshop.startsAt), endsAt: shift(workshop.endsAt) };
      await db.workshop.update({ where: { id: workshop.id }, data });
      await db.$transaction((tx) => rescheduleMails(ctx, tx, { workshopId: workshop.id }));
    };
    await move(7);
    expect(await dues("reminder")).toEqual(["2026-05-17T07:00:00.000Z"]);
    await move(0);
    expect(await rows("reminder")).toEqual([before]);
    await move(-7);
    expect(await rows("reminder")).toMatchObject([{ id: before?.id, state: "cancelled", lastError: reasons.passed }]);
    await move(0);
    expect(await rows("reminder")).toEqual([before]);
  });

  it("tells the one of two who saves on top of the other's change, and changes nothing", async () => {
    const settings = (days: number) => ({ when: { at: "days", anchor: "start", days, time: "10:00" } as const });
    const both = await Promise.allSettled([
      saveRule(as(ana.actor), { ...of("nudge_seats"), settings: settings(-5), version: 0 }),
      saveRule(as(leo.actor), { ...of("nudge_seats"), settings: settings(-3), version: 0 }),
    ]);
    expect(both.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    const lost = both.find((one) => one.status === "rejected");
    expect(lost?.reason).toMatchObject({ code: "conflict" });
    const now = await line("nudge_seats", ana.actor);
    expect(now).toMatchObject({
      version: 1,
      changed: { by: both[0].status === "fulfilled" ? "Ana Ruiz" : "Leo Vidal" },
    });
    await expect(resetRule(as(ana.actor), { ...of("nudge_seats"), version: 7 })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("is changed by those whose it is: account managers their nudges, architects the workshop's, admins the team's", async () => {
    const settings = { on: false };
    const save = (actor: Actor, key: string, workshopId: string | null) =>
      saveRule(as(actor), { ...of(key, workshopId), settings, version: 0 });
    await expect(save(ana.actor, "reminder", workshop.id)).rejects.toMatchObject({ code: "forbidden" });
    await expect(save(architect.actor, "reminder", null)).rejects.toMatchObject({ code: "forbidden" });
    await expect(save(admin.actor, "confirmed", workshop.id)).rejects.toMatchObject({ code: "forbidden" });
    const stranger = await makeMember(db, (await makeTeam(db)).id, "admin");
    await expect(save(stranger.actor, "reminder", workshop.id)).rejects.toMatchObject({ code: "not_found" });
    await expect(mailTimeline(as(stranger.actor), { workshopId: workshop.id })).rejects.toMatchObject({
      code: "not_found",
    });
    await save(ana.actor, "nudge_seats", workshop.id);
    await save(architect.actor, "reminder", workshop.id);
  });

  it("refuses what makes no mail that is true, and names the field", async () => {
    const save = (key: string, settings: object) => saveRule(sa(), { ...of(key), settings, version: 0 });
    const audience = { role: "attendee", states: ["cancelled"], memberIds: [], locales: [] };
    await expect(save("reminder", { audience })).rejects.toMatchObject({
      code: "invalid",
      detail: { fields: { audience: expect.any(String) } },
    });
    await expect(save("thanks", { when: two })).rejects.toMatchObject({
      detail: { fields: { when: expect.any(String) } },
    });
    await expect(save("reminder", { when: { at: "weekly", weekday: 1, time: "08:00" } })).rejects.toMatchObject({
      code: "invalid",
    });
    await expect(save("nothing", {})).rejects.toMatchObject({ code: "not_found" });
  });

  it("shows an account manager whom of their own it reaches, and how many of others", async () => {
    await seated({ name: "Lucía Gómez" });
    await seated({ memberId: leo.id });
    const preview = await previewRule(as(ana.actor), { ...of("reminder"), settings: {} });
    expect(preview.after.map(({ name }) => name)).toEqual(["Lucía Gómez"]);
    expect(preview.hidden).toEqual({ before: 1, after: 1 });
  });

  it("looks as it will, in the language of who gets it", async () => {
    const registration = await seated();
    await db.person.update({ where: { id: registration.personId }, data: { locale: "es" } });
    const mail = await previewRuleMail(sa(), { workshopId: workshop.id, key: "ending_soon", recipientId: null });
    expect(mail).toBeNull();
    await db.workshop.update({
      where: { id: workshop.id },
      data: { sandboxProfileId: (await makeProfile(db, team.id)).id },
    });
    await db.$transaction((tx) => rescheduleMails(ctx, tx, { workshopId: workshop.id }));
    const shown = await previewRuleMail(sa(), {
      workshopId: workshop.id,
      key: "ending_soon",
      recipientId: registration.id,
    });
    expect(shown).toMatchObject({
      locale: "es",
      subject: "Termina a las 17:00: Serverless day",
      to: registration.person.email,
    });
    expect(await db.message.count({ where: { occurrence: "preview" } })).toBe(0);
  });
});

it("tells what changed as a difference: what is now, and what was until now", async () => {
  const registration = await seated({ name: "Lucía Gómez" });
  const { id } = registration;
  const message = await db.$transaction((tx) =>
    queueMail(ctx, tx, {
      ...{
        kind: "changed",
        teamId: team.id,
        workshopId: workshop.id,
        registrationId: id,
        recipientKey: id,
        occurrence: "v2",
      },
      data: {
        fields: ["startsAt", "place", "agenda"],
        before: {
          ...{ title: workshop.title, timeZone: "Europe/Madrid", link: "", place: "Gran Vía 28, Madrid" },
          ...{ startsAt: "2026-05-11T07:30:00.000Z", endsAt: "2026-05-11T15:00:00.000Z" },
          agenda: [{ startsAt: "09:30", title: "Welcome" }],
        },
      },
    }),
  );
  const { mail } = await previewMessage(sa(), { messageId: message.id });
  expect(mail?.text).toContain("When: Tue 12 May, 09:30–17:00 Madrid\nUntil now: Mon 11 May, 09:30–17:00 Madrid");
  expect(mail?.text).toContain("Where: Calle de Alcalá 1, Madrid\nUntil now: Gran Vía 28, Madrid");
  expect(mail?.text).toContain("Agenda: − 09:30 Welcome");
});

it("reminds in words that are true of its time, in the reader's language", async () => {
  const registration = await seated();
  await saveRule(sa(), { ...of("reminder"), settings: { when: two }, version: 0 });
  const look = () => previewRuleMail(sa(), { workshopId: workshop.id, key: "reminder", recipientId: registration.id });
  expect((await look())?.subject).toBe("Tomorrow: Serverless day, Tue 12 May 09:30, Madrid");
  await db.person.update({ where: { id: registration.personId }, data: { locale: "fr" } });
  expect((await look())?.text).toContain("commence demain");
});

describe("the team's defaults", () => {
  it("hold for each workshop that has no word of its own, and move what waits there", async () => {
    await seated();
    const preview = await previewRule(as(admin.actor), { ...of("reminder", null), settings: { when: two } });
    expect(preview.workshops).toMatchObject([{ id: workshop.id, moved: 1, added: 0, dropped: 0 }]);
    await saveRule(as(admin.actor), { ...of("reminder", null), settings: { when: two }, version: 0 });
    await replan(ctx, { workshopId: workshop.id });
    expect(await dues("reminder")).toEqual(["2026-05-11T08:00:00.000Z"]);
    expect(await line("reminder")).toMatchObject({ source: "team", version: 0 });
    await saveRule(sa(), { ...of("reminder"), settings: { on: false }, version: 0 });
    await saveRule(as(admin.actor), { ...of("reminder", null), settings: {}, version: 1 });
    await replan(ctx, { workshopId: workshop.id });
    expect(await dues("reminder")).toEqual([]);
    expect((await teamMailRules(as(admin.actor))).find((rule) => rule.key === "reminder")).toMatchObject({
      version: 2,
      on: true,
    });
  });
});

describe("mails to members", () => {
  const nudged = async () => (await rows("nudge_seats")).map((row) => row.memberId);

  it("nudge at their time those who have seats left, once, by however many workers", async () => {
    await db.workshopAccountManager.updateMany({
      where: { workshopId: workshop.id, memberId: leo.id },
      data: { seatLimit: 1 },
    });
    await seated({ memberId: leo.id });
    await tickRules(ctx);
    expect(await nudged()).toEqual([]);
    clock.set("2026-05-05T08:00:00Z");
    await Promise.all(Array.from({ length: 4 }, () => tickRules(ctx)));
    expect(await nudged()).toEqual([ana.id]);
    clock.advance(60_000);
    await tickRules(ctx);
    expect(await nudged()).toEqual([ana.id]);
    expect((await line("nudge_seats")).note).toBe("1 did not meet its condition at its time.");
  });

  it("do not come when their time was over before the dates moved there, nor hours late, and say so", async () => {
    clock.set("2026-05-06T08:00:00Z");
    await db.$transaction((tx) => rescheduleMails(ctx, tx, { workshopId: workshop.id }));
    await tickRules(ctx);
    expect(await nudged()).toEqual([]);
    expect((await line("nudge_seats")).note).toMatch(/had passed when the dates/);
    const later = new Date("2026-06-09T07:30:00Z");
    await db.workshop.update({
      where: { id: workshop.id },
      data: { startsAt: later, endsAt: new Date("2026-06-09T15:00:00Z") },
    });
    clock.set("2026-06-03T08:00:00Z");
    await tickRules(ctx);
    expect(await nudged()).toEqual([]);
    expect((await line("nudge_seats")).note).toMatch(/too late/);
  });

  it("tell each week, on the team's Monday, account managers and architects of what is theirs", async () => {
    await tickRules(ctx);
    await tickRules(ctx);
    const digests = await db.message.findMany({ where: { teamId: team.id, kind: "weekly_digest" } });
    expect(new Set(digests.map((row) => row.memberId))).toEqual(new Set([ana.id, leo.id, architect.id]));
    expect(digests).toHaveLength(3);
    clock.set("2026-05-11T06:01:00Z");
    await tickRules(ctx);
    expect(await db.message.count({ where: { teamId: team.id, kind: "weekly_digest" } })).toBe(6);
  });

  it("say what the member needs to know, and are not sent once that is no longer so", async () => {
    await db.workshopAccountManager.updateMany({ where: { memberId: ana.id }, data: { seatLimit: 10 } });
    for (let seat = 0; seat < 7; seat++) await seated();
    await tickRules(ctx);
    clock.set("2026-05-05T08:00:00Z");
    await tickRules(ctx);
    const [nudge] = (await rows("nudge_seats")).filter((row) => row.memberId === ana.id);
    const text = async (id = "") => (await previewMessage(as(admin.actor), { messageId: id })).mail?.text;
    expect(await text(nudge?.id)).toContain(
      "3 seats left of your 10 in Serverless day.\n\n7 people you invited have a seat.",
    );
    await db.workshop.update({ where: { id: workshop.id }, data: { state: "open" } });
    await send(ctx, { messageId: nudge?.id ?? "" });
    expect(await db.message.findUnique({ where: { id: nudge?.id } })).toMatchObject({
      state: "cancelled",
      lastError: "Registration is not open.",
    });
    const digest = await db.message.findFirstOrThrow({ where: { kind: "weekly_digest", memberId: ana.id } });
    expect(await text(digest.id)).toMatch(/7 people got a seat[\s\S]*7 of your 10 seats are taken; 3 are left/);
  });

  it("report a closed workshop's cleanup to who presented it, and a quarantine to admins", async () => {
    const sandboxProfileId = (await makeProfile(db, team.id)).id;
    const closed = { state: "closed", closingAt: clock.now(), closedAt: clock.now(), sandboxProfileId } as const;
    await db.workshop.update({ where: { id: workshop.id }, data: closed });
    await db.workshopPresenter.create({ data: { teamId: team.id, workshopId: workshop.id, memberId: architect.id } });
    const account = await makeAccount(db, team.id, { state: "quarantined", quarantineReason: "A bucket is left." });
    const lease = { id: `lse_${account.id}`, teamId: team.id, workshopId: workshop.id, accountId: account.id };
    await db.lease.create({
      data: { ...lease, holder: "rehearsal", memberId: admin.id, roleName: "r", state: "ended", endedAt: clock.now() },
    });
    for (const _twice of [1, 2]) await db.$transaction((tx) => queueClosingMails(ctx, tx, { workshopId: workshop.id }));
    const reports = await rows("cleanup_report");
    expect(reports.map((row) => row.memberId)).toEqual([architect.id]);
    const text = async (id = "") => (await previewMessage(as(admin.actor), { messageId: id })).mail?.text;
    expect(await text(reports[0]?.id)).toContain("0 of 1 account is empty and back, 1 is quarantined.");
    await db.$transaction((tx) => tellQuarantine(ctx, tx, { teamId: team.id, accountId: account.id }));
    const alarms = await db.message.findMany({ where: { teamId: team.id, kind: "quarantine_alarm" } });
    expect(alarms).toMatchObject([{ memberId: admin.id, urgent: true }]);
    expect(await text(alarms[0]?.id)).toContain("A bucket is left.");
    expect(await text(alarms[0]?.id)).toContain(`/pool/${account.id}`);
  });

  it("go to nobody where the team turned them off", async () => {
    const save = (key: string) => saveRule(as(admin.actor), { ...of(key, null), settings: { on: false }, version: 0 });
    for (const key of ["digest_account_managers", "quarantine_alarm", "nudge_seats", "invitation_kit"]) await save(key);
    await tickRules(ctx);
    clock.set("2026-05-05T08:00:00Z");
    await tickRules(ctx);
    const account = await makeAccount(db, team.id, { state: "quarantined", quarantineReason: "Set aside." });
    await db.$transaction((tx) => tellQuarantine(ctx, tx, { teamId: team.id, accountId: account.id }));
    const kit = { kind: "invitation_kit", teamId: team.id, workshopId: workshop.id, recipientKey: ana.id } as const;
    await db.$transaction((tx) => queueMail(ctx, tx, { ...kit, memberId: ana.id, occurrence: "1" }));
    const made = await db.message.findMany({ where: { teamId: team.id }, orderBy: { kind: "asc" } });
    expect(made.map(({ kind, memberId, state }) => [kind, memberId, state])).toEqual([
      ["invitation_kit", ana.id, "cancelled"],
      ["weekly_digest", architect.id, "queued"],
    ]);
  });
});
