import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Message, Team, Workshop } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { createDb, type Db } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { queueMail } from "@/server/mail/outbox";
import { countAgain, listMessages, previewMessage, resendMessage, resendMessages } from "@/server/mail/overview";
import { mailTimeline } from "@/server/mail/timeline";
import type { Actor } from "@/server/permissions";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
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
let other: Awaited<ReturnType<typeof makeMember>>;
let architect: Awaited<ReturnType<typeof makeMember>>;

beforeAll(async () => {
  database = await createTestDatabase();
  ({ db, close } = createDb(database.url));
});

afterAll(async () => {
  await stopQueue();
  await close();
  await database.drop();
});

beforeEach(async () => {
  clock = testClock();
  ctx = testContext(db, testEnv(database.url), { kind: "system", by: "clock" }, clock);
  team = await makeTeam(db);
  workshop = await makeWorkshop(db, team.id, { sandboxProfileId: (await makeProfile(db, team.id)).id });
  ana = await makeMember(db, team.id, "account_manager");
  other = await makeMember(db, team.id, "account_manager");
  architect = await makeMember(db, team.id, "solutions_architect");
  for (const { id } of [ana, other]) await makeInvite(db, ctx.env, workshop, id);
});

const as = (actor: Actor): Context => ({ ...ctx, actor });
const queue = (input: Parameters<typeof queueMail>[2]) => db.$transaction((tx) => queueMail(ctx, tx, input));

/** A confirmed registration of an account manager with its mail and reminder. */
async function confirmed(memberId: string) {
  const registration = await makeRegistration(db, workshop, { memberId });
  const { id } = registration;
  const of = { teamId: team.id, workshopId: workshop.id, registrationId: id, recipientKey: id };
  return { registration, message: await queue({ kind: "confirmed", occurrence: "1", ...of }) };
}

const setState = (message: Message, state: Message["state"]) =>
  db.message.update({ where: { id: message.id }, data: { state } });

it("an account manager sees the mails of their own people, an architect the team's, another team none", async () => {
  const mine = await confirmed(ana.id);
  const theirs = await confirmed(other.id);
  const kinds = async (actor: Actor) =>
    (await listMessages(as(actor), { workshopId: workshop.id })).map((row) => row.registrationId);
  expect(new Set(await kinds(ana.actor))).toEqual(new Set([mine.registration.id]));
  expect(new Set(await kinds(architect.actor))).toEqual(new Set([mine.registration.id, theirs.registration.id]));
  const stranger = await makeMember(db, (await makeTeam(db)).id, "admin");
  expect(await kinds(stranger.actor)).toEqual([]);
  for (const act of [previewMessage, resendMessage]) {
    await expect(act(as(ana.actor), { messageId: theirs.message.id })).rejects.toMatchObject({ code: "not_found" });
    await expect(act(as(stranger.actor), { messageId: mine.message.id })).rejects.toMatchObject({ code: "not_found" });
    await expect(act(as({ kind: "visitor" }), { messageId: mine.message.id })).rejects.toMatchObject({
      code: "not_found",
    });
  }
});

it("mails with codes appear nowhere", async () => {
  const { registration } = await confirmed(ana.id);
  const code = await queue({
    ...{ kind: "sign_in_code", teamId: team.id, recipientKey: "att_1", occurrence: "1", attemptId: "att_1" },
    ...{ workshopId: workshop.id, registrationId: registration.id },
  });
  const admin = await makeMember(db, team.id, "admin");
  expect((await listMessages(as(admin.actor))).map((row) => row.kind)).not.toContain("sign_in_code");
  await expect(previewMessage(as(admin.actor), { messageId: code.id })).rejects.toMatchObject({ code: "not_found" });
  const lines = await mailTimeline(as(admin.actor), { workshopId: workshop.id });
  expect(lines.map((line) => line.key)).not.toContain("sign_in_code");
});

it("a preview looks like the mail with a mark in place of the link, mints nothing, and outlives the mail's sense", async () => {
  const { registration, message } = await confirmed(ana.id);
  await setState(message, "sent");
  await db.registration.update({ where: { id: registration.id }, data: { state: "cancelled" } });
  const preview = await previewMessage(as(ana.actor), { messageId: message.id });
  expect(preview.mail?.subject).toBe("You're in: Serverless day, Tue 12 May 09:30, Madrid");
  expect(preview.mail?.html).toContain("link-is-made-when-the-mail-is-sent.invalid");
  expect(preview.mail?.text).toContain("link-is-made-when-the-mail-is-sent.invalid");
  expect(await db.personalLink.count()).toBe(0);
  const kit = await queue({
    ...{ kind: "invitation_kit", teamId: team.id, recipientKey: ana.id, occurrence: "1", workshopId: workshop.id },
    ...{ memberId: ana.id, inviteId: (await db.invite.findFirstOrThrow({ where: { memberId: ana.id } })).id },
  });
  const shown = await previewMessage(as(architect.actor), { messageId: kit.id });
  expect(shown.mail?.text).not.toMatch(/\/i\//);
  await db.person.update({ where: { id: registration.personId }, data: { email: null } });
  expect((await previewMessage(as(ana.actor), { messageId: message.id })).mail).toBeNull();
});

it("sends again what failed or is in doubt, adds a second mail to one that was sent, and nothing twice at a double click", async () => {
  const { message } = await confirmed(ana.id);
  const again = () => resendMessage(as(ana.actor), { messageId: message.id });
  await expect(again()).rejects.toMatchObject({ code: "not_ready" });
  await setState(message, "in_doubt");
  const clicks = await Promise.allSettled([again(), again()]);
  expect(clicks.filter((click) => click.status === "fulfilled")).toHaveLength(1);
  expect(await db.message.findUnique({ where: { id: message.id } })).toMatchObject({
    state: "queued",
    lastError: null,
  });
  await setState(message, "sent");
  await again();
  expect(await db.message.count({ where: { kind: "confirmed", registrationId: message.registrationId } })).toBe(2);
  const entries = await db.auditEntry.findMany({ where: { entityId: message.id, action: "mail.sent_again" } });
  expect(entries).toHaveLength(2);
});

it("sends again everything that failed or is in doubt at once, each once when two press, and only what was seen and is theirs", async () => {
  const mine = [await confirmed(ana.id), await confirmed(ana.id), await confirmed(ana.id)].map((one) => one.message);
  const { message: theirs } = await confirmed(other.id);
  const { message: sent } = await confirmed(ana.id);
  const { message: late } = await confirmed(ana.id);
  await setState(mine[0]!, "failed");
  await setState(mine[1]!, "failed");
  await setState(mine[2]!, "in_doubt");
  await setState(theirs, "failed");
  await setState(sent, "sent");
  await db.message.update({ where: { id: late.id }, data: { state: "failed", notAfter: clock.now() } });
  const count = async (actor: Actor) =>
    (await countAgain(as(actor), { workshopId: workshop.id })).map((group) => [group.kind, group.state, group.count]);
  expect(await count(ana.actor)).toEqual([
    ["confirmed", "failed", 2],
    ["confirmed", "in_doubt", 1],
  ]);
  expect(await count(architect.actor)).toEqual([
    ["confirmed", "failed", 3],
    ["confirmed", "in_doubt", 1],
  ]);
  const wish = { workshopId: workshop.id, kind: null, states: ["failed" as const], seen: 2 };
  await expect(resendMessages(as(ana.actor), { ...wish, seen: 1 })).rejects.toMatchObject({ code: "conflict" });
  expect(await resendMessages(as(ana.actor), { ...wish, kind: "thanks" })).toEqual({ sent: 0 });
  const both = await Promise.all([resendMessages(as(ana.actor), wish), resendMessages(as(ana.actor), wish)]);
  expect(both.reduce((all, one) => all + one.sent, 0)).toBe(2);
  const states = async (messages: Message[]) =>
    Promise.all(messages.map(async ({ id }) => (await db.message.findUniqueOrThrow({ where: { id } })).state));
  expect(await states([...mine, theirs, sent, late])).toEqual([
    ...["queued", "queued", "in_doubt", "failed", "sent", "failed"],
  ]);
  const jobs = await db.$queryRaw<{ id: string }[]>`
    SELECT data->>'messageId' AS id FROM pgboss.job WHERE name = 'mail.send' AND data->>'messageId' IN (${mine[0]!.id}, ${mine[1]!.id})`;
  // One from when each was written, and one more.
  expect(jobs).toHaveLength(4);
  const entries = await db.auditEntry.findMany({ where: { entityId: workshop.id, action: "mail.all_sent_again" } });
  expect(entries.map(({ actorId, detail }) => [actorId, detail])).toEqual([
    [ana.id, { kind: null, states: ["failed"], mails: 2 }],
  ]);
  await expect(countAgain(as({ kind: "visitor" }), { workshopId: workshop.id })).rejects.toMatchObject({
    code: "not_found",
  });
});

it("the mail tab says what went, what waits, and what will come, in the order of time", async () => {
  const { message } = await confirmed(ana.id);
  await confirmed(other.id);
  await setState(message, "sent");
  const lines = await mailTimeline(as(architect.actor), { workshopId: workshop.id });
  const timed = lines.filter((line) => !line.byCause && line.at && line.counts.waiting + line.counts.expected > 0);
  expect(timed.map(({ key, at, counts }) => [key, at?.toISOString(), counts.waiting, counts.expected])).toEqual([
    ["nudge_seats", "2026-05-05T08:00:00.000Z", 0, 2],
    ["reminder", "2026-05-10T07:00:00.000Z", 2, 0],
    ["nudge_closing", "2026-05-11T08:00:00.000Z", 0, 2],
    ["access_ready", "2026-05-12T07:00:00.000Z", 0, 2],
    ["ending_soon", "2026-05-12T14:00:00.000Z", 2, 0],
    ["thanks", "2026-05-12T17:00:00.000Z", 0, 2],
    ["cleanup_report", "2026-05-12T17:00:00.000Z", 0, 1],
  ]);
  expect(lines.find((line) => line.key === "confirmed")?.counts).toMatchObject({ sent: 1, waiting: 1 });
  const own = await mailTimeline(as(ana.actor), { workshopId: workshop.id });
  expect(own.find((line) => line.key === "thanks")).toMatchObject({
    counts: { expected: 1 },
    words: { when: "when the workshop is closed" },
  });
});
