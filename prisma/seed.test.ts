import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "@/server/context";
import { createDb } from "@/server/db";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { testContext, testEnv } from "@/server/testing/factories";
import { runJobs } from "@/server/testing/jobs";
import { seedDemo } from "./seed/demo";

let database: TestDatabase;
let connection: ReturnType<typeof createDb>;

const ctx = () =>
  testContext(connection.db, testEnv(database.url), { kind: "system", by: "operator" } as const, systemClock);

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url);
  expect(await seedDemo(ctx(), [])).toBe(true);
}, 120_000);
afterAll(async () => {
  await connection.close();
  await database.drop();
});

test("there is a workshop in each state that a machine without a cloud can reach, and people in every state", async () => {
  const { db } = connection;
  const workshops = await db.workshop.groupBy({ by: ["state"], _count: true });
  expect(Object.fromEntries(workshops.map(({ state, _count }) => [state, _count]))).toEqual({
    draft: 1,
    registration: 3,
    open: 1,
    closed: 3,
    cancelled: 1,
  });
  const registrations = await db.registration.groupBy({ by: ["state"], _count: true });
  expect(registrations.map(({ state }) => state).sort()).toEqual(
    ["attended", "cancelled", "confirmed", "expired", "no_show", "offered", "unverified", "waitlisted"].sort(),
  );
});

test("a seat is offered to somebody who waits, and another one is being handed over; both mails are about to go", async () => {
  const { db } = connection;
  const now = new Date();
  const offered = await db.registration.findMany({
    where: { state: "offered" },
    select: { id: true, offerEndsAt: true },
  });
  expect(offered).toHaveLength(1);
  expect(offered[0]?.offerEndsAt?.getTime()).toBeGreaterThan(now.getTime());
  const handovers = await db.handover.findMany({ where: { state: "pending", endsAt: { gt: now } } });
  expect(handovers).toHaveLength(1);
  const keys = [offered[0]!.id, handovers[0]!.id];
  const mails = await db.message.findMany({
    where: { recipientKey: { in: keys }, state: "queued", dueAt: { lte: now } },
  });
  expect(mails.map(({ kind }) => kind).sort()).toEqual(["handover_offer", "offered"]);
});

test("one identity belongs to both teams, and each team has an admin", async () => {
  const { db } = connection;
  expect(await db.member.count({ where: { identity: { email: "sol@iberia.example" } } })).toBe(2);
  const admins = await db.member.groupBy({ by: ["teamId"], where: { role: "admin" }, _count: true });
  expect(admins).toHaveLength(2);
  expect(await db.member.count({ where: { team: { slug: "iberia" } } })).toBe(6);
});

test("counters agree with the rows they count", async () => {
  const wrong = await connection.db.$queryRaw`
    select w.title, w."seatsTaken", count(r.id)::int as held from "Workshop" w
    left join "Registration" r on r."workshopId" = w.id and r.state in ('offered', 'confirmed', 'attended', 'no_show')
    group by w.id having w."seatsTaken" <> count(r.id)`;
  expect(wrong).toEqual([]);
});

test("no mail of the past waits to be sent, and those of the future do", async () => {
  const { db } = connection;
  const now = new Date();
  const waiting = await db.message.findMany({ where: { state: "queued" }, select: { kind: true, dueAt: true } });
  expect(waiting.filter(({ dueAt }) => dueAt.getTime() < now.getTime() - 10 * 60_000)).toEqual([]);
  expect(waiting.filter(({ kind }) => kind === "reminder").every(({ dueAt }) => dueAt > now)).toBe(true);
  expect(waiting.some(({ kind }) => kind === "reminder")).toBe(true);
});

test("every address is one that cannot exist", async () => {
  const { db } = connection;
  const addresses = [
    ...(await db.identity.findMany()).map(({ email }) => email),
    ...(await db.person.findMany()).map(({ email }) => email),
    ...(await db.team.findMany()).map(({ senderEmail }) => senderEmail),
  ];
  expect(addresses.length).toBeGreaterThan(30);
  expect(addresses.filter((address) => !address?.endsWith(".example"))).toEqual([]);
});

test("the worker anonymizes the oldest workshop at the first start, and no other", async () => {
  await runJobs(ctx(), ["privacy.anonymize", "privacy.forget-person"]);
  const anonymized = await connection.db.workshop.findMany({ where: { anonymizedAt: { not: null } } });
  expect(anonymized.map(({ title }) => title)).toEqual(["First steps for developers"]);
});

test("a second run changes nothing", async () => {
  const count = () => connection.db.auditEntry.count();
  const before = await count();
  expect(await seedDemo(ctx(), [])).toBe(false);
  expect(await count()).toBe(before);
});
