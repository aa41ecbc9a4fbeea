import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import { confirm, mintLink } from "@/server/registrations/registrations";
import { sharingTurns } from "@/server/registrations/seats";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
  makeInvite,
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
let ctx: Context;

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url);
  ctx = testContext(connection.db, testEnv(database.url), { kind: "visitor" }, testClock());
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});

const tokenOf = async (registrationId: string) =>
  (await mintLink(ctx, { registrationId, purpose: "confirm" })).split("/").at(-1)!;

test("60 at once for 6 seats with quotas: each limit holds, the order decides, pressing twice counts once, and a withdrawn link fails alone", async () => {
  const { db } = connection;
  const team = await makeTeam(db);
  const [ana, leo] = [
    await makeMember(db, team.id, "account_manager"),
    await makeMember(db, team.id, "account_manager"),
  ];
  const workshop = await makeWorkshop(db, team.id, { capacity: 6 });
  const customer = await db.customer.create({ data: { id: ctx.newId("customer"), teamId: team.id, name: "Acme" } });
  const doors = [
    await makeInvite(db, ctx.env, workshop, ana.id),
    await makeInvite(db, ctx.env, workshop, leo.id, { customerId: customer.id }),
    await makeInvite(db, ctx.env, workshop, leo.id),
  ];
  await db.workshopAccountManager.updateMany({ where: { memberId: ana.id }, data: { seatLimit: 2 } });
  const quota = { teamId: team.id, workshopId: workshop.id, customerId: customer.id, seatLimit: 1 };
  await db.workshopCustomer.create({ data: quota });
  const tokens: string[] = [];
  for (let number = 0; number < 60; number++) {
    const { id: inviteId, memberId, customerId } = doors[number % 3]!;
    const row = await makeRegistration(db, workshop, { state: "unverified", inviteId, memberId, customerId });
    tokens.push(await tokenOf(row.id));
  }
  const gone = await makeRegistration(db, workshop, { state: "unverified" });
  const withdrawn = await tokenOf(gone.id);
  await db.personalLink.updateMany({ where: { registrationId: gone.id }, data: { revokedAt: ctx.clock.now() } });

  const presses = tokens.flatMap((token, number) => (number % 10 === 0 ? [token, token] : [token]));
  const outcomes = await Promise.allSettled([...presses, withdrawn].map((token) => confirm(ctx, { token })));
  expect(outcomes.filter(({ status }) => status === "rejected")).toMatchObject([
    { reason: { code: "gone", detail: { reason: "revoked" } } },
  ]);

  const rows = await db.registration.findMany({ where: { workshopId: workshop.id, NOT: { id: gone.id } } });
  rows.sort((a, b) => (a.ordinal ?? 0) - (b.ordinal ?? 0));
  expect(rows.map((row) => row.ordinal)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1));
  // The same limits, asked again one after another.
  const left = { room: 6, ana: 2, acme: 1 };
  for (const { state, memberId, customerId } of rows) {
    const fits = left.room > 0 && (memberId !== ana.id || left.ana > 0) && (customerId === null || left.acme > 0);
    expect(state).toBe(fits ? "confirmed" : "waitlisted");
    if (!fits) continue;
    left.room -= 1;
    if (memberId === ana.id) left.ana -= 1;
    if (customerId) left.acme -= 1;
  }
  expect(left.room).toBe(0);
  const kept = await db.workshop.findUniqueOrThrow({ where: { id: workshop.id } });
  expect([kept.seatsTaken, kept.lastOrdinal]).toEqual([6, 60]);
  const mails = await db.message.groupBy({ by: ["kind"], where: { workshopId: workshop.id }, _count: true });
  const told = Object.fromEntries(mails.map((group) => [group.kind, group._count]));
  expect(told).toMatchObject({ confirmed: 6, waitlisted: 54 });
}, 60_000);

test("those who share a turn that fails as a whole are each served alone, and only who is the reason fails", async () => {
  const served: number[][] = [];
  const serve = sharingTurns<number, string>(async (_workshop, items) => {
    served.push([...items]);
    if (items.includes(3)) throw new Error("three");
    return items.map((item) => (item === 4 ? new Error("four") : `ok ${item}`));
  });
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map((item) => serve("workshop", item)));
  expect(outcomes.map((one) => (one.status === "fulfilled" ? one.value : one.reason.message))).toEqual([
    "ok 1",
    "ok 2",
    "three",
    "four",
  ]);
  expect(served.at(0)).toEqual([1, 2, 3, 4]);
});
