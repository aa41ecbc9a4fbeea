import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import {
  checkCustomerCode,
  checkFacilitatorCode,
  deleteCustomerIdentity,
  finishSignIn,
  makeFacilitatorCode,
  mintCode,
  requestCustomerCode,
  requestSignIn,
  sessionActor,
  signOut,
  signOutEverywhere,
  sweepIdentity,
  switchTeam,
} from "@/server/identity/identity";
import { localCodes } from "@/server/identity/local";
import type { CodeProvider } from "@/server/identity/provider";
import type { Actor, VisitorActor } from "@/server/permissions";
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
let waited: number[];
/** Waiting is counted, not done. */
const world = { wait: async (milliseconds: number) => void waited.push(milliseconds) };

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url, 30);
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});
beforeEach(() => {
  clock = testClock();
  waited = [];
});

function as<A extends Actor>(actor: A): Context<A> {
  return testContext(connection.db, testEnv(database.url), actor, clock);
}
const visitor = (): Context<VisitorActor> => as({ kind: "visitor" });

async function member() {
  const team = await makeTeam(connection.db);
  return { team, ...(await makeMember(connection.db, team.id, "solutions_architect")) };
}

/** Asks for a code and lets its mail be sent. */
async function codeFor(email: string) {
  const { attemptId } = await requestSignIn(visitor(), { email }, world);
  return { attemptId, code: await mintCode(visitor(), { attemptId }) };
}
const other = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");
const finish = (input: { attemptId: string; code: string }) => finishSignIn(visitor(), input, world);
const gone = { code: "gone" };

test("the schema has no column for a password", async () => {
  const columns = await connection.db.$queryRaw<{ name: string }[]>`
    select table_name || '.' || column_name as name from information_schema.columns
    where table_schema = 'public' and column_name ~* 'passw|passphrase|pwd'`;
  expect(columns).toEqual([]);
});

test("the code from the mail signs in, once, and what is stored does not contain it", async () => {
  const { identity, team, id } = await member();
  const { attemptId, code } = await codeFor(`  ${identity.email.toUpperCase()} `);
  const stored = [
    await connection.db.signInAttempt.findMany({ where: { id: attemptId } }),
    await connection.db.message.findMany({ where: { attemptId } }),
  ];
  expect(JSON.stringify(stored)).not.toMatch(new RegExp(`"[^"]*${code}`));
  expect(JSON.stringify(stored)).not.toContain(identity.email);

  const token = await finish({ attemptId, code: `${code.slice(0, 3)} ${code.slice(3)}` });
  expect(await sessionActor(visitor(), token)).toMatchObject({
    actor: { kind: "member", memberId: id, identityId: identity.id, teamId: team.id, role: "solutions_architect" },
    identity: { name: identity.name, email: identity.email },
    memberships: [{ teamId: team.id, teamName: team.name, memberId: id }],
  });
  await expect(finish({ attemptId, code })).rejects.toMatchObject(gone);
  expect(JSON.stringify(await connection.db.session.findMany())).not.toContain(token);
});

test("a code works just before ten minutes are over, and not at ten", async () => {
  const { identity } = await member();
  const early = await codeFor(identity.email);
  clock.advance(10 * 60_000 - 1);
  await finish(early);
  const late = await codeFor(identity.email);
  clock.advance(10 * 60_000);
  await expect(finish(late)).rejects.toMatchObject(gone);
  await expect(mintCode(visitor(), late)).rejects.toMatchObject(gone);
});

test("after five wrong tries the right code is refused too", async () => {
  const { identity } = await member();
  const { attemptId, code } = await codeFor(identity.email);
  const answers: string[] = [];
  for (let i = 0; i < 5; i++) {
    const answer = await finish({ attemptId, code: other(code) }).catch((error) => `${error.code}: ${error.message}`);
    answers.push(answer);
  }
  expect(answers).toEqual([
    "invalid: This is not the code that was sent. 4 tries are left.",
    "invalid: This is not the code that was sent. 3 tries are left.",
    "invalid: This is not the code that was sent. 2 tries are left.",
    "invalid: This is not the code that was sent. One try is left.",
    "gone: This is not the code either, and it was the last try. Ask for a new one.",
  ]);
  await expect(finish({ attemptId, code })).rejects.toMatchObject(gone);
});

test("forty wrong guesses at once take no more than five tries", async () => {
  const { identity } = await member();
  const { attemptId, code } = await codeFor(identity.email);
  await Promise.allSettled(Array.from({ length: 40 }, () => finish({ attemptId, code: other(code) })));
  const row = await connection.db.signInAttempt.findUniqueOrThrow({ where: { id: attemptId } });
  expect(row.tries).toBe(5);
});

test("of two browsers that send the same right code at once, one gets in", async () => {
  const { identity } = await member();
  const asked = await codeFor(identity.email);
  const ends = await Promise.allSettled([finish(asked), finish(asked), finish(asked)]);
  expect(ends.filter((end) => end.status === "fulfilled")).toHaveLength(1);
  expect(await connection.db.session.count({ where: { identityId: identity.id } })).toBe(1);
});

test("a new code ends the old one", async () => {
  const { identity } = await member();
  const old = await codeFor(identity.email);
  const fresh = await codeFor(identity.email);
  await expect(finish(old)).rejects.toMatchObject(gone);
  await finish(fresh);
});

test("an address that belongs to nobody gets the same answers at the same pace, and no mail", async () => {
  const { identity } = await member();
  const behaviour = async (email: string) => {
    waited = [];
    const { attemptId, ...asked } = await requestSignIn(visitor(), { email }, world);
    if (email === identity.email) await mintCode(visitor(), { attemptId });
    const wrong: unknown[] = [];
    for (let i = 0; i < 6; i++) wrong.push(await finish({ attemptId, code: "000000" }).catch((error) => error.message));
    expect(waited.every((milliseconds) => milliseconds > 0 && milliseconds <= 400)).toBe(true);
    return { asked, wrong, waits: waited.length, prefix: attemptId.slice(0, 4) };
  };
  const mails = () => connection.db.message.count();
  const known = await behaviour(identity.email);
  const before = await mails();
  expect(await behaviour("nobody@elsewhere.example")).toEqual(known);
  expect(await mails()).toBe(before);
});

test("somebody removed from every team is nobody", async () => {
  const { identity, id } = await member();
  const { attemptId, code } = await codeFor(identity.email);
  const token = await finish({ attemptId, code });
  const pending = await codeFor(identity.email);
  await connection.db.member.update({ where: { id }, data: { removedAt: clock.now() } });
  expect(await sessionActor(visitor(), token)).toBeNull();
  await expect(finish(pending)).rejects.toMatchObject(gone);
  const mails = await connection.db.message.count();
  await requestSignIn(visitor(), { email: identity.email }, world);
  expect(await connection.db.message.count()).toBe(mails);
});

test("an address that asks too often is told when to ask again", async () => {
  const { identity } = await member();
  for (let i = 0; i < 6; i++) await requestSignIn(visitor(), { email: identity.email }, world);
  await expect(requestSignIn(visitor(), { email: identity.email }, world)).rejects.toMatchObject({
    code: "too_many",
    detail: { retryAfterSeconds: expect.any(Number) },
  });
});

test.each([
  ["", "Type an e-mail address."],
  ["not an address", "This does not look like an e-mail address: name@company.com."],
  [`${"a".repeat(300)}@iberia.example`, "This is too long for an e-mail address."],
])("what is no address is answered beside its field (%#)", async (email, message) => {
  await expect(requestSignIn(visitor(), { email }, world)).rejects.toMatchObject({
    code: "invalid",
    detail: { fields: { email: message } },
  });
});

test("a session ends after twelve hours without use, and after seven days with it", async () => {
  const { identity } = await member();
  const idle = await finish(await codeFor(identity.email));
  clock.advance(12 * 3_600_000);
  expect(await sessionActor(visitor(), idle)).toBeNull();

  const used = await finish(await codeFor(identity.email));
  for (let hours = 6; hours < 7 * 24; hours += 6) {
    clock.advance(6 * 3_600_000);
    expect(await sessionActor(visitor(), used), `after ${hours} hours`).not.toBeNull();
  }
  clock.advance(6 * 3_600_000);
  expect(await sessionActor(visitor(), used)).toBeNull();
});

test("an identity of two teams switches between them, keeps the last at the next sign-in, and enters no third", async () => {
  const { db } = connection;
  const { identity, team, actor } = await member();
  const nordics = await makeTeam(db, { name: "Nordics" });
  const stranger = await makeTeam(db, { name: "Elsewhere" });
  await db.member.create({
    data: { id: `mbr_${nordics.id}`, teamId: nordics.id, identityId: identity.id, role: "admin" },
  });
  const token = await finish(await codeFor(identity.email));
  expect((await sessionActor(visitor(), token))?.actor.teamId).toBe(team.id);
  await switchTeam(as(actor), { token, teamId: nordics.id });
  expect((await sessionActor(visitor(), token))?.actor).toMatchObject({ teamId: nordics.id, role: "admin" });
  await expect(switchTeam(as(actor), { token, teamId: stranger.id })).rejects.toMatchObject({ code: "not_found" });

  clock.advance(1000);
  const next = await finish(await codeFor(identity.email));
  expect((await sessionActor(visitor(), next))?.actor.teamId).toBe(nordics.id);

  await db.member.update({ where: { id: `mbr_${nordics.id}` }, data: { removedAt: clock.now() } });
  const after = await sessionActor(visitor(), next);
  expect(after?.actor.teamId).toBe(team.id);
  expect(after?.memberships).toHaveLength(1);
});

test("signing out ends one session, signing out everywhere all of them and nobody else's", async () => {
  const { identity, actor } = await member();
  const someoneElse = await member();
  const [first, second, third] = [
    await finish(await codeFor(identity.email)),
    await finish(await codeFor(identity.email)),
    await finish(await codeFor(someoneElse.identity.email)),
  ];
  await signOut(visitor(), { token: first });
  expect(await sessionActor(visitor(), first)).toBeNull();
  expect(await sessionActor(visitor(), second)).not.toBeNull();
  expect(await signOutEverywhere(as(actor))).toBe(1);
  expect(await sessionActor(visitor(), second)).toBeNull();
  expect(await sessionActor(visitor(), third)).not.toBeNull();
});

async function attendee() {
  const { db } = connection;
  const architect = await member();
  const manager = await makeMember(db, architect.team.id, "account_manager");
  const workshop = await makeWorkshop(db, architect.team.id);
  const invite = await makeInvite(db, testEnv(database.url), workshop, manager.id);
  const registration = await makeRegistration(db, workshop, { inviteId: invite.id, memberId: manager.id });
  return { architect, manager, workshop, registration };
}

test("a mailed code verifies its own registration only, once", async () => {
  const { registration } = await attendee();
  const { registration: stranger } = await attendee();
  const { attemptId } = await requestCustomerCode(visitor(), { registrationId: registration.id });
  const code = await mintCode(visitor(), { attemptId });
  await expect(checkCustomerCode(visitor(), { registrationId: stranger.id, code })).rejects.toMatchObject(gone);
  await checkCustomerCode(visitor(), { registrationId: registration.id, code });
  await expect(checkCustomerCode(visitor(), { registrationId: registration.id, code })).rejects.toMatchObject(gone);
  await expect(finish({ attemptId, code })).rejects.toMatchObject(gone);
});

test("a facilitator's code verifies once; an account manager and another team's architect make none", async () => {
  const { architect, manager, registration } = await attendee();
  const { architect: stranger } = await attendee();
  const make = (actor: Actor) => makeFacilitatorCode(as(actor), { registrationId: registration.id });
  await expect(make(manager.actor)).rejects.toMatchObject({ code: "not_found" });
  await expect(make(stranger.actor)).rejects.toMatchObject({ code: "not_found" });
  const old = await make(architect.actor);
  const { code, expiresAt } = await make(architect.actor);
  expect(expiresAt.getTime() - clock.now().getTime()).toBe(10 * 60_000);
  if (old.code !== code) {
    await expect(
      checkFacilitatorCode(visitor(), { registrationId: registration.id, code: old.code }),
    ).rejects.toMatchObject({ code: "invalid" });
  }
  await expect(checkCustomerCode(visitor(), { registrationId: registration.id, code })).rejects.toMatchObject(gone);
  await checkFacilitatorCode(visitor(), { registrationId: registration.id, code });
  await expect(checkFacilitatorCode(visitor(), { registrationId: registration.id, code })).rejects.toMatchObject(gone);
  const audited = await connection.db.auditEntry.findMany({ where: { entityId: registration.id } });
  expect(audited.map((entry) => entry.action)).toEqual(["registration.code_made", "registration.code_made"]);
  expect(JSON.stringify(audited, (_, v) => (typeof v === "bigint" ? Number(v) : v))).not.toContain(code);
});

test("an attendee cannot ask for or check a code of another registration", async () => {
  const { registration } = await attendee();
  const { registration: own } = await attendee();
  const ctx = as({ kind: "attendee", teamId: own.teamId, registrationId: own.id, verified: true });
  const input = { registrationId: registration.id };
  await expect(requestCustomerCode(ctx, input)).rejects.toMatchObject({ code: "not_found" });
  await expect(checkCustomerCode(ctx, { ...input, code: "123456" })).rejects.toMatchObject({ code: "not_found" });
  await expect(checkFacilitatorCode(ctx, { ...input, code: "123456" })).rejects.toMatchObject({ code: "not_found" });
});

test("whose data is deleted while a code is asked for stays in no user pool and gets no attempt", async () => {
  const { registration } = await attendee();
  const users = new Set<string>();
  const provider: CodeProvider = {
    ...localCodes,
    async ask() {
      users.add("sub-1");
      await connection.db.person.update({
        where: { id: registration.personId },
        data: { email: null, name: null, anonymizedAt: clock.now() },
      });
      return { providerState: null, subject: "sub-1" };
    },
    remove: async (_ctx, subject) => void users.delete(subject),
  };
  const asked = requestCustomerCode(visitor(), { registrationId: registration.id }, { provider: () => provider });
  await expect(asked).rejects.toMatchObject({ code: "not_found" });
  expect([...users]).toEqual([]);
  expect(await connection.db.signInAttempt.count({ where: { registrationId: registration.id } })).toBe(0);
});

test("forgetting a person leaves no attempt of theirs, and old attempts and sessions go by themselves", async () => {
  const { registration } = await attendee();
  await requestCustomerCode(visitor(), { registrationId: registration.id });
  await deleteCustomerIdentity(as({ kind: "system", by: "clock" }), { personId: registration.personId });
  expect(await connection.db.signInAttempt.count({ where: { registrationId: registration.id } })).toBe(0);

  const { identity } = await member();
  await finish(await codeFor(identity.email));
  clock.advance(60 * 24 * 3_600_000);
  await sweepIdentity(as({ kind: "system", by: "clock" }));
  expect(await connection.db.signInAttempt.count()).toBe(0);
  expect(await connection.db.session.count()).toBe(0);
});
