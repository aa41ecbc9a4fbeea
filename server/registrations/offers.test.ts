import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { prepare } from "@/server/mail/facts";
import { queueMail } from "@/server/mail/outbox";
import { contentOf } from "@/server/mail/templates/templates";
import { offerDeadline } from "@/server/registrations/deadlines";
import { acceptOffer, answerMyOffer, declineOffer, readOffer, waitlistOrder } from "@/server/registrations/offers";
import {
  cancelRegistration,
  mailedEntries,
  mintLink,
  promoteWaitlist,
  tickRegistrations,
} from "@/server/registrations/registrations";
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
import { cancelWorkshop, closeWorkshop } from "@/server/workshops/workshops";

const hour = 3_600_000;

let database: TestDatabase;
let connection: ReturnType<typeof createDb>;
let clock: TestClock;
let system: Context;
let visitor: Context;
let architect: Context;
let manager: Awaited<ReturnType<typeof makeMember>>;
let teamId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url, 20);
  clock = testClock();
  const env = testEnv(database.url);
  system = testContext(connection.db, env, { kind: "system", by: "clock" }, clock);
  visitor = { ...system, actor: { kind: "visitor" } };
  teamId = (await makeTeam(connection.db)).id;
  manager = await makeMember(connection.db, teamId, "account_manager", { name: "Ana Ruiz" });
  architect = { ...system, actor: (await makeMember(connection.db, teamId, "solutions_architect")).actor };
});

beforeEach(() => clock.set("2026-05-04T10:00:00Z"));

afterAll(async () => {
  await stopQueue();
  await connection.close();
  await database.drop();
});

const row = (id: string) => connection.db.registration.findUniqueOrThrow({ where: { id } });
const statesOf = async (ids: string[]) => Promise.all(ids.map(async (id) => (await row(id)).state));
const seatsTaken = async (id: string) => (await connection.db.workshop.findUniqueOrThrow({ where: { id } })).seatsTaken;
const mailsOf = async (registrationId: string) =>
  (await connection.db.message.findMany({ where: { registrationId }, orderBy: { id: "asc" } })).map((m) => m.kind);
const attendee = (registrationId: string) =>
  ({ ...system, actor: { kind: "attendee", teamId, registrationId, verified: true } }) as const;

async function offerToken(registrationId: string): Promise<string> {
  const url = await mintLink(system, { registrationId, purpose: "offer" });
  return url.split("/").at(-1) ?? "";
}

/** A full workshop with people on its list; `seats` of them are taken by others. */
async function fullWorkshop(waiting: number, over = {}, seats = 1) {
  const workshop = await makeWorkshop(connection.db, teamId, { capacity: seats, offerHours: 24, ...over });
  const seated = [];
  for (let n = 0; n < seats; n++) seated.push((await makeRegistration(connection.db, workshop)).id);
  const list = [];
  for (let n = 0; n < waiting; n++)
    list.push((await makeRegistration(connection.db, workshop, { state: "waitlisted" })).id);
  return { workshop, seated, list };
}

/** A full workshop whose first seat was just given back, so that it is offered to the first on the list. */
async function withOffer(waiting = 2, over = {}) {
  const { workshop, seated, list } = await fullWorkshop(waiting, over);
  await cancelRegistration(architect, { registrationId: seated[0] ?? "" });
  return { workshop, list, first: list[0] ?? "", second: list[1] ?? "" };
}

describe("an offer", () => {
  test("holds the seat until its deadline, with a mail whose link changes nothing until a button is pressed", async () => {
    const { workshop, list, first } = await withOffer();
    expect(await statesOf(list)).toEqual(["offered", "waitlisted"]);
    expect(await seatsTaken(workshop.id)).toBe(1);
    expect(await mailsOf(first)).toEqual(["offered"]);
    const token = await offerToken(first);
    const page = await readOffer(visitor, { token });
    expect(page).toMatchObject({ problem: null, registrationId: first, workshop: { title: "Serverless day" } });
    expect(page?.endsAt).toEqual(new Date(clock.now().getTime() + 24 * hour));
    expect(await statesOf(list)).toEqual(["offered", "waitlisted"]);
    expect(await mailedEntries(system, { registrationId: first, cancel: false })).toEqual([]);
    expect(await readOffer(visitor, { token: `${token.slice(0, -1)}x` })).toBeNull();
  });

  test("taken twice at the same time is one seat, one mail with the calendar entry, and a verified browser each time", async () => {
    const { workshop, first } = await withOffer();
    const token = await offerToken(first);
    const both = await Promise.all([acceptOffer(visitor, { token }), acceptOffer(visitor, { token })]);
    expect(both.map((entered) => entered.registrationId)).toEqual([first, first]);
    expect(await statesOf([first])).toEqual(["confirmed"]);
    expect(await seatsTaken(workshop.id)).toBe(1);
    expect((await mailsOf(first)).filter((kind) => kind === "confirmed")).toHaveLength(1);
    expect(await mailedEntries(system, { registrationId: first, cancel: false })).toHaveLength(1);
    const browsers = await connection.db.attendeeBrowser.findMany({ where: { registrationId: first } });
    expect(browsers.map((browser) => browser.verifiedAt !== null)).toEqual([true, true]);
    await expect(declineOffer(visitor, { token })).rejects.toMatchObject({ code: "gone", detail: { reason: "used" } });
    expect(await statesOf([first])).toEqual(["confirmed"]);
  });

  test("declined goes on to the next at once, and its link says what became of it", async () => {
    const { list, first } = await withOffer();
    const token = await offerToken(first);
    await declineOffer(visitor, { token });
    expect(await statesOf(list)).toEqual(["cancelled", "offered"]);
    expect((await readOffer(visitor, { token }))?.problem).toBe("registration_over");
    await expect(acceptOffer(visitor, { token })).rejects.toMatchObject({ code: "gone" });
    await expect(declineOffer(visitor, { token })).rejects.toMatchObject({ code: "gone" });
  });

  test("is answered on the own page too, by a verified browser only", async () => {
    const { first, second, list } = await withOffer();
    const unverified = { ...attendee(first), actor: { ...attendee(first).actor, verified: false } };
    await expect(answerMyOffer(unverified, { answer: "take" })).rejects.toMatchObject({ code: "unverified" });
    await expect(answerMyOffer(attendee(second), { answer: "take" })).rejects.toMatchObject({ code: "conflict" });
    await answerMyOffer(attendee(first), { answer: "decline" });
    await answerMyOffer(attendee(second), { answer: "take" });
    expect(await statesOf(list)).toEqual(["cancelled", "confirmed"]);
  });
});

test("the mail to somebody who waits says what will become of a free seat: offered with a deadline, or theirs at once", async () => {
  const said = async (over: object) => {
    const { workshop, list } = await fullWorkshop(1, over);
    const [registrationId = ""] = list;
    const about = { teamId, workshopId: workshop.id, registrationId, recipientKey: registrationId };
    const mail = await connection.db.$transaction((tx) =>
      queueMail(system, tx, { kind: "waitlisted", ...about, occurrence: "1" }),
    );
    const prepared = await prepare(system, mail);
    if ("refused" in prepared) throw new Error(prepared.reason);
    return contentOf("waitlisted", prepared.facts, { link: "", code: "", console: "" });
  };
  const [offered, given] = [await said({ offerHours: 24 }), await said({ offerHours: null })];
  for (const part of [offered.text, offered.after.join(" ")])
    expect(part).toMatch(/offered to the first on the list by mail, with a time to answer by/);
  for (const part of [given.text, given.after.join(" ")]) expect(part).toMatch(/the first on the list gets it/);
  // Too little is left to ask anybody.
  const soon = await said({ startsAt: new Date(clock.now().getTime() + hour) });
  expect(soon.text).toMatch(/the first on the list gets it/);
});

describe("the deadline", () => {
  test("is the workshop's hours, never after the start; with too little left, or once open, the seat is theirs at once", () => {
    const now = clock.now();
    const at = (hours: number) => new Date(now.getTime() + hours * hour);
    const cases: [Parameters<typeof offerDeadline>[0], Date | null][] = [
      [{ state: "registration", offerHours: 24, startsAt: at(100) }, at(24)],
      [{ state: "registration", offerHours: 24, startsAt: at(10) }, at(10)],
      [{ state: "registration", offerHours: 24, startsAt: at(2) }, at(2)],
      [{ state: "registration", offerHours: 24, startsAt: at(1.99) }, null],
      [{ state: "registration", offerHours: 24, startsAt: at(-1) }, null],
      [{ state: "registration", offerHours: null, startsAt: at(100) }, null],
      [{ state: "open", offerHours: 24, startsAt: at(100) }, null],
    ];
    for (const [workshop, deadline] of cases) expect(offerDeadline(workshop, now)).toEqual(deadline);
  });

  test("passes the seat on in order, until somebody takes it; whoever let it pass is told and may register anew", async () => {
    const { workshop, list, first, second } = await withOffer(3);
    const token = await offerToken(first);
    clock.advance(24 * hour - 1);
    await tickRegistrations(system);
    expect(await statesOf(list)).toEqual(["offered", "waitlisted", "waitlisted"]);
    clock.advance(1);
    // From the deadline on the link says no, whether the clock's job was there yet or not.
    await expect(acceptOffer(visitor, { token })).rejects.toMatchObject({ detail: { reason: "offer_over" } });
    await Promise.all([tickRegistrations(system), tickRegistrations(system)]);
    expect(await statesOf(list)).toEqual(["expired", "offered", "waitlisted"]);
    expect(await mailsOf(first)).toEqual(["offered", "offer_lapsed"]);
    expect((await readOffer(visitor, { token }))?.problem).toBe("offer_over");
    await acceptOffer(visitor, { token: await offerToken(second) });
    clock.advance(48 * hour);
    await tickRegistrations(system);
    expect(await statesOf(list)).toEqual(["expired", "confirmed", "waitlisted"]);
    expect(await seatsTaken(workshop.id)).toBe(1);
  });

  test("is brought forward with the start, and an offer that is open when the workshop closes gives its seat back", async () => {
    const moved = await withOffer(1);
    const { capOffers } = await import("@/server/registrations/registrations");
    const startsAt = new Date(clock.now().getTime() + 5 * hour);
    await connection.db.$transaction((tx) => capOffers(tx, { id: moved.workshop.id, startsAt }));
    expect((await row(moved.first)).offerEndsAt).toEqual(startsAt);
    const closed = await withOffer(1);
    await connection.db.workshop.update({ where: { id: closed.workshop.id }, data: { state: "open" } });
    await closeWorkshop(architect, { workshopId: closed.workshop.id });
    expect(await statesOf([closed.first])).toEqual(["expired"]);
    expect(await seatsTaken(closed.workshop.id)).toBe(0);
  });
});

describe("all at once", () => {
  test("at the deadline either the answer counts or the clock, never both, and no seat is lost", async () => {
    for (let round = 0; round < 6; round++) {
      clock.set("2026-05-04T10:00:00Z");
      const { workshop, list, first } = await withOffer(2);
      const token = await offerToken(first);
      // One millisecond before it, the answer is in time; the clock's job runs in the same moment, a little later.
      clock.advance(24 * hour - 1);
      const late = testClock(new Date(clock.now().getTime() + 1));
      const [answer] = await Promise.allSettled([
        acceptOffer(visitor, { token }),
        tickRegistrations({ ...system, clock: late }),
      ]);
      const [one, two] = await statesOf(list);
      expect([one, two]).toEqual(answer.status === "fulfilled" ? ["confirmed", "waitlisted"] : ["expired", "offered"]);
      expect(await seatsTaken(workshop.id)).toBe(1);
    }
  });

  test("an answer while the workshop is cancelled ends cancelled, whoever was first", async () => {
    for (let round = 0; round < 4; round++) {
      const { workshop, first } = await withOffer(1);
      const token = await offerToken(first);
      const [answer, cancelling] = await Promise.allSettled([
        acceptOffer(visitor, { token }),
        cancelWorkshop(architect, { workshopId: workshop.id }),
      ]);
      expect(cancelling.status).toBe("fulfilled");
      if (answer.status === "rejected") expect(answer.reason).toMatchObject({ code: "gone" });
      expect(await statesOf([first])).toEqual(["cancelled"]);
      expect(await seatsTaken(workshop.id)).toBe(0);
    }
  });

  test("two hundred answers and cancellations never oversell, and every seat that is free is with the next in order", async () => {
    const seats = 40;
    const { workshop, seated, list } = await fullWorkshop(80, {}, seats);
    await Promise.all(seated.map((registrationId) => cancelRegistration(architect, { registrationId })));
    const offered = (await statesOf(list)).filter((state) => state === "offered");
    expect(offered).toHaveLength(seats);
    const tokens = await Promise.all(list.slice(0, seats).map(offerToken));
    const acts = [
      ...tokens.map((token) => () => acceptOffer(visitor, { token })),
      ...tokens.map((token, n) => () => (n % 2 ? declineOffer(visitor, { token }) : acceptOffer(visitor, { token }))),
      ...tokens.map((token) => () => acceptOffer(visitor, { token })),
      ...list.map(
        (registrationId, n) => () => (n % 4 === 0 ? cancelRegistration(architect, { registrationId }) : undefined),
      ),
    ];
    const outcomes = await Promise.allSettled(acts.map((act) => act()));
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ name: "DomainError" });
    const rows = await connection.db.registration.findMany({
      where: { workshopId: workshop.id },
      orderBy: { ordinal: "asc" },
    });
    const held = rows.filter((one) => one.state === "confirmed" || one.state === "offered");
    expect(held).toHaveLength(seats);
    expect(await seatsTaken(workshop.id)).toBe(seats);
    const firstWaiting = rows.findIndex((one) => one.state === "waitlisted");
    expect(rows.slice(firstWaiting).some((one) => one.state === "offered" || one.state === "confirmed")).toBe(false);
  }, 60_000);
});

describe("the order", () => {
  test("says for each who waits which limit stands against them, and an account manager reads of their own people only", async () => {
    const workshop = await makeWorkshop(connection.db, teamId, { capacity: 3, offerHours: 24 });
    const mine = await makeInvite(connection.db, system.env, workshop, manager.id);
    const other = await makeMember(connection.db, teamId, "account_manager", { name: "Bea Gil" });
    const theirs = await makeInvite(connection.db, system.env, workshop, other.id, { seatLimit: 1 });
    await connection.db.workshopAccountManager.updateMany({
      where: { workshopId: workshop.id, memberId: manager.id },
      data: { seatLimit: 1 },
    });
    const add = (state: "confirmed" | "waitlisted", invite: { id: string; memberId: string }) =>
      makeRegistration(connection.db, workshop, { state, inviteId: invite.id, memberId: invite.memberId });
    await add("confirmed", mine);
    await add("confirmed", theirs);
    const [ofMine, ofTheirs] = [await add("waitlisted", mine), await add("waitlisted", theirs)];
    const plain = { id: theirs.id, memberId: other.id };
    const free = await makeRegistration(connection.db, workshop, { state: "waitlisted", memberId: plain.memberId });
    const last = await makeRegistration(connection.db, workshop, { state: "waitlisted", memberId: plain.memberId });
    const seen = await waitlistOrder(architect, { workshopId: workshop.id });
    expect(seen.waiting.map(({ registrationId, position, why }) => [registrationId, position, why.code])).toEqual([
      [ofMine.id, 1, "account_manager"],
      [ofTheirs.id, 2, "invite"],
      [free.id, 3, "next"],
      [last.id, 4, "capacity"],
    ]);
    expect(seen.waiting[0]?.why).toMatchObject({ whose: "Ana Ruiz", limit: 1 });
    await connection.db.$transaction((tx) => promoteWaitlist(system, tx, { workshopId: workshop.id }));
    const after = await waitlistOrder(architect, { workshopId: workshop.id });
    expect(after.offered.map((offer) => offer.registrationId)).toEqual([free.id]);
    expect(after.seatsOffered).toBe(1);
    const own = await waitlistOrder({ ...system, actor: manager.actor }, { workshopId: workshop.id });
    expect(own.waiting.map((one) => [one.registrationId, one.position])).toEqual([[ofMine.id, 1]]);
    expect(own.offered).toEqual([]);
    const stranger = await makeMember(connection.db, (await makeTeam(connection.db)).id, "admin");
    const foreign = { ...system, actor: stranger.actor };
    await expect(waitlistOrder(foreign, { workshopId: workshop.id })).rejects.toMatchObject({ code: "not_found" });
  });
});
