import ICAL from "ical.js";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { send } from "@/server/mail/deliver";
import {
  acceptHandover,
  declineHandover,
  myHandover,
  readHandover,
  startHandover,
  withdrawHandover,
} from "@/server/registrations/handover";
import {
  cancelRegistration,
  enterByLink,
  mailedEntries,
  mintLink,
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

const hour = 3_600_000;

let database: TestDatabase;
let connection: ReturnType<typeof createDb>;
let clock: TestClock;
let system: Context;
let visitor: Context;
let manager: Awaited<ReturnType<typeof makeMember>>;
let teamId: string;
let people = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url, 20);
  clock = testClock();
  system = testContext(connection.db, testEnv(database.url), { kind: "system", by: "clock" }, clock);
  visitor = { ...system, actor: { kind: "visitor" } };
  teamId = (await makeTeam(connection.db)).id;
  manager = await makeMember(connection.db, teamId, "account_manager", { name: "Ana Ruiz" });
});

beforeEach(() => clock.set("2026-05-04T10:00:00Z"));

afterAll(async () => {
  await stopQueue();
  await connection.close();
  await database.drop();
});

const row = (id: string) =>
  connection.db.registration.findUniqueOrThrow({ where: { id }, include: { person: true, answers: true } });
const handoverOf = (id: string) => connection.db.handover.findFirstOrThrow({ where: { registrationId: id } });
const mailsOf = async (registrationId: string) =>
  (await connection.db.message.findMany({ where: { registrationId }, orderBy: { id: "asc" } })).map((m) => m.kind);
const attendee = (registrationId: string, verified = true) =>
  ({ ...system, actor: { kind: "attendee", teamId, registrationId, verified } }) as const;
const address = () => `berta.${++people}@acme.example`;
const own = { name: "Berta Sanz", company: "Acme", jobTitle: "", locale: "fr" };

/** A full workshop of three, with the seat that is to be handed over in the middle. */
async function seated(over = {}, inviteOver = {}) {
  const workshop = await makeWorkshop(connection.db, teamId, { capacity: 3, ...over });
  const invite = await makeInvite(connection.db, system.env, workshop, manager.id, inviteOver);
  const of = { inviteId: invite.id, memberId: manager.id };
  const before = await makeRegistration(connection.db, workshop, of);
  const giver = await makeRegistration(connection.db, workshop, { ...of, email: `giver.${++people}@acme.example` });
  const after = await makeRegistration(connection.db, workshop, of);
  return { workshop, invite, giver: giver.id, before: before.id, after: after.id };
}

async function started(registrationId: string, email = address()) {
  await startHandover(attendee(registrationId), { form: { name: "Berta", email, locale: "fr" } });
  const { id } = await handoverOf(registrationId);
  const url = await mintLink(system, { registrationId, purpose: "handover", handoverId: id });
  return { id, email, token: url.split("/").at(-1) ?? "" };
}

describe("handing over a seat", () => {
  test("passes it with its place in the order and its attribution; the giver's links, browsers and calendar entry end", async () => {
    const { workshop, invite, giver } = await seated();
    const question = await connection.db.question.create({
      data: { id: system.newId("question"), teamId, workshopId: workshop.id, ordinal: 0, kind: "text", label: "Diet" },
    });
    await connection.db.answer.create({
      data: { teamId, registrationId: giver, questionId: question.id, text: "no nuts" },
    });
    const personal = (await mintLink(system, { registrationId: giver, purpose: "personal" })).split("/").at(-1) ?? "";
    await enterByLink(visitor, { token: personal });
    await mailedEntries(system, { registrationId: giver, cancel: false });
    const place = (await row(giver)).ordinal;
    const { email, token } = await started(giver);
    expect(await readHandover(visitor, { token })).toMatchObject({ problem: null, giver: "Lucía Gómez", email });
    expect((await row(giver)).state).toBe("confirmed");

    const both = await Promise.all([1, 2].map(() => acceptHandover(visitor, { token, form: own })));
    const [taken] = [...new Set(both.map((entered) => entered.registrationId))];
    expect(new Set(both.map((entered) => entered.registrationId)).size).toBe(1);
    const now = await row(taken ?? "");
    expect(now).toMatchObject({
      ...{ state: "confirmed", ordinal: place, inviteId: invite.id, memberId: manager.id, noticeLocale: "fr" },
      ...{ noticeAt: clock.now(), followUpAt: null, answers: [] },
    });
    expect(now.person).toMatchObject({ email, name: "Berta Sanz", locale: "fr" });
    expect(await row(giver)).toMatchObject({ state: "cancelled", ordinal: null, cancelledAt: clock.now() });
    const counted = await connection.db.workshop.findUniqueOrThrow({ where: { id: workshop.id } });
    expect([counted.seatsTaken, counted.lastOrdinal]).toEqual([3, 3]);

    await expect(enterByLink(visitor, { token: personal })).rejects.toMatchObject({ code: "gone" });
    const browsers = await connection.db.attendeeBrowser.findMany({ where: { registrationId: giver } });
    expect(browsers.every((browser) => browser.revokedAt !== null)).toBe(true);
    expect(await mailsOf(giver)).toContain("handed_over");
    expect(await mailsOf(now.id)).toContain("confirmed");
    const [cancel] = await mailedEntries(system, { registrationId: giver, cancel: true });
    const [request] = await mailedEntries(system, { registrationId: now.id, cancel: false });
    expect([cancel?.method, request?.method]).toEqual(["CANCEL", "REQUEST"]);
    const entries = [cancel, request].map((file) => {
      const event = new ICAL.Component(ICAL.parse(file?.content ?? "")).getFirstSubcomponent("vevent");
      const told = event?.getFirstPropertyValue("attendee");
      return [event?.getFirstPropertyValue("uid"), event?.getFirstPropertyValue("sequence"), told];
    });
    const to = (of: { person: { email: string | null } }) =>
      expect.stringMatching(new RegExp(`${of.person.email}$`, "i"));
    expect(entries).toEqual([
      [expect.stringMatching(`^${giver}@`), 1, to(await row(giver))],
      [expect.stringMatching(`^${now.id}@`), 0, to(now)],
    ]);
    // The address of the colleague is a person's now, and stands nowhere else.
    expect(await handoverOf(giver)).toMatchObject({ state: "accepted", email: null, name: null });
    // Once the moment of a double click is over, the link no longer lets anybody in.
    clock.advance(hour);
    await expect(acceptHandover(visitor, { token, form: own })).rejects.toMatchObject({ code: "gone" });
  });

  test("declined, withdrawn or past its time leaves the seat where it was and the colleague's address nowhere", async () => {
    for (const end of ["declined", "withdrawn", "expired"] as const) {
      const { giver } = await seated();
      const { id, email, token } = await started(giver);
      if (end === "declined") await declineHandover(visitor, { token });
      if (end === "withdrawn") await withdrawHandover(attendee(giver));
      if (end === "expired") clock.advance(72 * hour);
      await tickRegistrations(system);
      expect(await connection.db.handover.findUniqueOrThrow({ where: { id } })).toMatchObject({
        ...{ state: end, email: null, name: null },
      });
      expect(await connection.db.person.count({ where: { email } })).toBe(0);
      expect((await row(giver)).state).toBe("confirmed");
      expect((await mailsOf(giver)).includes("handover_ended")).toBe(end !== "withdrawn");
      expect((await readHandover(visitor, { token }))?.problem).toBe(end);
      for (const act of [
        () => acceptHandover(visitor, { token, form: own }),
        () => declineHandover(visitor, { token }),
      ])
        await expect(act()).rejects.toMatchObject({ code: "gone", detail: { reason: end } });
      clock.set("2026-05-04T10:00:00Z");
      expect((await myHandover(attendee(giver))).pending).toBeNull();
    }
  });

  test("is for a verified browser, for a seat, one at a time, before the start, and ends with it", async () => {
    const { giver, workshop } = await seated();
    const form = { name: "Berta", email: address(), locale: "en" };
    await expect(startHandover(attendee(giver, false), { form })).rejects.toMatchObject({ code: "unverified" });
    const waiting = await makeRegistration(connection.db, workshop, { state: "waitlisted" });
    await expect(startHandover(attendee(waiting.id), { form })).rejects.toMatchObject({
      ...{ code: "not_ready", detail: { reason: "no_seat" } },
    });
    const approved = await seated({ approvalBy: "solutions_architect" });
    await expect(startHandover(attendee(approved.giver), { form })).rejects.toMatchObject({
      detail: { reason: "approval" },
    });
    const { token } = await started(giver);
    await expect(startHandover(attendee(giver), { form })).rejects.toMatchObject({ code: "conflict" });
    await cancelRegistration(attendee(giver), { registrationId: giver });
    await expect(acceptHandover(visitor, { token, form: own })).rejects.toMatchObject({ code: "gone" });
    await tickRegistrations(system);
    expect((await handoverOf(giver)).email).toBeNull();
    const late = await seated({ startsAt: new Date(clock.now().getTime() + hour) });
    await started(late.giver);
    expect((await handoverOf(late.giver)).endsAt).toEqual(new Date(clock.now().getTime() + hour));
    clock.advance(hour);
    await expect(startHandover(attendee(late.giver), { form })).rejects.toMatchObject({
      detail: { reason: "too_late" },
    });
  });

  test("goes to addresses that may register, and a seat by name only within the company; never to oneself", async () => {
    const domains = await seated({ allowedDomains: ["acme.example"] });
    const to = (registrationId: string, email: string) =>
      startHandover(attendee(registrationId), { form: { name: "Berta", email, locale: "en" } });
    const refused = { code: "invalid", detail: { fields: { email: expect.any(String) } } };
    await expect(to(domains.giver, "berta@other.example")).rejects.toMatchObject(refused);
    await to(domains.giver, "berta@eu.acme.example");
    const named = await seated({}, { personal: true, email: "giver@acme.example", seatLimit: 1 });
    await expect(to(named.giver, "berta@other.example")).rejects.toMatchObject(refused);
    const self = (await row(named.giver)).person.email ?? "";
    await expect(to(named.giver, self)).rejects.toMatchObject(refused);
    await to(named.giver, "berta@acme.example");
  });

  test("to somebody on the waitlist gives them the seat in place of their place; to one with a seat it changes nothing", async () => {
    const { workshop, giver, after } = await seated();
    const email = address();
    const waiting = await makeRegistration(connection.db, workshop, { state: "waitlisted", email });
    const { token } = await started(giver, email);
    const { registrationId } = await acceptHandover(visitor, { token, form: own });
    expect((await row(waiting.id)).state).toBe("cancelled");
    expect((await row(registrationId)).personId).toBe(waiting.personId);
    const holder = (await row(after)).person.email ?? "";
    const second = await started(registrationId, holder);
    await expect(acceptHandover(visitor, { token: second.token, form: own })).rejects.toMatchObject({
      ...{ code: "conflict", detail: { reason: "has_seat" } },
    });
    expect((await row(registrationId)).state).toBe("confirmed");
  });

  test("mails the colleague in the language that was chosen, and to nobody else", async () => {
    const { giver } = await seated();
    const { id } = await started(giver);
    const message = await connection.db.message.findFirstOrThrow({ where: { recipientKey: id } });
    expect(message).toMatchObject({ kind: "handover_offer", locale: "fr", registrationId: giver, state: "queued" });
    await withdrawHandover(attendee(giver));
    await send(system, { messageId: message.id });
    expect((await connection.db.message.findUniqueOrThrow({ where: { id: message.id } })).state).toBe("cancelled");
  });

  test("taken and taken back in the same moment, one of the two counts", async () => {
    for (let round = 0; round < 4; round++) {
      const { workshop, giver } = await seated();
      const { token } = await started(giver);
      const acts = [() => acceptHandover(visitor, { token, form: own }), () => withdrawHandover(attendee(giver))];
      const outcomes = await Promise.allSettled((round % 2 ? acts.toReversed() : acts).map((act) => act()));
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      const taken = (await handoverOf(giver)).state === "accepted";
      expect((await row(giver)).state).toBe(taken ? "cancelled" : "confirmed");
      expect(await connection.db.registration.count({ where: { workshopId: workshop.id, state: "confirmed" } })).toBe(
        3,
      );
    }
  });

  test("a seat that is handed over while it is cancelled goes one way or the other, never both", async () => {
    for (let round = 0; round < 6; round++) {
      const { workshop, giver } = await seated();
      const { token } = await started(giver);
      const [taking] = await Promise.allSettled([
        acceptHandover(visitor, { token, form: own }),
        cancelRegistration(attendee(giver), { registrationId: giver }),
      ]);
      const held = await connection.db.registration.count({
        where: { workshopId: workshop.id, state: "confirmed" },
      });
      expect(held).toBe(taking.status === "fulfilled" ? 3 : 2);
      const counted = await connection.db.workshop.findUniqueOrThrow({ where: { id: workshop.id } });
      expect(counted.seatsTaken).toBe(held);
    }
  });
});
