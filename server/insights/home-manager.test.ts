import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import { getCustomer, listCustomers } from "@/server/insights/customers";
import { managerHome } from "@/server/insights/home-manager";
import { liveVersion } from "@/server/insights/live";
import { search } from "@/server/insights/search";
import { sendInvitations } from "@/server/invites/bulk";
import { createInvite, declineInvite, invitePerson, listInvites } from "@/server/invites/invites";
import { readQuotas } from "@/server/invites/quotas";
import { stopQueue } from "@/server/jobs/queue";
import { listMessages } from "@/server/mail/overview";
import type { Actor } from "@/server/permissions";
import { exportRegistrations, listRegistrations, readRoom } from "@/server/registrations/registrations";
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
let ana: Awaited<ReturnType<typeof makeMember>>;
let ben: Awaited<ReturnType<typeof makeMember>>;
let workshop: Awaited<ReturnType<typeof makeWorkshop>>;
let visitor: Context;
let customerId: string;
const clock = testClock("2026-05-07T10:00:00Z");

const as = (actor: Actor): Context => ({ ...visitor, actor });
const inThis = () => ({ teamId: workshop.teamId, workshopId: workshop.id });

/** One workshop that both invite to; everything that has a name in it is Ana's. */
beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url);
  const { db } = connection;
  visitor = testContext(db, testEnv(database.url), { kind: "visitor" }, clock);
  const team = await makeTeam(db);
  ana = await makeMember(db, team.id, "account_manager", { name: "Ana Ruiz" });
  ben = await makeMember(db, team.id, "account_manager", { name: "Ben Soto" });
  workshop = await makeWorkshop(db, team.id);
  await db.workshopAccountManager.createMany({
    data: [
      { teamId: team.id, workshopId: workshop.id, memberId: ana.id, seatLimit: 5 },
      { teamId: team.id, workshopId: workshop.id, memberId: ben.id },
    ],
  });
  const inWorkshop = { workshopId: workshop.id, customerName: "Nebula Industries" };
  const expiresAt = new Date("2026-05-09T10:00:00Z");
  await createInvite(as(ana.actor), { ...inWorkshop, expiresAt, note: "Nebula spring fair" });
  await createInvite(as(ana.actor), { workshopId: workshop.id });
  await createInvite(as(ben.actor), { workshopId: workshop.id });
  const personal = { ...inWorkshop, email: "hugo@nebula.example", name: "Hugo Nebula" };
  const { link } = await invitePerson(as(ana.actor), personal);
  await declineInvite(visitor, { token: link?.split("/").at(-1) ?? "" });
  const lost = await invitePerson(as(ana.actor), { ...personal, email: "lost@nebula.example", name: "Lost Nebula" });
  await db.message.updateMany({ where: { inviteId: lost.inviteId }, data: { state: "bounced" } });
  customerId = (await db.customer.findFirstOrThrow({ where: { name: "Nebula Industries" } })).id;
  const own = { memberId: ana.id, customerId, createdAt: clock.now() };
  await makeRegistration(db, workshop, { ...own, name: "Lucía Nebula", email: "lucia@nebula.example" });
  await makeRegistration(db, workshop, { ...own, name: "Iker Nebula", state: "awaiting_approval" });
}, 120_000);

afterAll(async () => {
  await stopQueue();
  await connection.close();
  await database.drop();
});

test("an account manager's first page names what needs them, each with the page where it is done, and offers their links", async () => {
  const home = await managerHome(as(ana.actor));
  expect(home.needs.map(({ title }) => title)).toEqual([
    "Serverless day: 1 person waits for your answer",
    "Serverless day: 1 mail to your people did not arrive",
    "Serverless day: 4 of your 5 seats are free",
    "Serverless day: the link for Nebula Industries ends soon",
    "Serverless day: 1 person says that it is not for them",
  ]);
  expect(home.needs.every(({ action }) => action.href.includes(workshop.id))).toBe(true);
  expect(home.workshops).toMatchObject([{ id: workshop.id, mySeats: 1, myLimit: 5, myApprovals: 1 }]);
  expect(home.links.map(({ customer }) => customer).sort()).toEqual(["Nebula Industries", null]);
  expect(home.links.every(({ link }) => link.startsWith("http"))).toBe(true);
  expect(home.customers).toMatchObject([{ name: "Nebula Industries", registered: 2, confirmed: 1 }]);
  expect(home.sinceYesterday).toHaveLength(2);
  const customer = await getCustomer(as(ana.actor), { customerId });
  expect(customer.links.map(({ person, state }) => [person, state])).toEqual(
    expect.arrayContaining([
      ["Hugo Nebula", "declined"],
      [null, "made"],
    ]),
  );
});

test("whoever presents a workshop finds its check-in on their first page, whether they invite to it or not, until it is over", async () => {
  const { db } = connection;
  const eva = await makeMember(db, workshop.teamId, "account_manager", { name: "Eva Prat" });
  const presented = await makeWorkshop(db, workshop.teamId, { title: "Data day" });
  const doors = async (actor: Actor) => (await managerHome(as(actor))).presented.map(({ id, open }) => [id, open]);
  expect(await doors(eva.actor)).toEqual([]);
  await db.workshopPresenter.create({
    data: { teamId: workshop.teamId, workshopId: presented.id, memberId: eva.id },
  });
  expect(await doors(eva.actor)).toEqual([[presented.id, false]]);
  expect((await readRoom(as(eva.actor), { workshopId: presented.id })).whole).toBe(false);
  expect((await managerHome(as(eva.actor))).workshops).toEqual([]);
  expect(await doors(ben.actor)).toEqual([]);
  await db.workshop.update({ where: { id: presented.id }, data: { state: "open" } });
  expect(await doors(eva.actor)).toEqual([[presented.id, true]]);
  await db.workshop.update({ where: { id: presented.id }, data: { state: "closing" } });
  expect(await doors(eva.actor)).toEqual([]);
});

test("another account manager of the same workshop sees nothing of these people and customers anywhere", async () => {
  const ctx = as(ben.actor);
  const file = await exportRegistrations(ctx, { workshopId: workshop.id });
  let csv = "";
  for await (const piece of file.content) csv += piece;
  const seen = JSON.stringify([
    await managerHome(ctx),
    await listCustomers(ctx),
    await listInvites(ctx),
    await listInvites(ctx, { workshopId: workshop.id }),
    await listInvites(ctx, { customerId }),
    await readQuotas(ctx, { workshopId: workshop.id }),
    await listRegistrations(ctx, { workshopId: workshop.id }),
    await listMessages(ctx),
    await search(ctx, { query: "nebula" }),
    csv,
  ]);
  expect(seen).toContain("Serverless day");
  expect(seen.toLowerCase()).not.toContain("nebula");
  expect(seen).not.toContain("Ana");
  await expect(getCustomer(ctx, { customerId })).rejects.toMatchObject({ code: "not_found" });
  expect((await managerHome(ctx)).needs.map(({ id }) => id)).toEqual([`seats-${workshop.id}`]);
});

test("an open page learns of every change of links and limits, and of a long list of mails in steps", async () => {
  const { db } = connection;
  const version = () => liveVersion({ ...visitor, actor: ana.actor }, { topic: "workshop", id: workshop.id });
  const invite = await db.invite.findFirstOrThrow({ where: { note: "Nebula spring fair" } });
  const changes = [
    () => db.invite.update({ where: { id: invite.id }, data: { note: "Other" } }),
    () => db.invite.update({ where: { id: invite.id }, data: { seatLimit: 7 } }),
    () => db.invite.update({ where: { id: invite.id }, data: { expiresAt: new Date("2026-05-10T10:00:00Z") } }),
    () => db.workshopAccountManager.updateMany({ where: { memberId: ana.id }, data: { seatLimit: 6 } }),
    () => db.workshopCustomer.create({ data: { ...inThis(), customerId, seatLimit: 3 } }),
  ];
  let last = await version();
  for (const change of changes) {
    await change();
    const now = await version();
    expect(now).not.toBe(last);
    last = now;
  }
  const list = Array.from({ length: 400 }, (_, index) => `p${index}@long.example`).join("\n");
  await sendInvitations(as(ana.actor), { workshopId: workshop.id, list });
  const mails = await db.message.findMany({ where: { state: "queued", kind: "invitation" }, select: { id: true } });
  const seen = new Set<string>();
  for (let at = 0; at < 100; at++) {
    await db.message.update({ where: { id: mails[at]!.id }, data: { state: "sent" } });
    seen.add(await version());
  }
  expect(seen.size).toBeGreaterThan(5);
  expect(seen.size).toBeLessThan(15);
});
