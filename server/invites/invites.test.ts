import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import {
  createInvite,
  declineInvite,
  ensureInvite,
  invitedDomains,
  inviteLink,
  invitePerson,
  isOpening,
  listInvites,
  readInvite,
  recordOpened,
  resendInvite,
  revokeInvite,
} from "@/server/invites/invites";
import { editInvite } from "@/server/invites/quotas";
import { stopQueue } from "@/server/jobs/queue";
import { prepare } from "@/server/mail/facts";
import type { Actor } from "@/server/permissions";
import { limit } from "@/server/rate-limit";
import { register } from "@/server/registrations/registrations";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
  makeMember,
  makeRegistration,
  makeTeam,
  makeWorkshop,
  testClock,
  testContext,
  testEnv,
} from "@/server/testing/factories";

let database: TestDatabase;
let connection: ReturnType<typeof createDb>;
let team: Awaited<ReturnType<typeof makeTeam>>;
let ana: Awaited<ReturnType<typeof makeMember>>;
let ben: Awaited<ReturnType<typeof makeMember>>;
let architect: Awaited<ReturnType<typeof makeMember>>;
let visitor: Context;
const clock = testClock();

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url);
  visitor = testContext(connection.db, testEnv(database.url), { kind: "visitor" }, clock);
  team = await makeTeam(connection.db);
  ana = await makeMember(connection.db, team.id, "account_manager", { name: "Ana Ruiz" });
  ben = await makeMember(connection.db, team.id, "account_manager", { name: "Ben Soto" });
  architect = await makeMember(connection.db, team.id, "solutions_architect");
});

afterAll(async () => {
  await stopQueue();
  await connection.close();
  await database.drop();
});

const as = (actor: Actor): Context => ({ ...visitor, actor });
const tokenOf = (link: string) => link.split("/").at(-1) ?? "";

async function workshopFor(members: { id: string }[], over = {}) {
  const workshop = await makeWorkshop(connection.db, team.id, over);
  await connection.db.workshopAccountManager.createMany({
    data: members.map(({ id }) => ({ teamId: team.id, workshopId: workshop.id, memberId: id })),
  });
  return workshop;
}

test("a link has at least 128 random bits, only its hash and an encrypted copy are stored, and its owner and who acts for them can copy it again", async () => {
  const workshop = await workshopFor([ana]);
  const { inviteId, link } = await createInvite(as(ana.actor), { workshopId: workshop.id, customerName: "Acme" });
  const token = tokenOf(link);
  expect(Buffer.from(token, "base64url").length * 8).toBeGreaterThanOrEqual(128);
  const row = await connection.db.invite.findUniqueOrThrow({ where: { id: inviteId } });
  expect(JSON.stringify(row)).not.toContain(token);
  expect(inviteLink(visitor, row)).toBe(link);
  expect((await readInvite(visitor, { token }))?.host).toEqual({ name: "Ana Ruiz", email: ana.identity.email });
  const seenBy = async (actor: Actor) =>
    (await listInvites(as(actor), { workshopId: workshop.id })).map((row) => row.link);
  expect(await seenBy(ana.actor)).toEqual([link]);
  expect(await seenBy(architect.actor)).toEqual([link]);
  expect(await seenBy(ben.actor)).toEqual([]);
});

test("a customer is found again in whatever case the name is written, also by two at once", async () => {
  const workshop = await workshopFor([ana, ben]);
  const names = ["Globex", "GLOBEX ", "globex", "Globex"];
  await Promise.all(
    names.map((customerName, index) =>
      createInvite(as(index % 2 ? ana.actor : ben.actor), { workshopId: workshop.id, customerName }),
    ),
  );
  const customers = await connection.db.customer.findMany({
    where: { name: { equals: "globex", mode: "insensitive" } },
  });
  expect(customers).toHaveLength(1);
  // "%" and "_" are letters of a name, not wildcards.
  await createInvite(as(ana.actor), { workshopId: workshop.id, customerName: "Glob_x" });
  expect(await connection.db.customer.count({ where: { name: "Glob_x" } })).toBe(1);
});

test("an account manager has one link for everybody, however often it is asked for", async () => {
  const workshop = await workshopFor([ana]);
  const input = { teamId: team.id, workshopId: workshop.id, memberId: ana.id };
  const ensure = () => connection.db.$transaction((tx) => ensureInvite(as(architect.actor), tx, input));
  const ids = (await Promise.all([ensure(), ensure(), ensure()])).map((invite) => invite.id);
  expect(new Set(ids).size).toBe(1);
  await expect(createInvite(as(ana.actor), { workshopId: workshop.id })).rejects.toMatchObject({ code: "conflict" });
  await revokeInvite(as(ana.actor), { inviteId: ids[0] ?? "", reason: "posted in public" });
  expect((await ensure()).id).not.toBe(ids[0]);
});

test("an account manager makes and ends their own links only, where they invite; others answer as if nothing were there", async () => {
  const workshop = await workshopFor([ana]);
  const otherTeam = await makeTeam(connection.db);
  const foreign = await makeMember(connection.db, otherTeam.id, "admin");
  const { inviteId } = await createInvite(as(ana.actor), { workshopId: workshop.id, customerName: "Initech" });
  const attempts = [
    () => createInvite(as(ben.actor), { workshopId: workshop.id, customerName: "Initech" }),
    () => createInvite(as(ana.actor), { workshopId: workshop.id, memberId: ben.id, customerName: "Initech" }),
    () => createInvite(as(foreign.actor), { workshopId: workshop.id, memberId: ana.id, customerName: "Initech" }),
    () => createInvite(visitor, { workshopId: workshop.id, customerName: "Initech" }),
    () => revokeInvite(as(ben.actor), { inviteId, reason: "mine" }),
    () => revokeInvite(as(foreign.actor), { inviteId, reason: "mine" }),
    () => listInvites(visitor),
  ];
  for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: "not_found" });
  await expect(createInvite(as(architect.actor), { workshopId: workshop.id, memberId: ben.id })).rejects.toMatchObject({
    code: "invalid",
  });
  await revokeInvite(as(architect.actor), { inviteId, reason: "asked by the customer" });
  await expect(revokeInvite(as(ana.actor), { inviteId, reason: "again" })).rejects.toMatchObject({ code: "conflict" });
});

test("limits that make no sense are refused: no seats, half a seat, an expiry that has passed, a workshop that is over", async () => {
  const workshop = await workshopFor([ana]);
  const base = { workshopId: workshop.id, customerName: "Hooli" };
  for (const seatLimit of [0, -1, 1.5, Number.NaN])
    await expect(createInvite(as(ana.actor), { ...base, seatLimit })).rejects.toThrow();
  await expect(createInvite(as(ana.actor), { ...base, expiresAt: clock.now() })).rejects.toMatchObject({
    code: "invalid",
  });
  const over = await workshopFor([ana], { state: "closed" });
  await expect(createInvite(as(ana.actor), { workshopId: over.id, customerName: "Hooli" })).rejects.toMatchObject({
    code: "not_ready",
  });
});

test("opened, registered and confirmed are counted for each link, and the facts name nobody", async () => {
  const workshop = await workshopFor([ana]);
  const { inviteId, link } = await createInvite(as(ana.actor), { workshopId: workshop.id, customerName: "Umbrella" });
  await recordOpened(visitor, { token: tokenOf(link) });
  await recordOpened(visitor, { token: tokenOf(link) });
  await recordOpened(visitor, { token: "A".repeat(32) });
  const own = { inviteId, memberId: ana.id };
  await makeRegistration(connection.db, workshop, { ...own, state: "unverified" });
  await makeRegistration(connection.db, workshop, { ...own, state: "waitlisted" });
  await makeRegistration(connection.db, workshop, own);
  const [row] = await listInvites(as(ana.actor), { workshopId: workshop.id });
  expect(row).toMatchObject({ opened: 2, registered: 3, waitlisted: 1, confirmed: 1 });
  expect(await connection.db.activity.count({ where: { inviteId } })).toBe(2);
});

test("a link that a program opens without end is counted a thousand times in ten minutes and no more", async () => {
  const workshop = await workshopFor([ana]);
  const { inviteId, link } = await createInvite(as(ana.actor), { workshopId: workshop.id, customerName: "Flood" });
  const before = { points: 1000, seconds: 600 };
  await Promise.all(Array.from({ length: 999 }, () => limit(visitor, "invite-opened", inviteId, before)));
  for (let opened = 0; opened < 3; opened++) await recordOpened(visitor, { token: tokenOf(link) });
  expect(await connection.db.activity.count({ where: { inviteId } })).toBe(1);
});

test("only a person's browser that opens the page counts as an opening", () => {
  const person =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile Safari/604.1";
  const head = { method: "GET", userAgent: person, purpose: null, fetchMode: "navigate", fetchDest: "document" };
  expect(isOpening(head)).toBe(true);
  for (const method of ["HEAD", "POST"]) expect(isOpening({ ...head, method })).toBe(false);
  for (const purpose of ["prefetch", "prefetch;prerender", "preview"])
    expect(isOpening({ ...head, purpose })).toBe(false);
  // What imitates a browser's name, but does not navigate; and a page that loads it into itself.
  for (const fetchMode of [null, "cors", "no-cors"]) expect(isOpening({ ...head, fetchMode })).toBe(false);
  for (const fetchDest of [null, "empty", "image", "iframe"]) expect(isOpening({ ...head, fetchDest })).toBe(false);
  for (const userAgent of [
    null,
    "",
    "WhatsApp/2.23.20.0",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "facebookexternalhit/1.1",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "LinkedInBot/1.0",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "curl/8.5.0",
  ])
    expect(isOpening({ ...head, userAgent }), String(userAgent)).toBe(false);
});

// --- Links for one address -------------------------------------------------------------------------------------------

const personal = (workshopId: string, email: string, over = {}) =>
  invitePerson(as(ana.actor), { workshopId, email, name: "Lucía Gómez", customerName: "Acme", ...over });

const typed = { name: "Lucía Gómez", company: "Acme", locale: "en" };
const messagesOf = (inviteId: string) => connection.db.message.findMany({ where: { inviteId, kind: "invitation" } });

test("a personal link is pre-filled, takes its one address only, and is used up by it; its attribution is frozen", async () => {
  const workshop = await workshopFor([ana]);
  const { inviteId, link } = await personal(workshop.id, "Lucia@Acme.example");
  const token = tokenOf(link ?? "");
  const page = await readInvite(visitor, { token });
  expect(page).toMatchObject({ problem: null, personal: { email: "lucia@acme.example", name: "Lucía Gómez" } });
  const as = (email: string) => register(visitor, { token, form: { ...typed, email } });
  await expect(as("other@acme.example")).rejects.toMatchObject({ code: "invalid" });
  await as("lucia@acme.example");
  const row = await connection.db.registration.findFirstOrThrow({ where: { inviteId } });
  expect(row).toMatchObject({ memberId: ana.id, customerId: page?.customerId });
  // Until the address is confirmed the form can be sent again; from then on the link is used.
  await as("lucia@acme.example");
  await connection.db.registration.updateMany({ where: { inviteId }, data: { state: "waitlisted", ordinal: 1 } });
  expect((await readInvite(visitor, { token }))?.problem).toBe("used");
  await expect(as("lucia@acme.example")).rejects.toMatchObject({ code: "gone" });
  await connection.db.invite.update({ where: { id: inviteId }, data: { customerId: null } });
  const after = await connection.db.registration.findFirstOrThrow({ where: { inviteId } });
  expect(after).toMatchObject({ memberId: ana.id, customerId: page?.customerId });
});

test("an address that the workshop's domains shut out is refused when it is invited, and named when they are narrowed later", async () => {
  const workshop = await workshopFor([ana], { allowedDomains: ["acme.example", "globex.example"] });
  const only = "Only addresses of acme.example and globex.example can register for this workshop.";
  await expect(personal(workshop.id, "eve@other.example")).rejects.toMatchObject({
    code: "invalid",
    detail: { fields: { email: only } },
  });
  const { inviteId } = await personal(workshop.id, "ben@eu.globex.example");
  await personal(workshop.id, "lea@acme.example");
  const domains = () => invitedDomains(as(architect.actor), { workshopId: workshop.id });
  expect(await domains()).toEqual([
    { domain: "acme.example", count: 1 },
    { domain: "eu.globex.example", count: 1 },
  ]);
  await expect(invitedDomains(as(ana.actor), { workshopId: workshop.id })).rejects.toMatchObject({ code: "not_found" });
  await connection.db.workshop.update({ where: { id: workshop.id }, data: { allowedDomains: ["acme.example"] } });
  const invites = await listInvites(as(ana.actor), { workshopId: workshop.id });
  const problems = Object.fromEntries(invites.map((row) => [row.email, row.domainProblem]));
  expect(problems).toEqual({
    "lea@acme.example": null,
    "ben@eu.globex.example": "Only addresses of acme.example can register for this workshop.",
  });
  await expect(resendInvite(as(ana.actor), { inviteId })).rejects.toMatchObject({ code: "not_ready" });
  const [mail] = await messagesOf(inviteId);
  expect(mail && (await prepare(visitor, mail))).toMatchObject({ refused: "cancelled" });
});

test("an address is invited to a workshop once, by whomever and in whatever case, also by two at once", async () => {
  const workshop = await workshopFor([ana, ben]);
  const by = (actor: Actor, email: string) => invitePerson(as(actor), { workshopId: workshop.id, email });
  const both = [by(ana.actor, "one@acme.example"), by(ben.actor, "ONE@acme.example")];
  const answers = await Promise.allSettled(both);
  expect(answers.map((answer) => answer.status).sort()).toEqual(["fulfilled", "rejected"]);
  await makeRegistration(connection.db, workshop, { email: "in@acme.example" });
  await expect(by(ana.actor, "in@acme.example")).rejects.toMatchObject({ code: "invalid" });
});

test("“not for me” is one act that can be repeated, closes nothing for good, and stands in the list", async () => {
  const workshop = await workshopFor([ana]);
  const { inviteId, link } = await personal(workshop.id, "no@acme.example");
  const token = tokenOf(link ?? "");
  const state = async () => (await listInvites(as(ana.actor), { workshopId: workshop.id }))[0]?.state;
  expect(await state()).toBe("made");
  await connection.db.message.updateMany({ where: { inviteId }, data: { state: "sent" } });
  expect(await state()).toBe("mailed");
  await recordOpened(visitor, { token });
  expect(await state()).toBe("opened");
  await declineInvite(visitor, { token });
  await declineInvite(visitor, { token });
  expect(await state()).toBe("declined");
  expect(await connection.db.auditEntry.count({ where: { entityId: inviteId, action: "invite.declined" } })).toBe(1);
  await expect(resendInvite(as(ana.actor), { inviteId })).rejects.toMatchObject({ code: "not_ready" });
  await register(visitor, { token, form: { ...typed, email: "no@acme.example" } });
  expect(await state()).toBe("registered");
  const shared = await createInvite(as(ana.actor), { workshopId: workshop.id });
  await expect(declineInvite(visitor, { token: tokenOf(shared.link) })).rejects.toMatchObject({ code: "not_found" });
});

test("an invitation is mailed once for each time it is asked for, not within minutes, and not by somebody else", async () => {
  const workshop = await workshopFor([ana, ben]);
  const { inviteId } = await personal(workshop.id, "again@acme.example", { locale: "es" });
  expect(await messagesOf(inviteId)).toMatchObject([{ locale: "es", memberId: ana.id, workshopId: workshop.id }]);
  await expect(resendInvite(as(ana.actor), { inviteId })).rejects.toMatchObject({ code: "too_many" });
  await expect(resendInvite(as(ben.actor), { inviteId })).rejects.toMatchObject({ code: "not_found" });
  clock.advance(6 * 60_000);
  await resendInvite(as(ana.actor), { inviteId });
  expect(await messagesOf(inviteId)).toHaveLength(2);
  const draft = await workshopFor([ana], { state: "draft" });
  await expect(personal(draft.id, "early@acme.example")).rejects.toMatchObject({ code: "not_ready" });
  const kept = await personal(draft.id, "early@acme.example", { send: false });
  expect(await messagesOf(kept.inviteId)).toHaveLength(0);
});

test("an expired link works again with a later date, and a revoked one does not", async () => {
  const workshop = await workshopFor([ana]);
  const soon = new Date(clock.now().getTime() + 60_000);
  const { inviteId, link } = await personal(workshop.id, "late@acme.example", { expiresAt: soon });
  const problem = async () => (await readInvite(visitor, { token: tokenOf(link ?? "") }))?.problem;
  clock.advance(120_000);
  expect(await problem()).toBe("expired");
  const later = new Date(clock.now().getTime() + 86_400_000);
  await expect(editInvite(as(ben.actor), { inviteId, expiresAt: later, note: "" })).rejects.toThrow();
  await expect(editInvite(as(ana.actor), { inviteId, expiresAt: clock.now(), note: "" })).rejects.toThrow();
  await editInvite(as(ana.actor), { inviteId, expiresAt: later, note: "called back" });
  expect(await problem()).toBeNull();
  await revokeInvite(as(ana.actor), { inviteId, reason: "wrong address" });
  await expect(editInvite(as(ana.actor), { inviteId, expiresAt: null, note: "" })).rejects.toMatchObject({
    code: "conflict",
  });
});

test("reading an invitation, however often, changes nothing", async () => {
  const workshop = await workshopFor([ana]);
  const { inviteId, link } = await personal(workshop.id, "scan@acme.example");
  const before = await connection.db.invite.findUniqueOrThrow({ where: { id: inviteId } });
  for (let scan = 0; scan < 5; scan++) await readInvite(visitor, { token: tokenOf(link ?? "") });
  expect(await connection.db.invite.findUniqueOrThrow({ where: { id: inviteId } })).toEqual(before);
  expect(await connection.db.activity.count({ where: { inviteId } })).toBe(0);
});
