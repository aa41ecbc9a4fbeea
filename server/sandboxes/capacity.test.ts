import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Prisma } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { createDb, type Db } from "@/server/db";
import type { Env } from "@/server/env";
import { makeId } from "@/server/ids";
import { liveVersion } from "@/server/insights/live";
import { stopQueue } from "@/server/jobs/queue";
import { poolCalendar } from "@/server/sandboxes/calendar";
import {
  capacityPlan,
  checkDates,
  cleaningTime,
  type Hold,
  lockPoolDates,
  type Span,
  shortages,
  sweep,
} from "@/server/sandboxes/capacity";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
  makeAccount,
  makeMember,
  makeProfile,
  makeTeam,
  makeWorkshop,
  testClock,
  testContext,
  testEnv,
} from "@/server/testing/factories";
import { workshopForm } from "@/server/workshops/schemas";
import { getWorkshop } from "@/server/workshops/views";
import { openRegistration, previewDates, updateWorkshop } from "@/server/workshops/workshops";

/** A repeatable source of numbers in [0, below). */
function dice(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe("demand and supply over time", () => {
  const length = 30;
  const randomHolds = (roll: (below: number) => number, name: string): Hold[] =>
    Array.from({ length: roll(9) }, (_, index) => {
      const from = roll(length);
      const to = roll(8) === 0 ? Number.POSITIVE_INFINITY : from + roll(10);
      // Two holds may be of one workshop.
      return { id: `${name}${roll(2) ? index : 0}`, from, to, accounts: roll(5) };
    });
  const sumAt = (holds: readonly Hold[], at: number) =>
    holds.filter((hold) => hold.from <= at && at < hold.to).reduce((sum, hold) => sum + hold.accounts, 0);

  test("is the same as counting at each moment, for 500 random plans, with no gap between the stretches", () => {
    const moments = Array.from({ length: length + 12 }, (_, at) => at);
    for (let seed = 1; seed <= 500; seed++) {
      const roll = dice(seed);
      const [wanted, away, accounts] = [randomHolds(roll, "w"), randomHolds(roll, "a"), roll(20)];
      const counted = moments.map((at) => {
        const ids = wanted.filter((hold) => hold.accounts > 0 && hold.from <= at && at < hold.to).map(({ id }) => id);
        const there = Math.max(0, accounts - sumAt(away, at));
        return { wanted: sumAt(wanted, at), there, ids: [...new Set(ids)].sort() };
      });
      const spans = sweep(wanted, away, accounts);
      const nothing = { wanted: 0, there: accounts, ids: [] };
      const swept = moments.map((at) => spans.find((span) => span.from <= at && at < span.to) ?? nothing);
      expect(swept.map((span) => ({ wanted: span.wanted, there: span.there, ids: [...span.ids].sort() }))).toEqual(
        counted,
      );
      expect(spans.slice(1).map(({ from }) => from)).toEqual(spans.slice(0, -1).map(({ to }) => to));
      expect(spans.every(({ from, to }) => from < to)).toBe(true);

      const missing = counted.map((one) => Math.max(0, one.wanted - one.there));
      const short = shortages(spans);
      const within = (at: number) => short.filter((one) => one.from <= at && at < one.to);
      expect(moments.map((at) => within(at).length)).toEqual(missing.map((count) => Math.min(1, count)));
      const most = moments.map((at) => within(at).map(({ worst }) => worst.wanted - worst.there - (missing[at] ?? 0)));
      expect(most.flat().every((less) => less >= 0)).toBe(true);
      expect(short.slice(1).every((one, index) => one.from > (short[index]?.to ?? 0))).toBe(true);
    }
  });

  test("nothing wanted is nothing to say, and what follows at once is not wanted together", () => {
    expect(sweep([], [], 3)).toEqual([]);
    const one = { id: "a", from: 0, to: 10, accounts: 2 };
    const spans: Span[] = sweep([one, { ...one, id: "b", from: 10, to: 20 }], [], 2);
    expect(spans.map(({ wanted }) => wanted)).toEqual([2, 2]);
    expect(shortages(spans)).toEqual([]);
  });
});

test("cleaning is expected to last as long as nine of ten did, so that one that got stuck does not count", () => {
  const minute = 60_000;
  const usual = Array.from({ length: 45 }, (_, index) => (index + 1) * 10_000);
  expect(cleaningTime([...usual, ...Array(5).fill(300 * minute)])).toEqual({ minutes: 8, runs: 50 });
  expect(cleaningTime([11.2 * minute])).toEqual({ minutes: 12, runs: 1 });
  expect(cleaningTime([])).toEqual({ minutes: 30, runs: 0 });
  expect(cleaningTime([0])).toEqual({ minutes: 1, runs: 1 });
});

let database: TestDatabase;
let opened: ReturnType<typeof createDb>;
let db: Db;
let env: Env;

beforeAll(async () => {
  database = await createTestDatabase();
  opened = createDb(database.url);
  db = opened.db;
  // No call to AWS is made here: dates are a matter of the database alone.
  env = testEnv(database.url, { AWS_ENDPOINT_URL: "http://127.0.0.1:9" });
});

afterAll(async () => {
  await stopQueue();
  await opened.close();
  await database.drop();
});

/** A team with accounts, and with workshops of its own making, at 4 May 2026, 10:00 UTC. */
async function stage(accounts: number, over: Partial<Prisma.TeamUncheckedCreateInput> = {}) {
  const team = await makeTeam(db, { organizationalUnits: { root: "ou-1" }, organizationProblem: "", ...over });
  const [sol, ana] = [
    await makeMember(db, team.id, "solutions_architect"),
    await makeMember(db, team.id, "account_manager"),
  ];
  const profile = await makeProfile(db, team.id);
  for (let count = 0; count < accounts; count++) await makeAccount(db, team.id);
  const clock = testClock();
  const as = (actor: Context["actor"]) => testContext(db, env, actor, clock);
  const workshop = async (fields: Partial<Prisma.WorkshopUncheckedCreateInput> = {}) => {
    const made = await makeWorkshop(db, team.id, { sandboxProfileId: profile.id, capacity: 3, ...fields });
    await db.workshopAccountManager.create({ data: { teamId: team.id, workshopId: made.id, memberId: ana.id } });
    return made;
  };
  return { team, sol, ana, profile, clock, as, ctx: as(sol.actor), workshop };
}

type Stage = Awaited<ReturnType<typeof stage>>;

/** What the dates of a workshop mean, as its checklist reads it. */
async function check({ ctx, team }: Stage, { id }: { id: string }) {
  const plan = await capacityPlan(ctx, db, team.id);
  const found = checkDates(plan, plan.workshops.find((one) => one.id === id)!);
  if (!found) throw new Error("the dates are not checked");
  return found;
}

const presents = (scene: Stage, workshopId: string, member = scene.sol) =>
  db.workshopPresenter.create({ data: { teamId: scene.team.id, workshopId, memberId: member.id } });

describe("the dates of a workshop", () => {
  test("are met to the last account and not one beyond: seats, presenters and spares each want one", async () => {
    const scene = await stage(7);
    await scene.workshop({ title: "Data lake day" });
    const draft = await scene.workshop({ state: "draft", spares: 1 });
    expect(await check(scene, draft)).toMatchObject({ own: 4, wanted: 7, there: 7, missing: 0 });
    await presents(scene, draft.id);
    const short = await check(scene, draft);
    expect(short).toMatchObject({ own: 5, wanted: 8, there: 7, missing: 1, month: "2026-05" });
    expect(short.text).toBe(
      "On Tue 12 May, 09:00–19:30 Madrid, 8 accounts are wanted and 7 are there: also “Data lake day” (3)",
    );
  });

  test("a draft counts for itself alone, and a workshop without a sandbox or over for nobody", async () => {
    const scene = await stage(3);
    const draft = await scene.workshop({ state: "draft" });
    await scene.workshop({ state: "draft" });
    await scene.workshop({ sandboxProfileId: null });
    await scene.workshop({ state: "closed" });
    await scene.workshop({ state: "cancelled" });
    expect(await check(scene, draft)).toMatchObject({ wanted: 3, missing: 0 });
  });

  test("begin with the opening or when accounts are made ready, and end when accounts are expected back", async () => {
    // 15:00 UTC ends, 17:00 closes, half an hour for cleaning and an hour of cooling: 18:30 UTC.
    const scene = await stage(3, { cooldownHours: 1 });
    await scene.workshop();
    const at = (start: string, over = {}) =>
      scene.workshop({
        ...{ state: "draft", startsAt: new Date(start), endsAt: new Date("2026-05-12T21:00:00Z"), ...over },
      });
    expect(await check(scene, await at("2026-05-12T19:00:00Z"))).toMatchObject({ missing: 0 });
    expect(await check(scene, await at("2026-05-12T18:59:00Z"))).toMatchObject({ missing: 3 });
    expect(await check(scene, await at("2026-05-12T20:30:00Z", { prewarmMinutes: 120 }))).toMatchObject({ missing: 0 });
    expect(await check(scene, await at("2026-05-12T20:30:00Z", { prewarmMinutes: 121 }))).toMatchObject({ missing: 3 });
    // Made ready later than the opening is made ready at the opening.
    expect(await check(scene, await at("2026-05-12T19:00:00Z", { prewarmMinutes: 10 }))).toMatchObject({ missing: 0 });
  });

  test("know the team's own cleanups, of closings that ended clean, and no other team's", async () => {
    const scene = await stage(1);
    const other = await stage(1);
    const account = await db.sandboxAccount.findFirstOrThrow({ where: { teamId: scene.team.id } });
    const theirs = await db.sandboxAccount.findFirstOrThrow({ where: { teamId: other.team.id } });
    const startedAt = new Date("2026-05-01T10:00:00Z");
    const run = (minutes: number, over: object = {}) => ({
      ...{ id: makeId("cleanup", startedAt), teamId: scene.team.id, accountId: account.id, startedAt },
      ...{ cause: "closing", state: "clean" as const, endedAt: new Date(startedAt.getTime() + minutes * 60_000) },
      ...over,
    });
    await db.cleanup.createMany({
      data: [
        ...[run(12), run(90, { state: "dirty" }), run(80, { cause: "new_account" }), run(70, { state: "failed" })],
        run(600, { teamId: other.team.id, accountId: theirs.id }),
      ],
    });
    expect((await capacityPlan(scene.ctx, db, scene.team.id)).cleaning).toEqual({ minutes: 12, runs: 1 });
  });

  test("count neither quarantined nor retired accounts, and cooling ones from when they are back", async () => {
    const scene = await stage(1);
    await makeAccount(db, scene.team.id, { state: "quarantined", quarantineReason: "Not proved empty." });
    await makeAccount(db, scene.team.id, { state: "retired" });
    await makeAccount(db, scene.team.id, { state: "cooling", coolingUntil: new Date("2026-05-12T07:00:00Z") });
    await makeAccount(db, scene.team.id, { state: "cooling", coolingUntil: new Date("2026-05-12T07:01:00Z") });
    expect(await check(scene, await scene.workshop())).toMatchObject({
      ...{ wanted: 3, there: 2, missing: 1 },
      text: expect.stringMatching(/3 accounts are wanted and 2 are there: 3 seats; 1 more is quarantined$/),
    });
  });

  test("count one that is being emptied from when it is expected, and one that is late as long again from now", async () => {
    const scene = await stage(1);
    const now = scene.clock.now().getTime();
    const ago = (minutes: number) => new Date(now - minutes * 60_000);
    await makeAccount(db, scene.team.id, { state: "cleaning", stateSince: ago(10) });
    await makeAccount(db, scene.team.id, { state: "cleaning", stateSince: ago(600) });
    const soon = (minutes: number) => {
      const startsAt = new Date(now + minutes * 60_000);
      return scene.workshop({ state: "draft", opensMinutesBefore: 0, startsAt, endsAt: new Date(now + 7_200_000) });
    };
    expect(await check(scene, await soon(19))).toMatchObject({ there: 1 });
    expect(await check(scene, await soon(20))).toMatchObject({ there: 2 });
    expect(await check(scene, await soon(30))).toMatchObject({ there: 3 });
    const { away } = await poolCalendar(scene.ctx, { month: null });
    expect(away.map(({ late }) => late).sort()).toEqual([false, true]);
  });

  test("an account that somebody rehearses another workshop with is not there until that one is over", async () => {
    const scene = await stage(4);
    const draft = await scene.workshop({ state: "draft" });
    const far = { startsAt: new Date("2026-06-12T07:30:00Z"), endsAt: new Date("2026-06-12T15:00:00Z"), capacity: 1 };
    const later = await scene.workshop({ state: "registration", ...far });
    expect(await check(scene, draft)).toMatchObject({ wanted: 3, missing: 0 });
    for (const account of await db.sandboxAccount.findMany({ where: { teamId: scene.team.id }, take: 2 })) {
      const lease = {
        id: makeId("lease", new Date()),
        teamId: scene.team.id,
        accountId: account.id,
        roleName: "lease",
      };
      await db.lease.create({
        data: { ...lease, workshopId: later.id, holder: "rehearsal", memberId: scene.sol.id },
      });
      await db.sandboxAccount.update({ where: { id: account.id }, data: { state: "leased" } });
    }
    expect(await check(scene, draft)).toMatchObject({ wanted: 5, there: 4, missing: 1 });
  });
});

describe("opening registration", () => {
  test("with too few accounts on its dates asks first, and nobody is invited; so many are accepted and no more", async () => {
    const scene = await stage(4);
    await scene.workshop({ title: "Data lake day" });
    const { id: workshopId } = await scene.workshop({ state: "draft" });
    await presents(scene, workshopId);
    const { moves } = await getWorkshop(scene.ctx, { workshopId });
    const point = moves[0]?.guards.find((guard) => guard.missing);
    expect(point).toMatchObject({
      ok: false,
      blocking: false,
      missing: 3,
      fix: { href: "/pool/calendar?month=2026-05" },
    });
    for (const acceptMissing of [undefined, 2])
      await expect(openRegistration(scene.ctx, { workshopId, acceptMissing })).rejects.toMatchObject({
        code: "not_ready",
        message: expect.stringContaining("“Data lake day” (3)"),
        detail: { reason: "overcommitted", missing: 3 },
      });
    const invited = () => db.invite.count({ where: { workshopId } });
    const stateOf = async () => (await db.workshop.findUniqueOrThrow({ where: { id: workshopId } })).state;
    expect([await stateOf(), await invited()]).toEqual(["draft", 0]);
    await openRegistration(scene.ctx, { workshopId, acceptMissing: 3 });
    expect([await stateOf(), await invited()]).toEqual(["registration", 1]);
  });

  /** Two drafts that want three accounts each, of five. */
  async function twoDrafts() {
    const scene = await stage(5);
    const drafts = [];
    for (let made = 0; made < 2; made++) {
      const draft = await scene.workshop({ state: "draft", capacity: made === 0 ? 2 : 3 });
      await presents(scene, draft.id);
      drafts.push(draft);
    }
    return { scene, drafts };
  }
  const reserved = (teamId: string) => db.workshop.count({ where: { teamId, state: "registration" } });

  test("two at once for the same dates: the database lets one look after the other, and the second is asked", async () => {
    const { scene, drafts } = await twoDrafts();
    const waiting = async () => {
      const { rows } = await opened.pool.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      return rows[0]?.count ?? 0;
    };
    let moves: Promise<unknown>[] = [];
    await db.$transaction(async (tx) => {
      await lockPoolDates(tx, scene.team.id);
      moves = drafts.map(({ id }) => openRegistration(scene.ctx, { workshopId: id }));
      for (const move of moves) move.catch(() => undefined);
      await expect.poll(waiting, { timeout: 10_000 }).toBe(2);
    });
    const results = await Promise.allSettled(moves);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const refused = results.find((result) => result.status === "rejected");
    expect(refused?.reason).toMatchObject({ code: "not_ready", detail: { reason: "overcommitted" } });
    expect(await reserved(scene.team.id)).toBe(1);
  });

  test("control: the same two checks without the lock both pass, and the dates are promised twice", async () => {
    const { scene, drafts } = await twoDrafts();
    const bothLooked = Promise.withResolvers<void>();
    let looked = 0;
    const openWithoutLock = (id: string) =>
      db.$transaction(async (tx) => {
        const plan = await capacityPlan(scene.ctx, tx, scene.team.id);
        const found = checkDates(plan, plan.workshops.find((one) => one.id === id)!);
        looked += 1;
        if (looked === 2) bothLooked.resolve();
        await bothLooked.promise;
        if (found?.missing === 0) await tx.workshop.update({ where: { id }, data: { state: "registration" } });
      });
    await Promise.all(drafts.map(({ id }) => openWithoutLock(id)));
    expect(await reserved(scene.team.id)).toBe(2);
    expect(await check(scene, drafts[0]!)).toMatchObject({ wanted: 7, there: 5, missing: 2 });
  });
});

describe("changing a workshop whose dates are reserved", () => {
  const form = ({ profile }: Stage, over: object = {}) =>
    workshopForm.parse({
      ...{ title: "Serverless day", place: "Madrid", date: "2026-05-12", startTime: "09:30", endTime: "17:00" },
      ...{ timeZone: "Europe/Madrid", capacity: 3, sandboxProfileId: profile.id, ...over },
    });

  test("asks where the change makes more missing, changes nothing until that is accepted, and then lets be", async () => {
    const scene = await stage(6);
    await scene.workshop();
    const { id: workshopId } = await scene.workshop();
    const change = (over: object, acceptMissing?: number) =>
      updateWorkshop(scene.ctx, { workshopId, form: form(scene, over), acceptMissing });
    const asked = { code: "not_ready", detail: { reason: "overcommitted", missing: 1 } };
    await change({ abstract: "To the last account" });
    await expect(change({ capacity: 4 })).rejects.toMatchObject(asked);
    await expect(change({ spares: 1 })).rejects.toMatchObject(asked);
    expect(await db.workshop.findUniqueOrThrow({ where: { id: workshopId } })).toMatchObject({
      capacity: 3,
      spares: 0,
    });
    await change({ capacity: 4 }, 1);
    await change({ capacity: 4, abstract: "Known by now" });
    await expect(change({ capacity: 4, endTime: "17:30" })).rejects.toMatchObject(asked);
    const preview = await previewDates(scene.ctx, { workshopId, form: form(scene, { capacity: 5 }) });
    expect(preview).toMatchObject({
      missing: 2,
      text: expect.stringContaining("8 accounts are wanted and 6 are there"),
    });
    await change({ capacity: 4, date: "2026-05-14" });
    await change({ capacity: 3 });
  });

  test("a draft promises nothing and is saved without a question, though a form says before what it would mean", async () => {
    const scene = await stage(1);
    const asked = (over: object) => previewDates(scene.ctx, { workshopId: null, form: form(scene, over) });
    expect(await asked({ capacity: 2, presenterIds: [scene.sol.id] })).toMatchObject({ missing: 2, month: "2026-05" });
    expect(await asked({ capacity: 1 })).toMatchObject({ missing: 0, text: "1 sandbox account for 1 (1 seat)" });
    for (const over of [{ date: null }, { sandboxProfileId: null }, { date: "2026-05-01" }])
      expect(await asked(over)).toBeNull();
    const manager = scene.as(scene.ana.actor);
    await expect(previewDates(manager, { workshopId: null, form: form(scene) })).rejects.toMatchObject({
      code: "not_found",
    });
    const { id: workshopId } = await scene.workshop({ state: "draft" });
    await updateWorkshop(scene.ctx, { workshopId, form: form(scene, { capacity: 50 }) });
  });
});

describe("the calendar of the pool", () => {
  const peaks = async ({ ctx }: Stage, month: string | null) => {
    const calendar = await poolCalendar(ctx, { month });
    const days = calendar.days.flatMap(({ date, peak }) => (peak?.wanted ? [[date, peak.wanted, peak.there]] : []));
    return { calendar, days };
  };

  test("of a team without workshops says what is there each day, from today on", async () => {
    const scene = await stage(2);
    const { days, workshops, shortages: short, previous, next } = await poolCalendar(scene.ctx, { month: null });
    expect([days.length, workshops, short, previous, next]).toEqual([31, [], [], null, "2026-06"]);
    expect(days.map(({ peak }) => peak?.there)).toEqual([...Array(3).fill(undefined), ...Array(28).fill(2)]);
  });

  test("shows each day at its tightest, who wants what, and the days on which it is too much", async () => {
    const scene = await stage(5);
    const first = await scene.workshop({ title: "One" });
    const second = await scene.workshop({ title: "Two", endsAt: new Date("2026-05-13T15:00:00Z"), spares: 1 });
    const draft = await scene.workshop({ title: "Three", state: "draft", capacity: 50 });
    const { calendar, days } = await peaks(scene, "2026-05");
    expect(days).toEqual([
      ["2026-05-12", 7, 5],
      ["2026-05-13", 4, 5],
    ]);
    expect(
      calendar.workshops.map(({ id, bars }) => [
        id,
        bars.map(({ kind, first: f, last, accounts }) => [kind, f, last, accounts]),
      ]),
    ).toEqual(
      expect.arrayContaining([
        [first.id, [["reserved", 11, 11, 3]]],
        [second.id, [["reserved", 11, 12, 4]]],
        [draft.id, [["draft", 11, 11, 50]]],
      ]),
    );
    expect(calendar.shortages).toMatchObject([
      { when: "Tue 12 May, 09:00–19:30 Madrid", wanted: 7, there: 5, workshops: [{ accounts: 3 }, { accounts: 4 }] },
    ]);
    expect((await peaks(scene, "2026-06")).calendar).toMatchObject({
      workshops: [],
      shortages: [],
      previous: "2026-05",
    });
  });

  test("keeps to the day on the team's clock where that is 25 or 23 hours long", async () => {
    const scene = await stage(5);
    scene.clock.set("2026-02-01T10:00:00Z");
    const never = { opensMinutesBefore: null, closesHoursAfter: null };
    // Back half an hour after the end: at the last second of the day, and at the first of the next.
    const until = (back: string) => new Date(Date.parse(back) - 30 * 60_000);
    const on = (from: string, back: string) =>
      scene.workshop({ ...never, startsAt: new Date(from), endsAt: until(back) });
    await on("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
    expect((await peaks(scene, "2026-10")).days).toEqual([["2026-10-25", 3, 5]]);
    await on("2026-10-25T22:00:00Z", "2026-10-25T23:00:01Z");
    expect((await peaks(scene, "2026-10")).days).toEqual([
      ["2026-10-25", 6, 5],
      ["2026-10-26", 3, 5],
    ]);
    await on("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
    expect((await peaks(scene, "2026-03")).days).toEqual([["2026-03-29", 3, 5]]);
    await on("2026-03-29T21:00:00Z", "2026-03-29T22:00:01Z");
    expect((await peaks(scene, "2026-03")).days).toEqual([
      ["2026-03-29", 6, 5],
      ["2026-03-30", 3, 5],
    ]);
  });

  test("names the accounts that are away with when they come back; a month that cannot be read is this one", async () => {
    const scene = await stage(1);
    const reason = "A stack could not be deleted. Delete it by hand.";
    await makeAccount(db, scene.team.id, { state: "quarantined", quarantineReason: reason });
    const coolingUntil = new Date("2026-05-05T10:00:00Z");
    await makeAccount(db, scene.team.id, { state: "cooling", coolingUntil });
    for (const month of ["2026-13", "'; --", "2025-01", null]) {
      const calendar = await poolCalendar(scene.ctx, { month });
      expect([calendar.month, calendar.usable]).toEqual(["2026-05", 2]);
      expect(calendar.away.map(({ state, backAt, reason: why }) => [state, backAt, why]).sort()).toEqual([
        ["cooling", coolingUntil.toISOString(), null],
        ["quarantined", null, reason],
      ]);
    }
  });

  test("is read again when a date or an account changes, and not for another team's", async () => {
    const [scene, other] = [await stage(1), await stage(1)];
    const draft = await scene.workshop({ state: "draft" });
    const version = () => liveVersion(testContext(db, env, scene.sol.actor), { topic: "calendar" });
    const versions = [await version()];
    await db.workshop.update({ where: { id: draft.id }, data: { endsAt: new Date("2026-05-13T15:00:00Z") } });
    versions.push(await version());
    await makeAccount(db, scene.team.id);
    versions.push(await version());
    await presents(scene, draft.id);
    versions.push(await version());
    expect(new Set(versions).size).toBe(4);
    await other.workshop();
    expect(await version()).toBe(versions[3]);
    const manager = testContext(db, env, scene.ana.actor);
    await expect(liveVersion(manager, { topic: "calendar" })).rejects.toMatchObject({ code: "not_found" });
  });

  test("is the team's own, and not an account manager's, who reads nowhere of workshops that are not theirs", async () => {
    const [scene, other] = [await stage(3), await stage(3)];
    await other.workshop({ title: "Theirs", capacity: 50 });
    const mine = await scene.workshop();
    expect((await peaks(scene, "2026-05")).calendar.workshops.map(({ id }) => id)).toEqual([mine.id]);
    expect(await check(scene, mine)).toMatchObject({ wanted: 3, missing: 0 });
    const secret = await makeWorkshop(db, scene.team.id, { title: "Secret", sandboxProfileId: scene.profile.id });
    expect((await check(scene, mine)).text).toContain("Secret");
    const manager = scene.as(scene.ana.actor);
    await expect(poolCalendar(manager, { month: null })).rejects.toMatchObject({ code: "not_found" });
    const seen = await getWorkshop(manager, { workshopId: mine.id });
    expect(JSON.stringify(seen)).not.toContain("Secret");
    await expect(getWorkshop(manager, { workshopId: secret.id })).rejects.toMatchObject({ code: "not_found" });
  });
});
