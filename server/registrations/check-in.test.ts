import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import { makeFacilitatorCode } from "@/server/identity/identity";
import { stopQueue } from "@/server/jobs/queue";
import type { MemberActor } from "@/server/permissions";
import {
  addWalkIn,
  checkIn,
  correctAttendance,
  enterByCode,
  exportRegistrations,
  findByCode,
  letIn,
  readRoom,
  settleAttendance,
  undoCheckIn,
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

let database: TestDatabase;
let connection: ReturnType<typeof createDb>;
let clock: TestClock;
let visitor: Context;
let team: Awaited<ReturnType<typeof makeTeam>>;
let ana: Awaited<ReturnType<typeof makeMember>>;
let marta: Awaited<ReturnType<typeof makeMember>>;
let sol: Awaited<ReturnType<typeof makeMember>>;
const theDay = "2026-05-12T07:00:00Z";

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url, 20);
  clock = testClock();
  visitor = testContext(connection.db, testEnv(database.url), { kind: "visitor" }, clock);
  team = await makeTeam(connection.db);
  ana = await makeMember(connection.db, team.id, "account_manager", { name: "Ana" });
  marta = await makeMember(connection.db, team.id, "account_manager", { name: "Marta" });
  sol = await makeMember(connection.db, team.id, "solutions_architect", { name: "Sol" });
});

beforeEach(() => clock.set(theDay));

afterAll(async () => {
  await stopQueue();
  await connection.close();
  await database.drop();
});

const as = (member: { actor: MemberActor }): Context<MemberActor> => ({ ...visitor, actor: member.actor });
const row = (id: string) => connection.db.registration.findUniqueOrThrow({ where: { id } });
const entries = async (entityId: string, action: string) =>
  (await connection.db.auditEntry.findMany({ where: { entityId, action } })).map((entry) => entry.detail);
const mails = async (registrationId: string) =>
  (await connection.db.message.findMany({ where: { registrationId }, orderBy: { id: "asc" } })).map((m) => m.kind);

async function workshopOf(over = {}, presenter?: { id: string }) {
  const workshop = await makeWorkshop(connection.db, team.id, over);
  await makeInvite(connection.db, visitor.env, workshop, ana.id);
  if (presenter)
    await connection.db.workshopPresenter.create({
      data: { teamId: team.id, workshopId: workshop.id, memberId: presenter.id },
    });
  return workshop;
}

const settle = (workshopId: string) =>
  connection.db.$transaction((tx) => settleAttendance(as(sol), tx, { workshopId }));

describe("at the door", () => {
  test("a check-in counts once however often it is pressed, and can be taken back and given again", async () => {
    const workshop = await workshopOf();
    const { id } = await makeRegistration(connection.db, workshop, { memberId: ana.id });
    const first = await Promise.all([1, 2, 3].map(() => checkIn(as(sol), { registrationId: id, by: "scan" })));
    expect(first.filter((answer) => !answer.already)).toHaveLength(1);
    clock.advance(60_000);
    expect((await checkIn(as(sol), { registrationId: id })).checkedInAt).toEqual(new Date(theDay));
    expect(await entries(id, "registration.checked_in")).toEqual([{ by: "scan" }]);
    await undoCheckIn(as(sol), { registrationId: id });
    await undoCheckIn(as(sol), { registrationId: id });
    expect((await row(id)).checkedInAt).toBeNull();
    expect(await entries(id, "registration.check_in_undone")).toHaveLength(1);
    expect(await checkIn(as(sol), { registrationId: id })).toMatchObject({ already: false });
  });

  test("people are checked in from the day of the workshop on its own calendar until it closes, and not outside of it", async () => {
    const workshop = await workshopOf({ timeZone: "Pacific/Auckland", startsAt: new Date("2026-05-11T21:30:00Z") });
    const { id } = await makeRegistration(connection.db, workshop);
    const refused = { code: "not_ready" };
    // In Auckland the twelfth begins at noon of the eleventh in UTC.
    clock.set("2026-05-11T11:59:00Z");
    await expect(checkIn(as(sol), { registrationId: id })).rejects.toMatchObject({
      ...refused,
      detail: { reason: "early" },
    });
    clock.set("2026-05-11T12:00:00Z");
    await checkIn(as(sol), { registrationId: id });
    clock.set("2026-05-12T15:00:00Z");
    await expect(undoCheckIn(as(sol), { registrationId: id })).rejects.toMatchObject(refused);
    await connection.db.workshop.update({ where: { id: workshop.id }, data: { state: "open" } });
    await undoCheckIn(as(sol), { registrationId: id });
    await connection.db.workshop.update({ where: { id: workshop.id }, data: { state: "closing" } });
    await expect(checkIn(as(sol), { registrationId: id })).rejects.toMatchObject(refused);
  });

  test("an account manager checks in their own people, a presenter everybody of their workshop, and others find nothing", async () => {
    const workshop = await workshopOf({}, marta);
    const { id } = await makeRegistration(connection.db, workshop, { memberId: ana.id, email: "ines@acme.example" });
    const nobodys = await makeRegistration(connection.db, workshop, { memberId: null });
    const nordics = await makeTeam(connection.db, { name: "Nordics" });
    const stranger = await makeMember(connection.db, nordics.id, "admin");
    const iker = await makeMember(connection.db, team.id, "account_manager");
    for (const other of [stranger, iker]) {
      await expect(checkIn(as(other), { registrationId: id })).rejects.toMatchObject({ code: "not_found" });
      await expect(letIn(as(other), { registrationId: id })).rejects.toMatchObject({ code: "not_found" });
      await expect(findByCode(as(other), { code: id })).rejects.toMatchObject({ code: "not_found" });
      await expect(readRoom(as(other), { workshopId: workshop.id })).rejects.toMatchObject({ code: "not_found" });
    }
    await expect(findByCode(visitor, { code: id })).rejects.toMatchObject({ code: "not_found" });
    await expect(checkIn(as(ana), { registrationId: nobodys.id })).rejects.toMatchObject({ code: "not_found" });
    await checkIn(as(ana), { registrationId: id });
    await checkIn(as(marta), { registrationId: nobodys.id });
    const mine = await readRoom(as(ana), { workshopId: workshop.id });
    expect(mine).toMatchObject({ expected: 1, checkedIn: 1, people: [{ id, email: "ines@acme.example" }] });
    const presented = await readRoom(as(marta), { workshopId: workshop.id });
    expect(presented).toMatchObject({ expected: 2, checkedIn: 2 });
    expect(presented.people.map((person) => person.email)).toEqual([null, null]);
  });

  test("the code of another workshop checks nobody in where it is shown", async () => {
    const here = await workshopOf();
    const elsewhere = await makeRegistration(connection.db, await workshopOf());
    const shown = checkIn(as(sol), { registrationId: elsewhere.id, workshopId: here.id, by: "scan" });
    await expect(shown).rejects.toMatchObject({ detail: { reason: "other_workshop" } });
    expect((await row(elsewhere.id)).checkedInAt).toBeNull();
  });

  test("whoever has no seat is let in only where one is free, and is told with the limit otherwise", async () => {
    const workshop = await workshopOf({ capacity: 2 });
    const seated = await makeRegistration(connection.db, workshop);
    const waiting = await makeRegistration(connection.db, workshop, { state: "waitlisted" });
    const unproved = await makeRegistration(connection.db, workshop, { state: "unverified" });
    await expect(checkIn(as(sol), { registrationId: waiting.id })).rejects.toMatchObject({
      code: "not_ready",
      detail: { reason: "waitlisted" },
    });
    const answers = await Promise.allSettled(
      [waiting.id, unproved.id].map((registrationId) => letIn(as(sol), { registrationId })),
    );
    const refused = answers.filter((answer) => answer.status === "rejected");
    expect(refused.map((answer) => answer.reason.detail.reason)).toEqual(["capacity"]);
    const here = await connection.db.registration.findMany({ where: { workshopId: workshop.id, state: "confirmed" } });
    expect(here).toHaveLength(2);
    const letInNow = here.find((one) => one.id !== seated.id)!;
    expect(letInNow.checkedInAt).not.toBeNull();
    expect(await mails(letInNow.id)).toContain(letInNow.id === waiting.id ? "promoted" : "confirmed");
    const gone = await makeRegistration(connection.db, workshop, { state: "cancelled" });
    await expect(letIn(as(sol), { registrationId: gone.id })).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("walk-ins", () => {
  const form = (workshopId: string, over = {}) => ({
    ...{ workshopId, name: "Nuria Vidal", email: "Nuria@Acme.example", company: "Acme" },
    ...{ noticeAccepted: true as const, ...over },
  });

  test("somebody who comes without a registration gets a seat, a mail and their check-in at once, or nothing of it", async () => {
    const workshop = await workshopOf({ capacity: 1 });
    const { registrationId } = await addWalkIn(as(ana), form(workshop.id));
    const added = await row(registrationId);
    expect(added).toMatchObject({ state: "confirmed", memberId: ana.id, ordinal: 1, company: "Acme" });
    expect(added.checkedInAt).toEqual(new Date(theDay));
    expect(await mails(registrationId)).toContain("confirmed");
    expect(await entries(registrationId, "registration.walked_in")).toHaveLength(1);
    const full = addWalkIn(as(sol), form(workshop.id, { email: "late@acme.example" }));
    await expect(full).rejects.toMatchObject({ code: "not_ready", detail: { reason: "capacity" } });
    expect(await connection.db.person.count({ where: { email: "late@acme.example" } })).toBe(0);
    clock.set("2026-05-11T10:00:00Z");
    await expect(addWalkIn(as(sol), form(workshop.id))).rejects.toMatchObject({ code: "not_ready" });
  });

  test("the workshop's questions are asked at the door, none has to be answered, and nothing sensitive is asked there", async () => {
    const workshop = await workshopOf();
    const ask = async (ordinal: number, kind: string, dataClass: string, over = {}) => {
      const id = `qst_${workshop.id.slice(4)}${ordinal}`;
      const row = {
        id,
        teamId: team.id,
        workshopId: workshop.id,
        ordinal,
        kind,
        dataClass,
        label: `Q${ordinal}`,
        ...over,
      };
      await connection.db.question.create({ data: row });
      return id;
    };
    const size = await ask(0, "choice", "none", { options: ["S", "M"], required: true });
    const years = await ask(1, "number", "none", { required: true });
    const photos = await ask(2, "consent", "personal", { required: true });
    const allergies = await ask(3, "text", "sensitive");
    const { questions } = await readRoom(as(ana), { workshopId: workshop.id });
    expect(questions.map(({ id, required }) => [id, required])).toEqual([size, years, photos].map((id) => [id, false]));
    const silent = await addWalkIn(as(ana), form(workshop.id, { email: "silent@acme.example" }));
    expect(await connection.db.answer.count({ where: { registrationId: silent.registrationId } })).toBe(0);
    const answers = { [size]: "M", [years]: "3,5", [photos]: true, [allergies]: "nuts", other: "x" };
    const { registrationId } = await addWalkIn(as(ana), form(workshop.id, { email: "talks@acme.example", answers }));
    const kept = await connection.db.answer.findMany({ where: { registrationId }, orderBy: { questionId: "asc" } });
    expect(
      kept.map(({ questionId, text, number, consentAt }) => [questionId, text ?? number?.toNumber() ?? consentAt]),
    ).toEqual([
      [size, "M"],
      [years, 3.5],
      [photos, clock.now()],
    ]);
    const wrong = addWalkIn(as(ana), form(workshop.id, { email: "wrong@acme.example", answers: { [size]: "XXL" } }));
    await expect(wrong).rejects.toMatchObject({ issues: [{ path: ["answers", size] }] });
    expect(await connection.db.person.count({ where: { email: "wrong@acme.example" } })).toBe(0);
    const { content } = await exportRegistrations(as(ana), { workshopId: workshop.id });
    let file = "";
    for await (const piece of content) file += piece;
    expect(file).toMatch(/silent@acme\.example.*,not answered,not answered,not answered\r\n/);
    expect(file).toMatch(/talks@acme\.example.*,M,3\.5,yes\r\n/);
  });

  test("without the notice nobody is written down", async () => {
    const workshop = await workshopOf();
    const silent = { ...form(workshop.id), noticeAccepted: false } as unknown as ReturnType<typeof form>;
    await expect(addWalkIn(as(sol), silent)).rejects.toThrow(/notice/);
    expect(await connection.db.registration.count({ where: { workshopId: workshop.id } })).toBe(0);
  });

  test("what is said at the door changes nobody who is known, and nobody is registered twice", async () => {
    const workshop = await workshopOf();
    const known = await makeRegistration(connection.db, await workshopOf(), {
      ...{ email: "olga@acme.example", name: "Olga Prat", memberId: marta.id },
    });
    const { registrationId } = await addWalkIn(
      as(ana),
      form(workshop.id, { email: "olga@acme.example", name: "Somebody else" }),
    );
    expect((await row(registrationId)).personId).toBe(known.personId);
    expect(await connection.db.person.findUnique({ where: { id: known.personId } })).toMatchObject({
      name: "Olga Prat",
    });
    const { people } = await readRoom(as(ana), { workshopId: workshop.id });
    expect(people.map((person) => person.name)).toEqual(["Somebody else"]);
    const again = addWalkIn(as(sol), form(workshop.id, { email: "olga@acme.example" }));
    await expect(again).rejects.toMatchObject({ code: "conflict", detail: { reason: "known" } });
  });

  test("the code that is read out lets a new browser in, once; what is wrong, over or unknown is answered alike", async () => {
    const workshop = await workshopOf();
    const { registrationId } = await addWalkIn(as(sol), form(workshop.id, { email: "eva@acme.example" }));
    const { code } = await makeFacilitatorCode(as(sol), { registrationId });
    const wrong = code === "000000" ? "111111" : "000000";
    const answers = [
      enterByCode(visitor, { registrationId, code: wrong }),
      enterByCode(visitor, { registrationId: "reg_00000000000000000000000000", code }),
      enterByCode(visitor, { registrationId, code: "" }),
    ];
    for (const answer of await Promise.allSettled(answers))
      expect(answer).toMatchObject({
        reason: { code: "invalid", message: expect.stringContaining("no longer works") },
      });
    await enterByCode(visitor, { registrationId, code });
    const browsers = await connection.db.attendeeBrowser.findMany({ where: { registrationId } });
    expect(browsers.map((browser) => browser.verifiedAt)).toEqual([new Date(theDay)]);
    await expect(enterByCode(visitor, { registrationId, code })).rejects.toMatchObject({ code: "invalid" });
  });
});

test("where a solutions architect says who may come, an account manager lets nobody in who was not approved", async () => {
  const workshop = await workshopOf({ approvalBy: "solutions_architect" });
  const asked = await makeRegistration(connection.db, workshop, { memberId: ana.id, state: "awaiting_approval" });
  const unproved = await makeRegistration(connection.db, workshop, { memberId: ana.id, state: "unverified" });
  for (const { id } of [asked, unproved])
    await expect(letIn(as(ana), { registrationId: id })).rejects.toMatchObject({ code: "not_ready" });
  const person = { name: "Nil", email: "nil@acme.example", company: "Acme", noticeAccepted: true as const };
  await expect(addWalkIn(as(ana), { workshopId: workshop.id, ...person })).rejects.toMatchObject({ code: "not_ready" });
  await letIn(as(sol), { registrationId: asked.id });
  expect(await row(asked.id)).toMatchObject({ state: "confirmed", decidedById: sol.id });
});

describe("afterwards", () => {
  test("attendance is settled from what was seen of each, and not guessed where nothing was", async () => {
    const workshop = await workshopOf({ state: "open" });
    const came = await makeRegistration(connection.db, workshop);
    const worked = await makeRegistration(connection.db, workshop);
    const missed = await makeRegistration(connection.db, workshop);
    await settle(workshop.id);
    expect((await row(missed.id)).state).toBe("confirmed");
    await checkIn(as(sol), { registrationId: came.id });
    await connection.db.registration.update({ where: { id: worked.id }, data: { consoleOpenedAt: clock.now() } });
    await settle(workshop.id);
    await settle(workshop.id);
    const states = [came.id, worked.id, missed.id].map(async (id) => (await row(id)).state);
    expect(await Promise.all(states)).toEqual(["attended", "attended", "no_show"]);
  });

  test("a check-in while the workshop closes counts or is refused, and none is lost in between", async () => {
    const workshop = await workshopOf({ state: "open" });
    const rows = await Promise.all([...Array(12)].map(() => makeRegistration(connection.db, workshop)));
    await checkIn(as(sol), { registrationId: rows[0]!.id });
    const closing = connection.db.$transaction(async (tx) => {
      await settleAttendance(as(sol), tx, { workshopId: workshop.id });
      await tx.workshop.update({ where: { id: workshop.id }, data: { state: "closing" } });
    });
    const marks = rows.map(({ id }) => checkIn(as(sol), { registrationId: id }));
    const answers = await Promise.allSettled(marks);
    await closing;
    for (const [index, answer] of answers.entries()) {
      const { state, checkedInAt } = await row(rows[index]!.id);
      const present = index === 0 || answer.status === "fulfilled";
      expect({ state, marked: checkedInAt !== null }).toEqual({
        state: present ? "attended" : "no_show",
        marked: present,
      });
    }
  });

  test("who came can be put right after closing, by those whose people they are, until their data is deleted", async () => {
    const workshop = await workshopOf({ state: "open" });
    const { id } = await makeRegistration(connection.db, workshop, { memberId: ana.id });
    await expect(correctAttendance(as(ana), { registrationId: id, came: true })).rejects.toMatchObject({
      code: "not_ready",
    });
    await connection.db.workshop.update({ where: { id: workshop.id }, data: { state: "closed" } });
    await expect(correctAttendance(as(marta), { registrationId: id, came: true })).rejects.toMatchObject({
      code: "not_found",
    });
    for (const came of [true, true, false]) await correctAttendance(as(ana), { registrationId: id, came });
    expect((await row(id)).state).toBe("no_show");
    expect(await entries(id, "registration.attendance_corrected")).toEqual([
      { was: "confirmed", now: "attended" },
      { was: "attended", now: "no_show" },
    ]);
    await connection.db.registration.update({ where: { id }, data: { anonymizedAt: clock.now() } });
    await expect(correctAttendance(as(sol), { registrationId: id, came: true })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});
