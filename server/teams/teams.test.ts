import { afterAll, beforeAll, expect, test } from "vitest";
import { createDb } from "@/server/db";
import { DomainError } from "@/server/errors";
import type { Actor } from "@/server/permissions";
import { teamSettings } from "@/server/teams/schemas";
import {
  addMember,
  changeRole,
  createTeam,
  currentTeam,
  listMembers,
  removeMember,
  updateTeam,
} from "@/server/teams/teams";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { makeMember, makeTeam, makeWorkshop, testContext, testEnv } from "@/server/testing/factories";

let database: TestDatabase;
let connection: ReturnType<typeof createDb>;

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url);
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});

const as = <A extends Actor>(actor: A) => testContext(connection.db, testEnv(database.url), actor);
const operator = () => as({ kind: "system", by: "operator" });
const nordics = {
  name: "Nordics",
  slug: "nordics",
  timeZone: "Europe/Stockholm",
  senderEmail: "workshops@nordics.example",
  adminEmail: "Ada@Nordics.example",
  adminName: "Ada Lind",
};
const newcomer = { email: "new@iberia.example", name: "Nuno Reis", role: "account_manager" as const };

async function team() {
  const { db } = connection;
  const { id } = await makeTeam(db);
  return { id, admin: await makeMember(db, id, "admin"), manager: await makeMember(db, id, "account_manager") };
}

test("a team is made once, with its first admin, however often and by however many it is asked for", async () => {
  const made = await Promise.all(Array.from({ length: 4 }, () => createTeam(operator(), nordics).catch((e) => e.code)));
  const again = await createTeam(operator(), { ...nordics, name: "Other name" });
  expect(again.created).toBe(false);
  expect(made.filter((one) => one.created)).toHaveLength(1);
  const team = await connection.db.team.findUniqueOrThrow({
    where: { slug: "nordics" },
    include: { members: { include: { identity: true } } },
  });
  expect(team.name).toBe("Nordics");
  expect(team.members.map(({ role, identity }) => [role, identity.email])).toEqual([["admin", "ada@nordics.example"]]);
  const audited = await connection.db.auditEntry.findMany({ where: { teamId: team.id }, orderBy: { ordinal: "asc" } });
  expect(audited.map(({ action, actorKind }) => [action, actorKind])).toEqual([
    ["team.created", "operator"],
    ["member.added", "operator"],
  ]);
});

test("only an operator makes teams", async () => {
  const { admin } = await team();
  await expect(createTeam(as(admin.actor), { ...nordics, slug: "mine" })).rejects.toMatchObject({ code: "not_found" });
  await expect(createTeam(as({ kind: "system", by: "clock" }), nordics)).rejects.toMatchObject({ code: "not_found" });
});

test("a wrong value for a new team is named", async () => {
  const wrong = { ...nordics, slug: "N O", timeZone: "Mars/Olympus", senderEmail: "nobody" };
  const refused = await createTeam(operator(), wrong).catch((error: DomainError) => error);
  expect(refused).toBeInstanceOf(DomainError);
  expect(Object.keys((refused as DomainError).detail.fields ?? {}).sort()).toEqual(["senderEmail", "slug", "timeZone"]);
});

test("members are added, come back under the same id, and are never in twice", async () => {
  const { admin } = await team();
  const ctx = as(admin.actor);
  const { memberId } = await addMember(ctx, newcomer);
  await expect(addMember(ctx, newcomer)).rejects.toMatchObject({
    code: "conflict",
    detail: { fields: { email: expect.any(String) } },
  });
  await removeMember(ctx, { memberId });
  expect((await listMembers(ctx)).map((member) => member.memberId)).not.toContain(memberId);
  expect(await addMember(ctx, { ...newcomer, role: "admin" })).toEqual({ memberId });
  expect((await listMembers(ctx)).find((member) => member.memberId === memberId)).toMatchObject({ role: "admin" });
});

test("adding an address that signs in elsewhere does not rename it", async () => {
  const { admin } = await team();
  const elsewhere = await team();
  const { email, name } = elsewhere.admin.identity;
  await addMember(as(admin.actor), { email, name: "Somebody Else", role: "admin" });
  expect((await listMembers(as(admin.actor))).map((member) => member.name)).toContain(name);
});

test("a team keeps an admin, also when two remove each other at once", async () => {
  const { id, admin } = await team();
  const last = { code: "conflict", message: "This is the team's last admin. Make somebody else an admin first." };
  await expect(removeMember(as(admin.actor), { memberId: admin.id })).rejects.toMatchObject(last);
  await expect(changeRole(as(admin.actor), { memberId: admin.id, role: "account_manager" })).rejects.toMatchObject(
    last,
  );
  for (let round = 0; round < 5; round++) {
    const second = await makeMember(connection.db, id, "admin");
    const ends = await Promise.allSettled([
      removeMember(as(admin.actor), { memberId: second.id }),
      changeRole(as(second.actor), { memberId: admin.id, role: "solutions_architect" }),
    ]);
    expect(ends.filter((end) => end.status === "fulfilled")).toHaveLength(1);
    expect(await connection.db.member.count({ where: { teamId: id, role: "admin", removedAt: null } })).toBe(1);
    await connection.db.member.update({ where: { id: admin.id }, data: { role: "admin", removedAt: null } });
    await connection.db.member.update({ where: { id: second.id }, data: { removedAt: new Date() } });
  }
});

test("only an admin of the same team changes it and its members", async () => {
  const { id, admin, manager } = await team();
  const stranger = await team();
  const { db } = connection;
  const architect = await makeMember(db, id, "solutions_architect");
  const before = await db.member.findMany({ where: { teamId: id }, orderBy: { id: "asc" } });
  for (const actor of [manager.actor, architect.actor, stranger.admin.actor]) {
    const ctx = as(actor);
    const none = { code: "not_found" };
    if (actor !== stranger.admin.actor) {
      await expect(addMember(ctx, newcomer)).rejects.toMatchObject(none);
      await expect(updateTeam(ctx, { name: "Mine" })).rejects.toMatchObject(none);
    }
    await expect(changeRole(ctx, { memberId: manager.id, role: "admin" })).rejects.toMatchObject(none);
    await expect(removeMember(ctx, { memberId: manager.id })).rejects.toMatchObject(none);
  }
  expect(await db.member.findMany({ where: { teamId: id }, orderBy: { id: "asc" } })).toEqual(before);
  expect((await listMembers(as(stranger.admin.actor))).map((m) => m.memberId)).not.toContain(admin.id);
  expect((await currentTeam(as(manager.actor))).id).toBe(id);
});

test("a member's live workshops are counted once each", async () => {
  const { id, admin } = await team();
  const { db } = connection;
  for (const state of ["draft", "open", "closed"] as const) {
    const workshop = await makeWorkshop(db, id, { state });
    const key = { teamId: id, workshopId: workshop.id, memberId: admin.id };
    await db.workshopPresenter.create({ data: key });
    await db.workshopAccountManager.create({ data: key });
  }
  expect((await listMembers(as(admin.actor))).find((member) => member.isYou)).toMatchObject({ liveWorkshops: 2 });
});

test("settings change together with an entry that names the fields and no value", async () => {
  const { id, admin } = await team();
  await updateTeam(as(admin.actor), { name: "Iberia", senderEmail: "other@iberia.example", cooldownHours: 6 });
  expect(await currentTeam(as(admin.actor))).toMatchObject({ senderEmail: "other@iberia.example", cooldownHours: 6 });
  const [entry] = await connection.db.auditEntry.findMany({ where: { teamId: id, action: "team.changed" } });
  expect(entry?.detail).toEqual({ fields: ["senderEmail", "cooldownHours"] });
});

test.each([
  ["accentColor", "#ffee00"],
  ["accentColor", "red"],
  ["timeZone", "+02:00"],
  ["timeZone", "Europe/Nowhere"],
  ["locale", "english!"],
  ["senderName", "a\nBcc: b@c.example"],
  ["senderEmail", "not an address"],
  ["anonymizeAfterDays", "-1"],
  ["anonymizeAfterDays", "1.5"],
  ["cooldownHours", "100000"],
  ["accountEmailPattern", "aws@example.com"],
  ["accountEmailPattern", "aws+{n}+{n}@example.com"],
  ["accountEmailPattern", "aws@{n}.example.com"],
  ["accountEmailPattern", "aws {n}@example.com"],
])("a setting %s of %j is refused in words", (field, value) => {
  const parsed = teamSettings.partial().safeParse({ [field]: value });
  expect(parsed.error?.issues[0]?.message).toMatch(/^[A-Z].*\.$/);
});

test("a pattern for the addresses of new accounts is kept in lower case, and an empty one is none", async () => {
  const { admin } = await team();
  for (const [typed, kept] of [
    ["AWS+{n}@Example.com ", "aws+{n}@example.com"],
    ["", null],
  ] as const) {
    await updateTeam(as(admin.actor), teamSettings.partial().parse({ accountEmailPattern: typed }));
    expect(await currentTeam(as(admin.actor))).toMatchObject({ accountEmailPattern: kept });
  }
});
