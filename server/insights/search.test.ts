import { afterAll, beforeAll, expect, test } from "vitest";
import { createDb } from "@/server/db";
import { getCustomer, listCustomers } from "@/server/insights/customers";
import { search } from "@/server/insights/search";
import type { MemberActor } from "@/server/permissions";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
  makeInvite,
  makeMember,
  makeRegistration,
  makeTeam,
  makeWorkshop,
  testContext,
  testEnv,
} from "@/server/testing/factories";

let database: TestDatabase;
let client: ReturnType<typeof createDb>;
let as: (actor: MemberActor) => ReturnType<typeof testContext<MemberActor>>;
let ana: MemberActor;
let marta: MemberActor;
let architect: MemberActor;
let stranger: MemberActor;
let customerId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  client = createDb(database.url);
  const { db } = client;
  const env = testEnv(database.url);
  as = (actor) => testContext(db, env, actor);
  const team = await makeTeam(db);
  const other = await makeTeam(db);
  ana = (await makeMember(db, team.id, "account_manager")).actor;
  marta = (await makeMember(db, team.id, "account_manager", { name: "Marta Prado" })).actor;
  architect = (await makeMember(db, team.id, "solutions_architect")).actor;
  stranger = (await makeMember(db, other.id, "admin")).actor;
  const workshop = await makeWorkshop(db, team.id, { title: "Análisis de datos 100%" });
  const customer = await db.customer.create({ data: { id: "cus_nebula", teamId: team.id, name: "Nébula S.A." } });
  customerId = customer.id;
  await makeInvite(db, env, workshop, ana.memberId, { customerId });
  await makeInvite(db, env, workshop, marta.memberId);
  const own = { memberId: ana.memberId, customerId };
  await makeRegistration(db, workshop, { ...own, name: "Lucía Gómez", email: "lucia_gomez@nebula.example" });
  await makeRegistration(db, workshop, { ...own, state: "attended", name: "Iker Sanz" });
  await makeRegistration(db, workshop, {
    memberId: marta.memberId,
    customerId,
    state: "unverified",
    typedName: "Lucía Marín",
    name: "Lucía",
  });
}, 120_000);

afterAll(async () => {
  await client.close();
  await database.drop();
});

test("a search finds what was meant, without accents, in capitals, by parts of several words", async () => {
  const ctx = as(architect);
  expect((await search(ctx, { query: "LUCIA gom" })).people.map(({ name }) => name)).toEqual(["Lucía Gómez"]);
  expect((await search(ctx, { query: "marín" })).people.map(({ name }) => name)).toEqual(["Lucía Marín"]);
  expect((await search(ctx, { query: "analisis" })).workshops).toHaveLength(1);
  expect((await search(ctx, { query: "nebula" })).customers.map(({ name }) => name)).toEqual(["Nébula S.A."]);
});

test("signs that mean something to the database are letters like others", async () => {
  const ctx = as(architect);
  expect((await search(ctx, { query: "lucia_gomez@" })).people).toHaveLength(1);
  expect((await search(ctx, { query: "i%z" })).people).toHaveLength(0);
  expect((await search(ctx, { query: "100%" })).workshops).toHaveLength(1);
  expect((await search(ctx, { query: "\\'; --" })).people).toHaveLength(0);
  expect(await search(ctx, { query: " a " })).toEqual({ workshops: [], people: [], customers: [] });
});

test("an account manager finds only the people of their own invites, another team nothing", async () => {
  expect((await search(as(ana), { query: "lucía" })).people.map(({ name }) => name)).toEqual(["Lucía Gómez"]);
  expect((await search(as(marta), { query: "lucía" })).people.map(({ name }) => name)).toEqual(["Lucía Marín"]);
  for (const query of ["lucía", "nébula", "análisis"])
    expect(await search(as(stranger), { query })).toEqual({ workshops: [], people: [], customers: [] });
});

test("the figures of a customer count what is attributed to the reader, and their team's for an architect", async () => {
  const counts = async (actor: MemberActor) => (await listCustomers(as(actor)))[0]?.counts;
  expect(await counts(architect)).toMatchObject({ registered: 3, confirmed: 1, attended: 1 });
  expect(await counts(ana)).toMatchObject({ registered: 2, confirmed: 1, attended: 1 });
  expect(await counts(marta)).toMatchObject({ registered: 1, confirmed: 0, attended: 0 });
  const seen = await getCustomer(as(marta), { customerId });
  expect(seen.workshops.flatMap(({ people }) => people.map(({ name }) => name))).toEqual(["Lucía Marín"]);
  await expect(getCustomer(as(stranger), { customerId })).rejects.toMatchObject({ code: "not_found" });
});
