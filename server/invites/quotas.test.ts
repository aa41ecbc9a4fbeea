import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import { createInvite, invitePerson } from "@/server/invites/invites";
import { editInvite, previewQuotas, readQuotas, setQuotas } from "@/server/invites/quotas";
import { readyText } from "@/server/invites/ready-text";
import { stopQueue } from "@/server/jobs/queue";
import { languages } from "@/server/languages/kinds";
import type { Actor } from "@/server/permissions";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { makeMember, makeRegistration, makeTeam, makeWorkshop, testContext, testEnv } from "@/server/testing/factories";

let database: TestDatabase;
let connection: ReturnType<typeof createDb>;
let team: Awaited<ReturnType<typeof makeTeam>>;
let ana: Awaited<ReturnType<typeof makeMember>>;
let ben: Awaited<ReturnType<typeof makeMember>>;
let architect: Awaited<ReturnType<typeof makeMember>>;
let visitor: Context;

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url);
  visitor = testContext(connection.db, testEnv(database.url), { kind: "visitor" });
  team = await makeTeam(connection.db);
  ana = await makeMember(connection.db, team.id, "account_manager", { name: "Ana Ruiz" });
  ben = await makeMember(connection.db, team.id, "account_manager", { name: "Ben Soto" });
  architect = await makeMember(connection.db, team.id, "solutions_architect", { name: "Sol Figueroa" });
});

afterAll(async () => {
  await stopQueue();
  await connection.close();
  await database.drop();
});

const as = (actor: Actor): Context => ({ ...visitor, actor });

/** Ana may fill 3 seats and does; two more of hers wait, and one of Ben's has a seat. */
async function fullForAna() {
  const workshop = await makeWorkshop(connection.db, team.id, { capacity: 6 });
  await connection.db.workshopAccountManager.createMany({
    data: [
      { teamId: team.id, workshopId: workshop.id, memberId: ana.id, seatLimit: 3 },
      { teamId: team.id, workshopId: workshop.id, memberId: ben.id, seatLimit: null },
    ],
  });
  const of = (memberId: string, state?: "waitlisted") =>
    makeRegistration(connection.db, workshop, { memberId, ...(state ? { state } : {}) });
  for (let seat = 0; seat < 3; seat++) await of(ana.id);
  await of(ben.id);
  const waiting = [await of(ana.id, "waitlisted"), await of(ana.id, "waitlisted")];
  return { workshop, waiting };
}

/** Everything that a change of limits could touch. */
async function everything(workshopId: string) {
  const { db } = connection;
  return JSON.stringify([
    await db.workshop.findUnique({ where: { id: workshopId } }),
    await db.workshopAccountManager.findMany({ where: { workshopId }, orderBy: { memberId: "asc" } }),
    await db.workshopCustomer.findMany({ where: { workshopId } }),
    await db.registration.findMany({ where: { workshopId }, orderBy: { id: "asc" } }),
    await db.message.count({ where: { workshopId } }),
    await db.customer.count(),
    await db.auditEntry.count(),
    await db.$queryRaw`SELECT count(*)::int AS count FROM pgboss.job`,
  ]);
}

test("a preview says what a limit means and who moves up, and changes nothing; saving does what it said", async () => {
  const { workshop, waiting } = await fullForAna();
  const before = await everything(workshop.id);
  const change = {
    workshopId: workshop.id,
    members: [{ id: ana.id, from: 3, to: 4 }],
    customers: [{ name: "Acme", from: null, to: 2 }],
  };
  const preview = await previewQuotas(as(architect.actor), change);
  expect(preview).toEqual({
    lines: [
      "Ana Ruiz: 3 of 3 held; with 4, 1 more can get in.",
      "Acme: 0 seats held without a limit; with 2, 2 more can get in.",
    ],
    moves: 1,
    text: "1 waiting person moves up and is told by mail: 1 invited by Ana Ruiz. 1 keeps waiting.",
  });
  expect(await everything(workshop.id)).toBe(before);
  expect(await setQuotas(as(architect.actor), change)).toEqual({ moves: 1 });
  const states = await connection.db.registration.findMany({
    where: { id: { in: waiting.map(({ id }) => id) } },
    orderBy: { ordinal: "asc" },
    select: { state: true },
  });
  expect(states.map(({ state }) => state)).toEqual(["confirmed", "waitlisted"]);
  const quotas = await readQuotas(as(architect.actor), { workshopId: workshop.id });
  expect(quotas.members).toContainEqual({ id: ana.id, name: "Ana Ruiz", seatLimit: 4, held: 4, waiting: 1 });
  expect(quotas.customers.map(({ name, seatLimit }) => [name, seatLimit])).toEqual([["Acme", 2]]);
});

test("a limit lowered below what is held takes nobody's seat, and says when somebody new gets in again", async () => {
  const { workshop } = await fullForAna();
  const change = { workshopId: workshop.id, members: [{ id: ana.id, from: 3, to: 1 }] };
  const { lines, moves } = await previewQuotas(as(architect.actor), change);
  expect(lines).toEqual([
    "Ana Ruiz: 3 of 3 held; lowering to 1 takes nobody's seat, but nobody new gets in until 3 cancel.",
  ]);
  expect(moves).toBe(0);
  await setQuotas(as(architect.actor), change);
  expect((await readQuotas(as(architect.actor), { workshopId: workshop.id })).taken).toBe(4);
});

test("of two who change a limit on the same sight of it one gets a conflict, and none of their other changes is kept", async () => {
  const { workshop } = await fullForAna();
  const by = (to: number) =>
    setQuotas(as(architect.actor), {
      workshopId: workshop.id,
      members: [
        { id: ben.id, from: null, to },
        { id: ana.id, from: 3, to },
      ],
    });
  const answers = await Promise.allSettled([by(4), by(5)]);
  expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const { members } = await readQuotas(as(architect.actor), { workshopId: workshop.id });
  const [first, second] = members.map(({ seatLimit }) => seatLimit);
  expect(first).toBe(second);
  const customer = { workshopId: workshop.id, customers: [{ name: "Acme", from: 1, to: 2 }] };
  await expect(setQuotas(as(architect.actor), customer)).rejects.toMatchObject({ code: "conflict" });
});

test("limits are for those who edit workshops; an account manager sees their own row and their customers' only", async () => {
  const { workshop } = await fullForAna();
  await createInvite(as(ana.actor), { workshopId: workshop.id, customerName: "Globex" });
  await createInvite(as(ben.actor), { workshopId: workshop.id, customerName: "Initech" });
  const change = { workshopId: workshop.id, members: [{ id: ana.id, from: 3, to: 30 }] };
  await expect(setQuotas(as(ana.actor), change)).rejects.toMatchObject({ code: "not_found" });
  await expect(previewQuotas(as(ana.actor), change)).rejects.toMatchObject({ code: "not_found" });
  const seen = await readQuotas(as(ana.actor), { workshopId: workshop.id });
  expect(seen.mayEdit).toBe(false);
  expect(seen.members.map(({ name }) => name)).toEqual(["Ana Ruiz"]);
  expect(seen.customers.map(({ name }) => name)).toEqual(["Globex"]);
  const other = await makeTeam(connection.db);
  const foreign = await makeMember(connection.db, other.id, "admin");
  await expect(readQuotas(as(foreign.actor), { workshopId: workshop.id })).rejects.toMatchObject({ code: "not_found" });
  await expect(setQuotas(as(foreign.actor), change)).rejects.toMatchObject({ code: "not_found" });
});

test("raising the limit of a link lets those in who wait for it; the limit of a personal link stays one", async () => {
  const workshop = await makeWorkshop(connection.db, team.id);
  await connection.db.workshopAccountManager.create({
    data: { teamId: team.id, workshopId: workshop.id, memberId: ana.id },
  });
  const input = { workshopId: workshop.id, customerName: "Umbrella" };
  const { inviteId } = await createInvite(as(ana.actor), { ...input, seatLimit: 1 });
  const own = { memberId: ana.id, inviteId };
  await makeRegistration(connection.db, workshop, own);
  await makeRegistration(connection.db, workshop, { ...own, state: "waitlisted" });
  const change = { inviteId, expiresAt: null, note: "" };
  expect(await editInvite(as(ana.actor), { ...change, seatLimit: 5 })).toEqual({ moves: 1 });
  const personal = await invitePerson(as(ana.actor), { ...input, email: "one@umbrella.example" });
  await editInvite(as(ana.actor), { ...change, inviteId: personal.inviteId, seatLimit: 9, locale: "it" });
  const kept = await connection.db.invite.findUniqueOrThrow({ where: { id: personal.inviteId } });
  expect(kept).toMatchObject({ seatLimit: 1, locale: "it" });
});

test("the text to forward holds the link, the date and the name in each language, for its owner and who acts for them", async () => {
  const workshop = await makeWorkshop(connection.db, team.id);
  await connection.db.workshopAccountManager.create({
    data: { teamId: team.id, workshopId: workshop.id, memberId: ana.id },
  });
  const { inviteId, link } = await invitePerson(as(ana.actor), {
    ...{ workshopId: workshop.id, email: "lucia@acme.example", name: "Lucía Gómez", locale: "fr" as const },
  });
  expect((await readyText(as(ana.actor), { inviteId })).language).toBe("fr");
  const texts = await Promise.all(languages.map((language) => readyText(as(ana.actor), { inviteId, language })));
  for (const { subject, body } of texts) {
    expect(subject).toContain("Serverless day");
    for (const part of [link ?? "", "Lucía", "12", "09:30", "Calle de Alcalá 1", "Ana Ruiz"])
      expect(body).toContain(part);
  }
  expect(new Set(texts.map(({ subject, body }) => subject + body)).size).toBe(5);
  const signed = (await readyText(as(architect.actor), { inviteId })).body;
  expect(signed).toContain(link);
  expect(signed).not.toContain("Ana Ruiz");
  await expect(readyText(as(ben.actor), { inviteId })).rejects.toMatchObject({ code: "not_found" });
});

test("a customer at their limit waits whoever invited them, and a higher limit lets the first of them in", async () => {
  const workshop = await makeWorkshop(connection.db, team.id, { capacity: 10 });
  await connection.db.workshopAccountManager.createMany({
    data: [ana, ben].map(({ id }) => ({ teamId: team.id, workshopId: workshop.id, memberId: id })),
  });
  const hooli = { workshopId: workshop.id, customers: [{ name: "Hooli", from: null, to: 1 }] };
  await setQuotas(as(architect.actor), hooli);
  const { id: customerId } = await connection.db.customer.findFirstOrThrow({ where: { name: "Hooli" } });
  await makeRegistration(connection.db, workshop, { memberId: ana.id, customerId });
  const first = await makeRegistration(connection.db, workshop, { memberId: ben.id, customerId, state: "waitlisted" });
  await makeRegistration(connection.db, workshop, { memberId: ana.id, customerId, state: "waitlisted" });
  const raised = { workshopId: workshop.id, customers: [{ name: "HOOLI", from: 1, to: 2 }] };
  const { lines, text } = await previewQuotas(as(architect.actor), raised);
  expect(lines).toEqual(["HOOLI: 1 of 1 held; with 2, 1 more can get in."]);
  expect(text).toContain("1 invited by Ben Soto");
  expect(await setQuotas(as(architect.actor), raised)).toEqual({ moves: 1 });
  const moved = await connection.db.registration.findUniqueOrThrow({ where: { id: first.id } });
  expect(moved.state).toBe("confirmed");
});
