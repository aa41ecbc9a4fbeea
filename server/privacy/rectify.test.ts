import { afterAll, beforeAll, expect, test } from "vitest";
import type { Message } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { queueMail } from "@/server/mail/outbox";
import type { Actor } from "@/server/permissions";
import { correctAddress } from "@/server/privacy/rectify";
import { getRegistration, listRegistrations, mintLink, readLink } from "@/server/registrations/registrations";
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
import { liveBoard } from "@/server/workshops/views";

let database: TestDatabase;
let connection: ReturnType<typeof createDb>;
let system: Context;
let team: Awaited<ReturnType<typeof makeTeam>>;
let ana: Awaited<ReturnType<typeof makeMember>>;
let sol: Awaited<ReturnType<typeof makeMember>>;
const clock = testClock();

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url);
  system = testContext(connection.db, testEnv(database.url), { kind: "system", by: "clock" }, clock);
  team = await makeTeam(connection.db);
  ana = await makeMember(connection.db, team.id, "account_manager", { name: "Ana" });
  sol = await makeMember(connection.db, team.id, "solutions_architect", { name: "Sol" });
});

afterAll(async () => {
  await stopQueue();
  await connection.close();
  await database.drop();
});

const as = (actor: Actor): Context => ({ ...system, actor });

async function openWorkshop(over = {}) {
  const workshop = await makeWorkshop(connection.db, team.id, { state: "open", ...over });
  await connection.db.workshopAccountManager.create({
    data: { teamId: team.id, workshopId: workshop.id, memberId: ana.id },
  });
  return workshop;
}

/** A mail to a registration as it ended. */
async function mailed(
  registration: { id: string; workshopId: string },
  kind: "access_ready" | "confirmed",
  state: Message["state"],
  occurrence = "1",
) {
  const { id, workshopId } = registration;
  const about = { teamId: team.id, workshopId, registrationId: id, recipientKey: id, occurrence };
  const { id: messageId } = await connection.db.$transaction((tx) => queueMail(system, tx, { kind, ...about }));
  const lastError = state === "bounced" ? "The mailbox does not exist (550 5.1.1)." : null;
  return connection.db.message.update({ where: { id: messageId }, data: { state, lastError } });
}

test("a corrected address gets what did not arrive; what came by the old one opens nothing, and it is forgotten", async () => {
  const workshop = await openWorkshop();
  const person = { memberId: ana.id, email: "nuira@acme.example", name: "Nuria Vidal" };
  const registration = await makeRegistration(connection.db, workshop, person);
  const lost = await mailed(registration, "access_ready", "bounced");
  const told = await mailed(registration, "confirmed", "sent");
  const link = await mintLink(system, { registrationId: registration.id, purpose: "personal" });
  const token = link.split("/").at(-1) ?? "";
  const input = { registrationId: registration.id, email: " Nuria@Acme.example " };
  expect(await correctAddress(as(sol.actor), input)).toEqual({ mails: 1 });
  expect(await getRegistration(as(sol.actor), { registrationId: registration.id })).toMatchObject({
    ...{ name: "Nuria Vidal", email: "nuria@acme.example", state: "confirmed", lostAccess: null },
  });
  const states = await connection.db.message.findMany({ where: { id: { in: [lost.id, told.id] } } });
  expect(Object.fromEntries(states.map(({ id, state }) => [id, state]))).toEqual({
    [lost.id]: "queued",
    [told.id]: "sent",
  });
  expect(await connection.db.personalLink.count({ where: { registrationId: registration.id, revokedAt: null } })).toBe(
    0,
  );
  expect(
    (await readLink({ ...system, actor: { kind: "visitor" } }, { token, purpose: "personal" }))?.problem,
  ).not.toBeNull();
  const old = await connection.db.person.findUniqueOrThrow({ where: { id: registration.personId } });
  expect(old).toMatchObject({ email: null, name: null });
  const entries = await connection.db.auditEntry.findMany({
    where: { entityId: registration.id, action: "registration.address_corrected" },
  });
  expect(entries.map(({ actorId, detail }) => [actorId, detail])).toEqual([[sol.id, {}]]);
});

test("a seat mail goes to the new address where none came back, and the person's other workshops stay with the old one", async () => {
  const workshop = await openWorkshop({ state: "registration" });
  const registration = await makeRegistration(connection.db, workshop, { email: "olga@acme.example", name: "Olga" });
  const { id: otherId } = await openWorkshop();
  const elsewhere = await connection.db.registration.create({
    data: {
      ...{ id: "reg_elsewhere", teamId: team.id, workshopId: otherId, personId: registration.personId },
      ...{ state: "cancelled", noticeVersion: "1", noticeLocale: "en", noticeAt: clock.now() },
    },
  });
  const input = { registrationId: registration.id, email: "olga.prat@acme.example" };
  expect(await correctAddress(as(sol.actor), input)).toEqual({ mails: 1 });
  const mails = await connection.db.message.findMany({ where: { registrationId: registration.id, state: "queued" } });
  expect(mails.filter(({ rule }) => rule === null).map(({ kind }) => kind)).toEqual(["confirmed"]);
  expect(
    await connection.db.registration.findUnique({ where: { id: elsewhere.id }, include: { person: true } }),
  ).toMatchObject({ person: { email: "olga@acme.example", name: "Olga" } });
});

test("only who may help people in corrects an address, to one that may have the seat and has none", async () => {
  const workshop = await openWorkshop({ allowedDomains: ["acme.example"] });
  const one = await makeRegistration(connection.db, workshop, { memberId: ana.id, email: "one@acme.example" });
  await makeRegistration(connection.db, workshop, { email: "two@acme.example" });
  const unproved = await makeRegistration(connection.db, workshop, { state: "unverified" });
  const gone = await makeRegistration(connection.db, workshop, { state: "cancelled" });
  const to = (registrationId: string, email: string, actor: Actor = sol.actor) =>
    correctAddress(as(actor), { registrationId, email });
  const stranger = await makeMember(connection.db, (await makeTeam(connection.db)).id, "admin");
  const attendee = { kind: "attendee", teamId: team.id, registrationId: one.id, verified: true } as const;
  for (const actor of [ana.actor, stranger.actor, attendee])
    await expect(to(one.id, "new@acme.example", actor)).rejects.toMatchObject({ code: "not_found" });
  for (const wrong of ["no address", "one@acme.example", "new@other.example"])
    await expect(to(one.id, wrong)).rejects.toMatchObject({
      code: "invalid",
      detail: { fields: { email: expect.any(String) } },
    });
  await expect(to(one.id, "two@acme.example")).rejects.toMatchObject({ code: "conflict" });
  for (const { id } of [unproved, gone])
    await expect(to(id, "new@acme.example")).rejects.toMatchObject({ code: "not_ready" });
  const both = await Promise.allSettled([to(one.id, "new@acme.example"), to(one.id, "new@acme.example")]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("whom the access mail did not reach is marked with the reason, until one goes, while the workshop is open", async () => {
  const workshop = await openWorkshop();
  const registration = await makeRegistration(connection.db, workshop, { memberId: ana.id });
  const fine = await makeRegistration(connection.db, workshop, { memberId: ana.id });
  await mailed(fine, "access_ready", "delivered");
  const lost = await mailed(registration, "access_ready", "bounced");
  const marks = async (actor: Actor) => {
    const { rows } = await listRegistrations(as(actor), { workshopId: workshop.id });
    return rows.flatMap(({ id, lostAccess }) => (lostAccess ? [[id, lostAccess]] : []));
  };
  const mark = { messageId: lost.id, state: "bounced", reason: "The mailbox does not exist (550 5.1.1)." };
  for (const actor of [ana.actor, sol.actor]) expect(await marks(actor)).toEqual([[registration.id, mark]]);
  const board = await liveBoard(as(sol.actor), { workshopId: workshop.id });
  expect(board.map((row) => [row.registrationId, row.lostAccess])).toEqual([
    [registration.id, mark],
    [fine.id, null],
  ]);
  clock.set(new Date(clock.now().getTime() + 60_000).toISOString());
  await mailed(registration, "access_ready", "sent", "2");
  expect(await marks(sol.actor)).toEqual([]);
  await connection.db.message.updateMany({ where: { registrationId: registration.id }, data: { state: "failed" } });
  expect(await marks(sol.actor)).toHaveLength(1);
  await connection.db.workshop.update({ where: { id: workshop.id }, data: { state: "closing" } });
  expect(await marks(sol.actor)).toEqual([]);
});
