import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb, type Db } from "@/server/db";
import type { Env } from "@/server/env";
import { stopQueue } from "@/server/jobs/queue";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
  makeAccount,
  makeMember,
  makeProfile,
  makeRegistration,
  makeTeam,
  makeWorkshop,
  testClock,
  testContext,
  testEnv,
} from "@/server/testing/factories";
import { checkMove, type MoveName, moveRules, type WorkshopFacts } from "@/server/workshops/lifecycle";
import { workshopForm } from "@/server/workshops/schemas";
import { getWorkshop, listWorkshops } from "@/server/workshops/views";
import {
  cancelWorkshop,
  closeWorkshop,
  createWorkshop,
  duplicateWorkshop,
  extendWorkshop,
  openRegistration,
  openWorkshop,
  tickWorkshops,
  updateWorkshop,
} from "@/server/workshops/workshops";

let database: TestDatabase;
let db: Db;
let env: Env;
let pool: ReturnType<typeof createDb>["pool"];
let close: () => Promise<void>;

beforeAll(async () => {
  database = await createTestDatabase();
  ({ db, pool, close } = createDb(database.url));
  // No call to the cloud is made here: jobs are enqueued and not run.
  env = testEnv(database.url, { AWS_ENDPOINT_URL: "http://127.0.0.1:9" });
});

afterAll(async () => {
  await stopQueue();
  await close();
  await database.drop();
});

const form = (over: object = {}) =>
  workshopForm.parse({
    title: "Serverless day",
    place: "Calle de Alcalá 1, Madrid",
    date: "2026-05-12",
    startTime: "09:30",
    endTime: "17:00",
    timeZone: "Europe/Madrid",
    capacity: 20,
    ...over,
  });

/** A team whose pool is set up, with a solutions architect, an account manager and a clock at 4 May 2026, 10:00 UTC. */
async function stage() {
  const team = await makeTeam(db, { organizationalUnits: { root: "ou-1" }, organizationProblem: "" });
  const sol = await makeMember(db, team.id, "solutions_architect");
  const ana = await makeMember(db, team.id, "account_manager");
  const clock = testClock();
  const as = (actor: Context["actor"]) => testContext(db, env, actor, clock);
  return { team, sol, ana, clock, ctx: as(sol.actor), as, system: as({ kind: "system", by: "clock" }) };
}

const stateOf = async (id: string) => (await db.workshop.findUniqueOrThrow({ where: { id } })).state;

describe("the table of moves", () => {
  const ready: WorkshopFacts = {
    ...{ state: "draft", paused: false, title: "t", place: "Madrid", link: "", presenters: 1, accountManagers: 1 },
    ...{ capacity: 20, confirmed: 0, waitlisted: 0, unverified: 0, liveLeases: 0, pool: null },
    startsAt: new Date("2026-05-12T07:30:00Z"),
    endsAt: new Date("2026-05-12T15:00:00Z"),
    now: new Date("2026-05-04T10:00:00Z"),
  };

  test("registration opens only when date, place, presenter and account manager are there, and says which is missing", () => {
    expect(checkMove("openRegistration", ready).allowed).toBe(true);
    const missing: [Partial<WorkshopFacts>, RegExp][] = [
      [{ startsAt: null }, /no date/i],
      [{ startsAt: ready.now }, /past/],
      [{ place: "" }, /no place/i],
      [{ presenters: 0 }, /presenter/i],
      [{ accountManagers: 0 }, /account manager/i],
    ];
    for (const [over, reason] of missing) {
      const move = checkMove("openRegistration", { ...ready, ...over });
      expect(move.allowed).toBe(false);
      expect(move.reason).toMatch(reason);
      expect(move.guards.filter((guard) => !guard.ok).every((guard) => guard.fix !== null)).toBe(true);
    }
  });

  test("no move is possible from a state that the table does not name", () => {
    for (const name of Object.keys(moveRules) as MoveName[])
      for (const state of ["draft", "registration", "open", "closing", "closed", "cancelled"] as const)
        if (!moveRules[name].from.includes(state)) expect(checkMove(name, { ...ready, state }).allowed).toBe(false);
  });
});

describe("drafting", () => {
  test("a day that the calendar does not have is refused with its field, in a date and in a last day", () => {
    for (const over of [{ date: "2026-02-30" }, { date: "2027-02-29" }, { endDate: "2026-05-32" }])
      expect(() => form(over)).toThrow("Choose a date");
    expect(form({ date: "2028-02-29" }).date).toBe("2028-02-29");
  });

  test("a title is one line, whatever was pasted, since it stands in the subject of mails; an abstract keeps its lines", () => {
    const { title, abstract } = form({ title: "Serverless\r\nBcc: everybody", abstract: "First\nSecond" });
    expect([title, abstract]).toEqual(["Serverless Bcc: everybody", "First\nSecond"]);
  });

  test("a local time that the clocks skip is refused with the field, and the hour after is kept", async () => {
    const { ctx } = await stage();
    const skipped = form({ date: "2027-03-28", startTime: "02:30" });
    await expect(createWorkshop(ctx, skipped)).rejects.toMatchObject({
      code: "invalid",
      detail: { fields: { startTime: expect.any(String) } },
    });
    const { id } = await createWorkshop(ctx, form({ date: "2027-03-28", startTime: "03:30" }));
    expect((await db.workshop.findUniqueOrThrow({ where: { id } })).startsAt).toEqual(new Date("2027-03-28T01:30:00Z"));
  });

  test("spare accounts are no more than the seats, and accounts are made ready from five minutes to a day before", () => {
    const refused = (over: object) =>
      workshopForm.safeParse({ ...form(), ...over }).error?.issues.map(({ path }) => path[0]);
    const over = [{ spares: 21 }, { spares: -1 }, { spares: 1.5 }, { prewarmMinutes: 4 }, { prewarmMinutes: 1441 }];
    expect(over.map(refused)).toEqual(over.map((one) => Object.keys(one)));
    expect(form({ spares: 20, prewarmMinutes: 1440 })).toMatchObject({ spares: 20, prewarmMinutes: 1440 });
    expect(form({ prewarmMinutes: 5 }).prewarmMinutes).toBe(5);
    expect(form()).toMatchObject({ spares: 0, prewarmMinutes: null });
  });

  test("a duplicate keeps the local times over a clock change and none of the people who registered", async () => {
    const { ctx } = await stage();
    const { id } = await createWorkshop(ctx, form({ date: "2026-10-20", spares: 2, prewarmMinutes: 90 }));
    const workshop = await db.workshop.findUniqueOrThrow({ where: { id } });
    await makeRegistration(db, workshop);
    const copy = await duplicateWorkshop(ctx, { workshopId: id, startsOn: "2026-10-27" });
    const made = await db.workshop.findUniqueOrThrow({ where: { id: copy.id }, include: { registrations: true } });
    expect(workshop.startsAt).toEqual(new Date("2026-10-20T07:30:00Z"));
    expect(made.startsAt).toEqual(new Date("2026-10-27T08:30:00Z"));
    expect(made).toMatchObject({ state: "draft", seatsTaken: 0, registrations: [], spares: 2, prewarmMinutes: 90 });
  });

  test("people and sandbox profile of another team are not accepted", async () => {
    const { ctx } = await stage();
    const other = await makeTeam(db);
    const stranger = await makeMember(db, other.id, "solutions_architect");
    const profile = await makeProfile(db, other.id);
    await expect(createWorkshop(ctx, form({ presenterIds: [stranger.id] }))).rejects.toMatchObject({ code: "invalid" });
    await expect(createWorkshop(ctx, form({ sandboxProfileId: profile.id }))).rejects.toMatchObject({
      code: "invalid",
    });
  });

  test("the database refuses a row that points into another team", async () => {
    const { team } = await stage();
    const profile = await makeProfile(db, (await makeTeam(db)).id);
    await expect(makeWorkshop(db, team.id, { sandboxProfileId: profile.id })).rejects.toThrow(/foreign key/i);
  });
});

describe("opening registration", () => {
  test("two members at once: one wins, the other hears of it, and each account manager has one link and one mail", async () => {
    const { ctx, ana, sol } = await stage();
    const people = { presenterIds: [sol.id], accountManagers: [{ memberId: ana.id, seatLimit: null }] };
    const { id } = await createWorkshop(ctx, form(people));
    const results = await Promise.allSettled([1, 2].map(() => openRegistration(ctx, { workshopId: id })));
    expect(results.map((result) => result.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await stateOf(id)).toBe("registration");
    expect(await db.invite.count({ where: { workshopId: id } })).toBe(1);
    expect(await db.message.count({ where: { workshopId: id, kind: "invitation_kit" } })).toBe(1);
  });

  test("an account manager may not, and another team's member gets the answer for what does not exist", async () => {
    const { ctx, ana, as } = await stage();
    const { id } = await createWorkshop(ctx, form());
    const stranger = await makeMember(db, (await makeTeam(db)).id, "admin");
    for (const actor of [ana.actor, stranger.actor, { kind: "visitor" } as const])
      await expect(openRegistration(as(actor), { workshopId: id })).rejects.toMatchObject({ code: "not_found" });
    expect(await stateOf(id)).toBe("draft");
  });
});

describe("changing a workshop that people know of", () => {
  test("a new date raises each calendar entry's sequence and tells each confirmed person once", async () => {
    const { ctx, ana, sol } = await stage();
    const people = { presenterIds: [sol.id], accountManagers: [{ memberId: ana.id, seatLimit: null }] };
    const { id } = await createWorkshop(ctx, form(people));
    await openRegistration(ctx, { workshopId: id });
    const registration = await makeRegistration(db, await db.workshop.findUniqueOrThrow({ where: { id } }));
    await updateWorkshop(ctx, { workshopId: id, form: form({ ...people, date: "2026-05-13" }) });
    await updateWorkshop(ctx, { workshopId: id, form: form({ ...people, date: "2026-05-13", abstract: "New words" }) });
    const changed = await db.message.findMany({ where: { registrationId: registration.id, kind: "changed" } });
    expect(changed.map((message) => message.data)).toMatchObject([
      { fields: ["startsAt", "endsAt"], before: { startsAt: expect.any(String) } },
    ]);
    expect((await db.registration.findUniqueOrThrow({ where: { id: registration.id } })).calendarSequence).toBe(1);
  });

  test("a change that people are not to be told of sends nothing, and moves what waits all the same", async () => {
    const { ctx, team } = await stage();
    const workshop = await makeWorkshop(db, team.id);
    const { id: registrationId } = await makeRegistration(db, workshop);
    const moved = form({ date: "2026-05-20", surveyUrl: "https://survey.example/1" });
    await updateWorkshop(ctx, { workshopId: workshop.id, form: moved, tell: false });
    const mails = await db.message.findMany({ where: { registrationId }, select: { kind: true, dueAt: true } });
    expect(mails).toEqual([{ kind: "reminder", dueAt: new Date("2026-05-18T07:00:00Z") }]);
    const copy = await duplicateWorkshop(ctx, { workshopId: workshop.id, startsOn: null });
    const { surveyUrl } = await db.workshop.findUniqueOrThrow({ where: { id: copy.id } });
    expect(surveyUrl).toBe("https://survey.example/1");
  });

  test("a new agenda is told, the same agenda is not", async () => {
    const { ctx, team } = await stage();
    const agenda = [{ startsAt: "09:30", title: "Arrive", description: "" }];
    const workshop = await makeWorkshop(db, team.id);
    const { id: registrationId } = await makeRegistration(db, workshop);
    const same = form({ agenda, abstract: workshop.abstract });
    for (const next of [same, same]) await updateWorkshop(ctx, { workshopId: workshop.id, form: next });
    const changed = await db.message.findMany({ where: { registrationId, kind: "changed" } });
    expect(changed.map((message) => message.data)).toMatchObject([{ fields: ["agenda"] }]);
  });

  test("extending an open workshop sends each person with a seat a newer calendar entry, each time", async () => {
    const { ctx, team } = await stage();
    const workshop = await makeWorkshop(db, team.id, { state: "open" });
    const { id: registrationId } = await makeRegistration(db, workshop);
    await makeRegistration(db, workshop, { state: "cancelled" });
    for (const minutes of [30, 60]) await extendWorkshop(ctx, { workshopId: workshop.id, minutes });
    const told = await db.message.findMany({ where: { workshopId: workshop.id, kind: "changed" } });
    expect(told.map((message) => [message.registrationId, message.data])).toMatchObject([
      [registrationId, { fields: ["endsAt"] }],
      [registrationId, { fields: ["endsAt"] }],
    ]);
    const { calendarSequence } = await db.registration.findUniqueOrThrow({ where: { id: registrationId } });
    expect(calendarSequence).toBe(2);
  });

  test("the capacity may fall to the seats taken and not one below", async () => {
    const { ctx, team } = await stage();
    const workshop = await makeWorkshop(db, team.id, { capacity: 3 });
    for (let i = 0; i < 2; i++) await makeRegistration(db, workshop);
    const below = updateWorkshop(ctx, { workshopId: workshop.id, form: form({ capacity: 1 }) });
    await expect(below).rejects.toMatchObject({
      code: "invalid",
      detail: { fields: { capacity: expect.stringContaining("2 seats") } },
    });
    await updateWorkshop(ctx, { workshopId: workshop.id, form: form({ capacity: 2 }) });
  });

  test("a larger capacity moves the first of the waitlist up, and no more than fit", async () => {
    const { ctx, team } = await stage();
    const workshop = await makeWorkshop(db, team.id, { capacity: 1 });
    await makeRegistration(db, workshop);
    const waiting = [];
    for (let i = 0; i < 3; i++) waiting.push(await makeRegistration(db, workshop, { state: "waitlisted" }));
    await updateWorkshop(ctx, { workshopId: workshop.id, form: form({ capacity: 3 }) });
    const states = await db.registration.findMany({
      where: { id: { in: waiting.map((w) => w.id) } },
      orderBy: { ordinal: "asc" },
    });
    expect(states.map((row) => row.state)).toEqual(["confirmed", "confirmed", "waitlisted"]);
  });
});

describe("opening", () => {
  async function withPool(accounts: number, people: number) {
    const scene = await stage();
    const profile = await makeProfile(db, scene.team.id);
    const workshop = await makeWorkshop(db, scene.team.id, { sandboxProfileId: profile.id });
    await db.workshopPresenter.create({
      data: { teamId: scene.team.id, workshopId: workshop.id, memberId: scene.sol.id },
    });
    for (let i = 0; i < accounts; i++) await makeAccount(db, scene.team.id);
    for (let i = 0; i < people; i++) await makeRegistration(db, workshop);
    return { ...scene, workshop };
  }
  const leases = (workshopId: string) => db.lease.count({ where: { workshopId, holder: "registration" } });

  test("with too few accounts a person is asked first and nothing has changed; then those first confirmed are served", async () => {
    const { ctx, workshop } = await withPool(4, 5);
    const { id: workshopId } = workshop;
    await expect(openWorkshop(ctx, { workshopId })).rejects.toMatchObject({ detail: { reason: "too_few_accounts" } });
    expect([await stateOf(workshopId), await leases(workshopId)]).toEqual(["registration", 0]);
    await openWorkshop(ctx, { workshopId, acceptFewer: true });
    const served = await db.registration.findMany({
      where: { workshopId, leases: { some: {} } },
      orderBy: { ordinal: "asc" },
    });
    expect(served.map((row) => row.ordinal)).toEqual(served.map((_, index) => index + 1));
    expect(await db.message.count({ where: { workshopId, kind: "accounts_missing" } })).toBe(1);
  });

  test("the clock opens at its minute and not one before, and goes ahead with too few accounts", async () => {
    const { system, clock, workshop } = await withPool(2, 3);
    clock.set("2026-05-12T06:59:00Z");
    await tickWorkshops(system);
    expect(await stateOf(workshop.id)).toBe("registration");
    clock.set("2026-05-12T07:00:00Z");
    await tickWorkshops(system);
    expect(await stateOf(workshop.id)).toBe("open");
  });

  test("the clock closes at its hour and not before, and people are counted as attended or not", async () => {
    const { system, ctx, clock, workshop, team } = await withPool(3, 2);
    await openWorkshop(ctx, { workshopId: workshop.id });
    const [first] = await db.registration.findMany({ where: { workshopId: workshop.id }, orderBy: { ordinal: "asc" } });
    await db.registration.updateMany({ where: { id: first?.id, teamId: team.id }, data: { checkedInAt: clock.now() } });
    clock.set("2026-05-12T16:59:00Z");
    await tickWorkshops(system);
    expect(await stateOf(workshop.id)).toBe("open");
    clock.set("2026-05-12T17:00:00Z");
    await tickWorkshops(system);
    expect(await stateOf(workshop.id)).toBe("closing");
    const states = await db.registration.findMany({ where: { workshopId: workshop.id }, orderBy: { ordinal: "asc" } });
    expect(states.map((row) => row.state)).toEqual(["attended", "no_show"]);
  });

  test("a workshop that the clock cannot move for a bug holds back no other, and the bug is still told", async () => {
    const { system, team } = await stage();
    const begun = { startsAt: new Date("2026-04-01T08:00:00Z"), endsAt: new Date("2026-06-01T08:00:00Z") };
    const broken = await makeWorkshop(db, team.id, begun);
    const next = await makeWorkshop(db, team.id, { ...begun, startsAt: new Date("2026-04-02T08:00:00Z") });
    let asked = 0;
    const newId: Context["newId"] = (kind) => {
      asked += 1;
      if (asked === 1) throw new TypeError("a bug");
      return system.newId(kind);
    };
    await expect(tickWorkshops({ ...system, newId })).rejects.toThrow("a bug");
    expect([await stateOf(broken.id), await stateOf(next.id)]).toEqual(["registration", "open"]);
  });

  test("a pool without its guard rails lends nothing, and the reason is said", async () => {
    const { ctx, team, workshop } = await withPool(3, 1);
    await db.team.update({
      where: { id: team.id },
      data: { organizationProblem: "the policy of the pool is missing" },
    });
    await expect(openWorkshop(ctx, { workshopId: workshop.id })).rejects.toThrow(/policy of the pool is missing/);
  });
});

test("the list of workshops takes as many queries for twenty as for one, and says the same of each as its page", async () => {
  const { ctx, team } = await stage();
  let queries = 0;
  const count = () => {
    queries += 1;
  };
  const listed = async () => {
    queries = 0;
    pool.on("acquire", count);
    const list = await listWorkshops(ctx);
    pool.off("acquire", count);
    return { list, queries };
  };
  const profile = await makeProfile(db, team.id);
  await makeWorkshop(db, team.id, { sandboxProfileId: profile.id });
  const one = await listed();
  for (let made = 1; made < 20; made++) {
    const workshop = await makeWorkshop(db, team.id, { state: made % 2 ? "open" : "registration" });
    await makeRegistration(db, workshop);
  }
  const twenty = await listed();
  expect(twenty.list).toHaveLength(20);
  expect(twenty.queries).toBe(one.queries);
  for (const { id, next } of twenty.list.slice(0, 4))
    expect((await getWorkshop(ctx, { workshopId: id })).moves[0]).toEqual(next);
});

describe("ending", () => {
  test("cancelling tells everybody who registered once, frees the seats and fixes the date when their data goes", async () => {
    const { ctx, team } = await stage();
    const workshop = await makeWorkshop(db, team.id);
    await makeRegistration(db, workshop);
    await makeRegistration(db, workshop, { state: "waitlisted" });
    await makeRegistration(db, workshop, { state: "unverified" });
    await cancelWorkshop(ctx, { workshopId: workshop.id });
    await expect(cancelWorkshop(ctx, { workshopId: workshop.id })).rejects.toMatchObject({ code: "not_ready" });
    const after = await db.workshop.findUniqueOrThrow({ where: { id: workshop.id } });
    expect(after).toMatchObject({ state: "cancelled", seatsTaken: 0, anonymizeAt: new Date("2026-05-18T10:00:00Z") });
    expect(await db.message.count({ where: { workshopId: workshop.id, kind: "workshop_cancelled" } })).toBe(2);
  });

  test("a workshop that is over cannot be closed again, changed or cancelled", async () => {
    const { ctx, team } = await stage();
    const { id: workshopId } = await makeWorkshop(db, team.id, { state: "closed" });
    await expect(closeWorkshop(ctx, { workshopId })).rejects.toMatchObject({ code: "not_ready" });
    await expect(cancelWorkshop(ctx, { workshopId })).rejects.toMatchObject({ code: "not_ready" });
    await expect(updateWorkshop(ctx, { workshopId, form: form() })).rejects.toMatchObject({ code: "conflict" });
  });
});
