import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb, type Tx } from "@/server/db";
import { makeFacilitatorCode } from "@/server/identity/identity";
import { hashToken } from "@/server/ids";
import { readInvite, revokeInvite } from "@/server/invites/invites";
import { stopQueue } from "@/server/jobs/queue";
import type { AttendeeActor } from "@/server/permissions";
import {
  cancelRegistration,
  changeMyData,
  confirm,
  enterByLink,
  getRegistration,
  listRegistrations,
  maskEmail,
  mintLink,
  myWorkshop,
  promoteWaitlist,
  readLink,
  readReceipt,
  register,
  resendConfirmation,
  verifyBrowser,
} from "@/server/registrations/registrations";
import { changeSeat } from "@/server/registrations/seats";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
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

let database: TestDatabase;
let connection: ReturnType<typeof createDb>;
let clock: TestClock;
let visitor: Context;
let system: Context;
let team: Awaited<ReturnType<typeof makeTeam>>;
let manager: Awaited<ReturnType<typeof makeMember>>;
let architect: Awaited<ReturnType<typeof makeMember>>;
let emails = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url, 20);
  clock = testClock();
  const env = testEnv(database.url);
  visitor = testContext(connection.db, env, { kind: "visitor" }, clock);
  system = testContext(connection.db, env, { kind: "system", by: "clock" }, clock);
  team = await makeTeam(connection.db);
  manager = await makeMember(connection.db, team.id, "account_manager");
  architect = await makeMember(connection.db, team.id, "solutions_architect");
});

afterAll(async () => {
  await stopQueue();
  await connection.close();
  await database.drop();
});

const form = (over: Record<string, unknown> = {}) => ({
  name: "Lucía Gómez",
  email: `lucia.${++emails}@acme.example`,
  company: "Acme",
  jobTitle: "Engineer",
  locale: "en",
  ...over,
});

async function workshopWithInvite(over = {}, inviteOver = {}) {
  const workshop = await makeWorkshop(connection.db, team.id, over);
  const invite = await makeInvite(connection.db, visitor.env, workshop, manager.id, inviteOver);
  return { workshop, invite };
}

async function registered(token: string, over = {}) {
  const { receipt } = await register(visitor, { token, form: form(over) });
  const opened = readReceipt(visitor, receipt);
  if (!opened) throw new Error("no receipt");
  return opened.registrationId;
}

/** The token of a link as the mail sender would mint it. */
async function linkToken(registrationId: string, purpose: "confirm" | "personal") {
  const url = await mintLink(system, { registrationId, purpose });
  return url.split("/").at(-1) ?? "";
}

async function confirmed(inviteToken: string, over = {}) {
  const registrationId = await registered(inviteToken, over);
  const { browserToken } = await confirm(visitor, { token: await linkToken(registrationId, "confirm") });
  return { registrationId, browserToken };
}

const stateOf = async (id: string) => (await connection.db.registration.findUniqueOrThrow({ where: { id } })).state;
const mailsOf = async (registrationId: string) =>
  (await connection.db.message.findMany({ where: { registrationId }, orderBy: { id: "asc" } })).map((m) => m.kind);

async function browser(browserToken: string, registrationId: string): Promise<Context<AttendeeActor>> {
  const row = await connection.db.attendeeBrowser.findUniqueOrThrow({
    where: { tokenHash_registrationId: { tokenHash: hashToken(browserToken), registrationId } },
  });
  const actor = { kind: "attendee", teamId: team.id, registrationId, verified: row.verifiedAt !== null } as const;
  return { ...visitor, actor };
}

describe("registering", () => {
  test("who registers while their data of before is being deleted is registered with what they typed now", async () => {
    const { invite } = await workshopWithInvite();
    const typed = form();
    const old = await registered((await workshopWithInvite()).invite.token, typed);
    const { personId } = await connection.db.registration.findUniqueOrThrow({ where: { id: old } });
    let again: Promise<string> | undefined;
    await connection.db.$transaction(async (tx) => {
      await tx.$queryRaw`select id from "Person" where id = ${personId} for update`;
      again = registered(invite.token, typed);
      await waitsForALock();
      await tx.person.update({ where: { id: personId }, data: { email: null, name: null, anonymizedAt: clock.now() } });
    });
    const row = await connection.db.registration.findUniqueOrThrow({
      where: { id: await again },
      include: { person: true },
    });
    expect(row.person).toMatchObject({ email: typed.email, anonymizedAt: null });
    expect(row.personId).not.toBe(personId);
  });

  test("one person has one registration, gets the same answer each time, and one mail for a double click", async () => {
    const { workshop, invite } = await workshopWithInvite();
    const typed = form();
    const twice = await Promise.all([1, 2].map(() => register(visitor, { token: invite.token, form: typed })));
    clock.advance(31_000);
    twice.push(await register(visitor, { token: invite.token, form: { ...typed, email: typed.email.toUpperCase() } }));
    const rows = await connection.db.registration.findMany({ where: { workshopId: workshop.id } });
    expect(rows).toHaveLength(1);
    expect(new Set(twice.map((answer) => answer.receiptId)).size).toBe(3);
    expect(twice.map((answer) => answer.receiptId)).not.toContain(rows[0]?.id);
    expect(await mailsOf(rows[0]?.id ?? "")).toEqual(["confirm_address", "confirm_address"]);
  });

  test("who is confirmed already gets the way in by mail, and a form changes nothing about them", async () => {
    const { workshop, invite } = await workshopWithInvite();
    const email = form().email;
    const { registrationId } = await confirmed(invite.token, { email });
    clock.advance(60_000);
    const answer = await register(visitor, {
      token: invite.token,
      form: form({ email, name: "Mallory", company: "Evil" }),
    });
    expect(answer.receipt).toBeTruthy();
    const row = await connection.db.registration.findFirstOrThrow({
      where: { workshopId: workshop.id },
      include: { person: true },
    });
    expect([row.id, row.person.name, row.company, row.typedName]).toEqual([
      registrationId,
      "Lucía Gómez",
      "Acme",
      null,
    ]);
    expect(await mailsOf(registrationId)).toContain("confirmed");
    expect((await mailsOf(registrationId)).filter((kind) => kind === "confirmed")).toHaveLength(2);
  });

  test("a name typed about somebody who is known becomes theirs only when the address is confirmed", async () => {
    const first = await workshopWithInvite();
    const second = await workshopWithInvite();
    const email = form().email;
    await confirmed(first.invite.token, { email });
    const registrationId = await registered(second.invite.token, { email, name: "Lucía Gómez Pardo" });
    const person = () =>
      connection.db.person.findUniqueOrThrow({ where: { teamId_email: { teamId: team.id, email } } });
    expect((await person()).name).toBe("Lucía Gómez");
    const token = await linkToken(registrationId, "confirm");
    expect((await readLink(visitor, { token, purpose: "confirm" }))?.typed?.name).toBe("Lucía Gómez Pardo");
    await confirm(visitor, { token });
    expect((await person()).name).toBe("Lucía Gómez Pardo");
  });

  test("the notice is kept with version, locale and time, and the consent only when it was given", async () => {
    const { invite } = await workshopWithInvite();
    const without = await registered(invite.token, { locale: "es" });
    const withConsent = await registered(invite.token, { followUp: "on" });
    const rows = await connection.db.registration.findMany({ where: { id: { in: [without, withConsent] } } });
    const byId = new Map(rows.map((row) => [row.id, row]));
    expect(byId.get(without)).toMatchObject({ noticeLocale: "es", noticeAt: clock.now(), followUpAt: null });
    expect(byId.get(without)?.noticeVersion).toMatch(/^\d{4}-\d{2}$/);
    expect(byId.get(withConsent)?.followUpAt).toEqual(clock.now());
  });

  test("text is kept as text: emoji, right-to-left names and markup stay, switches and control characters go", async () => {
    const { invite } = await workshopWithInvite();
    const names: [string, string][] = [
      ["  Zoë\u0000 O’Brien\r\n ", "Zoë O’Brien"],
      ["محمد علي", "محمد علي"],
      ["דוד \u202eכהן\u202c", "דוד כהן"],
      ["👩‍💻 Ada", "👩‍💻 Ada"],
      ["<script>alert(1)</script>", "<script>alert(1)</script>"],
      ["Jose\u0301", "José"],
      ['Robert\'); DROP TABLE "Person";--', 'Robert\'); DROP TABLE "Person";--'],
    ];
    for (const [typed, kept] of names) {
      const id = await registered(invite.token, { name: typed });
      const row = await connection.db.registration.findUniqueOrThrow({ where: { id }, include: { person: true } });
      expect(row.person.name).toBe(kept);
    }
  });

  test("what cannot be right is refused beside its field, and nothing is written", async () => {
    const { workshop, invite } = await workshopWithInvite();
    const bad: [string, unknown][] = [
      ["name", ""],
      ["name", " \u200e\u0007 "],
      ["name", "x".repeat(10_000)],
      ["company", "é".repeat(121)],
      ["jobTitle", "y".repeat(200)],
      ["email", ""],
      ["email", "lucia"],
      ["email", "lucia@"],
      ["email", "@acme.example"],
      ["email", "a@b@c.example"],
      ["email", "lucia@localhost"],
      ["email", "lucia@acme..example"],
      ["email", "lucia@acme.example\r\nBcc: all@acme.example"],
      ["email", "lucia <lucia@acme.example>"],
      ["email", "lucía@acme.example"],
      ["email", `${"a".repeat(65)}@acme.example`],
      ["email", `a@${"b".repeat(300)}.example`],
      ["email", "lucia@127.0.0.1"],
      ["email", "lucia@acme.example/../x"],
      ["email", '"><img src=x>@acme.example'],
    ];
    for (const [field, value] of bad) {
      const attempt = register(visitor, { token: invite.token, form: form({ [field]: value }) });
      await expect(attempt, `${field} ${String(value).slice(0, 40)}`).rejects.toMatchObject({
        issues: [expect.objectContaining({ path: [field] })],
      });
    }
    expect(await connection.db.registration.count({ where: { workshopId: workshop.id } })).toBe(0);
    expect((await registered(invite.token, { email: "info@müller.example" })).length).toBeGreaterThan(10);
    expect(await connection.db.person.count({ where: { email: "info@xn--mller-kva.example" } })).toBe(1);
  });

  test("each kind of dead link says which it is", async () => {
    const day = 86_400_000;
    const past = new Date(clock.now().getTime() - day);
    const cases: [string, Awaited<ReturnType<typeof workshopWithInvite>>][] = [
      ["revoked", await workshopWithInvite({}, { revokedAt: past })],
      ["expired", await workshopWithInvite({}, { expiresAt: clock.now() })],
      ["paused", await workshopWithInvite({ pausedAt: past })],
      ["not_open", await workshopWithInvite({ state: "draft" })],
      ["cancelled", await workshopWithInvite({ state: "cancelled" })],
      ["closed", await workshopWithInvite({ state: "closed" })],
      ["closed", await workshopWithInvite({ startsAt: past, endsAt: new Date(past.getTime() + 1000) })],
    ];
    for (const [reason, { invite }] of cases) {
      expect((await readInvite(visitor, { token: invite.token }))?.problem).toBe(reason);
      const attempt = register(visitor, { token: invite.token, form: form() });
      await expect(attempt).rejects.toMatchObject({ code: "gone", detail: { reason } });
    }
    const { invite } = await workshopWithInvite();
    for (const token of ["", invite.token.slice(0, -1), `${invite.token}x`, "../../etc/passwd", "'".repeat(32)])
      await expect(register(visitor, { token, form: form() })).rejects.toMatchObject({ code: "not_found" });
  });

  test("the mail can be sent again by the browser that registered, not more often than every half minute", async () => {
    const { invite } = await workshopWithInvite();
    const { receipt } = await register(visitor, { token: invite.token, form: form() });
    const id = readReceipt(visitor, receipt)?.registrationId ?? "";
    expect(await resendConfirmation(visitor, { receipt })).toEqual({ sent: false });
    expect(await mailsOf(id)).toHaveLength(1);
    clock.advance(31_000);
    expect(await resendConfirmation(visitor, { receipt })).toEqual({ sent: true });
    expect(await mailsOf(id)).toHaveLength(2);
    await expect(resendConfirmation(visitor, { receipt: `${receipt}x` })).rejects.toMatchObject({ code: "not_found" });
    expect(maskEmail("lucia@acme.co.example")).toBe("l•••@a•••.example");
  });
});

describe("confirming", () => {
  test("whoever waits with a withdrawn link registers by another one, and the mail's link confirms", async () => {
    const { workshop, invite } = await workshopWithInvite();
    const other = await makeMember(connection.db, team.id, "account_manager");
    const second = await makeInvite(connection.db, visitor.env, workshop, other.id);
    const typed = form();
    const id = await registered(invite.token, typed);
    await revokeInvite({ ...visitor, actor: manager.actor }, { inviteId: invite.id, reason: "sent to the wrong list" });
    expect(await registered(second.token, typed)).toBe(id);
    await confirm(visitor, { token: await linkToken(id, "confirm") });
    const row = await connection.db.registration.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({ state: "confirmed", inviteId: second.id, memberId: other.id });
  });

  test("reading the link changes nothing; its button confirms once and pressing it again leads to the same place", async () => {
    const { workshop, invite } = await workshopWithInvite();
    const registrationId = await registered(invite.token);
    const token = await linkToken(registrationId, "confirm");
    expect((await readLink(visitor, { token, purpose: "confirm" }))?.problem).toBeNull();
    expect(await stateOf(registrationId)).toBe("unverified");
    const both = await Promise.all([confirm(visitor, { token }), confirm(visitor, { token })]);
    expect(both.map((entered) => entered.registrationId)).toEqual([registrationId, registrationId]);
    for (const { browserToken } of both)
      expect((await browser(browserToken, registrationId)).actor.verified).toBe(true);
    const after = await connection.db.workshop.findUniqueOrThrow({ where: { id: workshop.id } });
    expect([after.seatsTaken, after.lastOrdinal]).toEqual([1, 1]);
    expect((await mailsOf(registrationId)).filter((kind) => kind === "confirmed")).toHaveLength(1);
    expect((await readLink(visitor, { token, purpose: "confirm" }))?.problem).toBe("used");
    clock.advance(16 * 60_000);
    const later = await confirm(visitor, { token });
    expect((await browser(later.browserToken, registrationId)).actor.verified).toBe(false);
  });

  test("expired, revoked, cut, foreign and overtaken links each say what they are", async () => {
    const { invite } = await workshopWithInvite();
    const id = await registered(invite.token);
    const token = await linkToken(id, "confirm");
    const personal = await linkToken(id, "personal");
    for (const wrong of ["", token.slice(0, 31), personal, "A".repeat(32)])
      await expect(confirm(visitor, { token: wrong })).rejects.toMatchObject({ code: "not_found" });
    const where = { tokenHash: hashToken(token) };
    const gone = (reason: string) => ({ code: "gone", detail: { reason } });
    await connection.db.personalLink.update({ where, data: { revokedAt: clock.now() } });
    await expect(confirm(visitor, { token })).rejects.toMatchObject(gone("revoked"));
    await connection.db.personalLink.update({ where, data: { revokedAt: null, expiresAt: clock.now() } });
    await expect(confirm(visitor, { token })).rejects.toMatchObject(gone("expired"));
    const left = await workshopWithInvite();
    const waiting = await registered(left.invite.token);
    const late = await linkToken(waiting, "confirm");
    await connection.db.workshop.update({ where: { id: left.workshop.id }, data: { state: "closed" } });
    await connection.db.registration.update({ where: { id: waiting }, data: { state: "expired" } });
    await expect(confirm(visitor, { token: late })).rejects.toMatchObject(gone("workshop_closed"));
    const live = await linkToken(id, "confirm");
    await revokeInvite({ ...visitor, actor: manager.actor }, { inviteId: invite.id, reason: "sent to the wrong list" });
    await expect(confirm(visitor, { token: live })).rejects.toMatchObject(gone("invite_revoked"));
    expect(await stateOf(id)).toBe("unverified");
  });

  test("200 confirmations at once for 50 seats: 50 confirmed, 150 waitlisted in order", async () => {
    const { workshop, invite } = await workshopWithInvite({ capacity: 50 });
    const seats = { workshopId: workshop.id, inviteId: invite.id, memberId: manager.id, state: "unverified" } as const;
    const rows = await Promise.all(Array.from({ length: 200 }, () => makeRegistration(connection.db, workshop, seats)));
    const tokens = await Promise.all(rows.map((row) => linkToken(row.id, "confirm")));
    await Promise.all(tokens.map((token) => confirm(visitor, { token })));
    const after = await connection.db.registration.findMany({
      where: { workshopId: workshop.id },
      orderBy: { ordinal: "asc" },
    });
    expect(after.map((row) => row.ordinal)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    expect(after.map((row) => row.state)).toEqual([...Array(50).fill("confirmed"), ...Array(150).fill("waitlisted")]);
    const counted = await connection.db.workshop.findUniqueOrThrow({ where: { id: workshop.id } });
    expect([counted.seatsTaken, counted.lastOrdinal]).toEqual([50, 200]);
  }, 120_000);

  test("the lock of the workshop's row decides, whatever process asks; without it the same decision oversells", async () => {
    const attempt = async (decide: (tx: Tx, workshopId: string, registrationId: string) => Promise<unknown>) => {
      const workshop = await makeWorkshop(connection.db, team.id, { capacity: 10 });
      const rows = await Promise.all(
        Array.from({ length: 60 }, () => makeRegistration(connection.db, workshop, { state: "unverified" })),
      );
      await Promise.all(rows.map(({ id }) => connection.db.$transaction((tx) => decide(tx, workshop.id, id))));
      return connection.db.registration.count({ where: { workshopId: workshop.id, state: "confirmed" } });
    };
    const guarded = await attempt((tx, workshopId, registrationId) =>
      changeSeat(system, tx, { teamId: team.id, workshopId, registrationId, to: "confirmed" }),
    );
    expect(guarded).toBe(10);
    const unguarded = await attempt(async (tx, workshopId, id) => {
      const taken = await tx.registration.count({ where: { workshopId, state: "confirmed" } });
      await tx.registration.update({ where: { id }, data: { state: taken < 10 ? "confirmed" : "waitlisted" } });
    });
    expect(unguarded).toBeGreaterThan(10);
  }, 60_000);

  test("the account manager's and the link's limit let exactly that many in, and the next one waits", async () => {
    const { workshop, invite } = await workshopWithInvite({ capacity: 10 });
    const key = { workshopId_memberId: { workshopId: workshop.id, memberId: manager.id } };
    await connection.db.workshopAccountManager.update({ where: key, data: { seatLimit: 3 } });
    const customer = await connection.db.customer.create({
      data: { id: system.newId("customer"), teamId: team.id, name: `Limited ${workshop.id}` },
    });
    const narrow = await makeInvite(connection.db, visitor.env, workshop, manager.id, {
      seatLimit: 1,
      customerId: customer.id,
    });
    const states: string[] = [];
    for (const token of [narrow.token, narrow.token, invite.token, invite.token, invite.token])
      states.push(await stateOf((await confirmed(token)).registrationId));
    expect(states).toEqual(["confirmed", "waitlisted", "confirmed", "confirmed", "waitlisted"]);
    expect(await readInvite(visitor, { token: invite.token })).toMatchObject({
      waitReason: "account_manager",
      seatsLeft: 0,
    });
    // The limit rises by one: the first on the waitlist is still held back by the link, so the second moves up.
    await connection.db.workshopAccountManager.update({ where: key, data: { seatLimit: 4 } });
    const promoted = await connection.db.$transaction((tx) => promoteWaitlist(system, tx, { workshopId: workshop.id }));
    const { rows } = await listRegistrations({ ...visitor, actor: architect.actor }, { workshopId: workshop.id });
    expect(rows.map((row) => row.state)).toEqual(["confirmed", "waitlisted", "confirmed", "confirmed", "confirmed"]);
    expect(promoted).toEqual([rows[4]?.id]);
  });

  test("a confirmation while the workshop is open gets a seat and asks for an account", async () => {
    const profile = await connection.db.sandboxProfile.create({
      data: {
        id: system.newId("sandboxProfile"),
        teamId: team.id,
        name: "Late",
        description: "",
        regions: [],
        policy: {},
      },
    });
    const { workshop, invite } = await workshopWithInvite({ state: "open", sandboxProfileId: profile.id });
    const { registrationId } = await confirmed(invite.token);
    expect(await stateOf(registrationId)).toBe("confirmed");
    const jobs = await connection.db.$queryRaw<{ data: { workshopId: string } }[]>`
      SELECT data FROM pgboss.job WHERE name = 'workshops.serve-waiting'`;
    expect(jobs.map((job) => job.data.workshopId)).toContain(workshop.id);
  });
});

describe("all at once", () => {
  test("forms, confirmations, cancellations and changes of the same people never block each other for good", async () => {
    const { workshop, invite } = await workshopWithInvite({ capacity: 5 });
    const people = Array.from({ length: 12 }, () => form());
    const ids = await Promise.all(people.map((typed) => registered(invite.token, typed)));
    const tokens = await Promise.all(ids.map((id) => linkToken(id, "confirm")));
    const member = { ...visitor, actor: architect.actor };
    const outcomes = await Promise.allSettled([
      ...people.map((typed) => register(visitor, { token: invite.token, form: { ...typed, company: "Other" } })),
      ...tokens.map((token) => confirm(visitor, { token })),
      ...ids.slice(0, 6).map((registrationId) => cancelRegistration(member, { registrationId })),
      ...people.map((typed) => register(visitor, { token: invite.token, form: typed })),
      ...tokens.map((token) => confirm(visitor, { token })),
    ]);
    const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    for (const reason of refused) expect(reason).toMatchObject({ name: "DomainError", code: "gone" });
    const { counts } = await listRegistrations(member, { workshopId: workshop.id });
    const after = await connection.db.workshop.findUniqueOrThrow({ where: { id: workshop.id } });
    expect(after.seatsTaken).toBe(counts.confirmed);
    expect(counts.confirmed).toBe(5);
    expect((counts.confirmed ?? 0) + (counts.waitlisted ?? 0)).toBeGreaterThanOrEqual(6);
  }, 60_000);
});

describe("cancelling", () => {
  test("frees the seat, ends the links, and moves up exactly the first who waits", async () => {
    const { workshop, invite } = await workshopWithInvite({ capacity: 1 });
    const first = await confirmed(invite.token);
    const second = await confirmed(invite.token);
    const third = await confirmed(invite.token);
    const personal = await linkToken(first.registrationId, "personal");
    const mine = await browser(first.browserToken, first.registrationId);
    await cancelRegistration(mine, { registrationId: first.registrationId });
    expect(await stateOf(first.registrationId)).toBe("cancelled");
    expect(await stateOf(second.registrationId)).toBe("confirmed");
    expect(await stateOf(third.registrationId)).toBe("waitlisted");
    expect(await mailsOf(second.registrationId)).toContain("promoted");
    expect(await mailsOf(first.registrationId)).toContain("registration_cancelled");
    expect((await myWorkshop(await browser(third.browserToken, third.registrationId))).position).toBe(1);
    expect((await connection.db.workshop.findUniqueOrThrow({ where: { id: workshop.id } })).seatsTaken).toBe(1);
    await expect(enterByLink(visitor, { token: personal })).rejects.toMatchObject({ code: "gone" });
    await expect(cancelRegistration(mine, { registrationId: first.registrationId })).rejects.toMatchObject({
      code: "conflict",
    });
    // The same person may come back, behind those who wait.
    const person = await connection.db.registration.findUniqueOrThrow({
      where: { id: first.registrationId },
      include: { person: true },
    });
    const again = await confirmed(invite.token, { email: person.person.email });
    expect(await stateOf(again.registrationId)).toBe("waitlisted");
  });

  test("is for the attendee, and for members who are responsible; nobody else learns that it exists", async () => {
    const { invite } = await workshopWithInvite();
    const { registrationId } = await confirmed(invite.token);
    const stranger = await confirmed(invite.token);
    const otherManager = await makeMember(connection.db, team.id, "account_manager");
    const otherTeam = await makeTeam(connection.db);
    const foreign = await makeMember(connection.db, otherTeam.id, "admin");
    const actors = [
      (await browser(stranger.browserToken, stranger.registrationId)).actor,
      otherManager.actor,
      foreign.actor,
      { kind: "visitor" } as const,
    ];
    for (const actor of actors)
      await expect(cancelRegistration({ ...visitor, actor }, { registrationId })).rejects.toMatchObject({
        code: "not_found",
      });
    expect((await listRegistrations({ ...visitor, actor: otherManager.actor })).rows).toEqual([]);
    for (const actor of actors)
      await expect(getRegistration({ ...visitor, actor }, { registrationId })).rejects.toMatchObject({
        code: "not_found",
      });
    const seen = await getRegistration({ ...visitor, actor: manager.actor }, { registrationId });
    expect(seen).toMatchObject({ name: "Lucía Gómez", state: "confirmed", position: null });
    await cancelRegistration({ ...visitor, actor: manager.actor }, { registrationId });
    expect(await stateOf(registrationId)).toBe("cancelled");
  });
});

describe("my workshop", () => {
  test("an unverified browser gets the status and nothing else", async () => {
    const { invite } = await workshopWithInvite({ link: "https://meet.example/room" });
    const { registrationId } = await confirmed(invite.token);
    const { browserToken } = await enterByLink(visitor, { token: await linkToken(registrationId, "personal") });
    const ctx = await browser(browserToken, registrationId);
    const seen = await myWorkshop(ctx);
    expect(seen).toMatchObject({ verified: false, state: "confirmed", mine: null });
    expect(JSON.stringify(seen)).not.toMatch(/Lucía|acme\.example|meet\.example/);
    const form = { name: "Mallory", company: "Evil" };
    await expect(changeMyData(ctx, { registrationId, form })).rejects.toMatchObject({ code: "unverified" });
    await expect(cancelRegistration(ctx, { registrationId })).rejects.toMatchObject({ code: "unverified" });
  });

  test("a facilitator's code verifies the browser once, and its old cookie is worth nothing after", async () => {
    const { invite } = await workshopWithInvite();
    const { registrationId } = await confirmed(invite.token);
    const entered = await enterByLink(visitor, { token: await linkToken(registrationId, "personal") });
    const ctx = await browser(entered.browserToken, registrationId);
    const { code } = await makeFacilitatorCode({ ...visitor, actor: architect.actor }, { registrationId });
    const input = { by: "facilitator", browserToken: entered.browserToken } as const;
    const wrong = code === "000000" ? "111111" : "000000";
    await expect(verifyBrowser(ctx, { ...input, code: wrong })).rejects.toThrow();
    await expect(verifyBrowser(ctx, { ...input, code: "abc" })).rejects.toMatchObject({ code: "invalid" });
    const token = await verifyBrowser(ctx, { ...input, code: `${code.slice(0, 3)} ${code.slice(3)}` });
    expect((await browser(token, registrationId)).actor.verified).toBe(true);
    await expect(browser(entered.browserToken, registrationId)).rejects.toThrow();
    await expect(verifyBrowser(ctx, { ...input, code })).rejects.toThrow();
  });

  test("one browser keeps its other workshops when it confirms another", async () => {
    const first = await workshopWithInvite();
    const second = await workshopWithInvite();
    const one = await confirmed(first.invite.token);
    const id = await registered(second.invite.token);
    const token = await linkToken(id, "confirm");
    const two = await confirm(visitor, { token, browserToken: one.browserToken });
    expect((await browser(two.browserToken, one.registrationId)).actor.verified).toBe(true);
    expect((await browser(two.browserToken, two.registrationId)).actor.verified).toBe(true);
  });

  test("own data can be changed; a consent can be taken back and its time is that of giving it", async () => {
    const { invite } = await workshopWithInvite();
    const { registrationId, browserToken } = await confirmed(invite.token, { followUp: true });
    const given = clock.now();
    clock.advance(60_000);
    const ctx = await browser(browserToken, registrationId);
    const change = (over: object) =>
      changeMyData(ctx, {
        registrationId,
        form: { name: "Lucía G.", company: "Acme Iberia", followUp: true, ...over },
      });
    await change({});
    const row = () => connection.db.registration.findUniqueOrThrow({ where: { id: registrationId } });
    expect(await row()).toMatchObject({ company: "Acme Iberia", jobTitle: null, followUpAt: given });
    await change({ followUp: undefined });
    expect((await row()).followUpAt).toBeNull();
    expect((await myWorkshop(ctx)).mine).toMatchObject({ name: "Lucía G.", followUp: false });
  });
});

async function waitsForALock(): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (let waiting = 0n; waiting === 0n && performance.now() < deadline; ) {
    const [row] = await connection.db.$queryRaw<{ count: bigint }[]>`
      select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    waiting = row?.count ?? 0n;
  }
}
