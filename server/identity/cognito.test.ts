import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { userPoolDouble } from "@/server/aws/cognito.double";
import { createDb } from "@/server/db";
import { cognitoCodes } from "@/server/identity/cognito";
import {
  checkCustomerCode,
  deleteCustomerIdentity,
  finishSignIn,
  requestCustomerCode,
  requestSignIn,
  sessionActor,
  signOutEverywhere,
} from "@/server/identity/identity";
import type { Actor } from "@/server/permissions";
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
let double: ReturnType<typeof userPoolDouble>;
let waited: number[];
const clock = testClock();

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url);
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});
beforeEach(() => {
  double = userPoolDouble();
  waited = [];
});

const as = <A extends Actor>(actor: A) => testContext(connection.db, testEnv(database.url), actor, clock);
const visitor = () => as({ kind: "visitor" });

function world() {
  const jwks = Buffer.from(JSON.stringify(double.jwks));
  const jwksCache = new SimpleJwksCache({
    fetcher: { fetch: async () => jwks.buffer.slice(jwks.byteOffset, jwks.byteOffset + jwks.length) },
  });
  const codes = cognitoCodes(double.pool, jwksCache);
  return { provider: () => codes, wait: async (milliseconds: number) => void waited.push(milliseconds) };
}

async function member() {
  const team = await makeTeam(connection.db);
  return makeMember(connection.db, team.id, "solutions_architect");
}
const ask = (email: string) => requestSignIn(visitor(), { email }, world());
const finish = (attemptId: string, code: string) => finishSignIn(visitor(), { attemptId, code }, world());

test("the first sign-in makes a passwordless user, the code signs in, and nothing of Cognito's is left in the attempt", async () => {
  const { identity } = await member();
  const { attemptId, codeLength } = await ask(identity.email);
  expect(double.calls).toEqual(["AdminCreateUser", "InitiateAuth"]);
  const { code, session } = double.challenge()!;
  expect(codeLength).toBe(code.length);
  const pending = await connection.db.signInAttempt.findUniqueOrThrow({ where: { id: attemptId } });
  expect(pending.providerState).not.toContain(session);
  expect(JSON.stringify(pending)).not.toContain(identity.email);

  const token = await finish(attemptId, code);
  expect(await sessionActor(visitor(), token)).toMatchObject({ identity: { email: identity.email } });
  const after = await connection.db.signInAttempt.findUniqueOrThrow({ where: { id: attemptId } });
  expect(after.providerState).toBeNull();
  await ask(identity.email);
  expect(double.calls.slice(3)).toEqual(["InitiateAuth"]);
  expect(await connection.db.message.count()).toBe(0);
});

test("a user that exists already is taken over, not made again", async () => {
  const { identity } = await member();
  double.users.set(identity.email, { subject: "the-one-before", email: identity.email, status: "ok", signedOut: 0 });
  const { attemptId } = await ask(identity.email);
  await finish(attemptId, double.challenge()!.code);
  const { subject } = await connection.db.identity.findUniqueOrThrow({ where: { id: identity.id } });
  expect(subject).toBe("the-one-before");
});

test("a wrong code leaves the right one working, with the tries that are left", async () => {
  const { identity } = await member();
  const { attemptId } = await ask(identity.email);
  const { code } = double.challenge()!;
  await expect(finish(attemptId, "00000000")).rejects.toMatchObject({
    code: "invalid",
    message: "This is not the code that was sent. 4 tries are left.",
  });
  await finish(attemptId, code);
});

test("a code that Cognito no longer knows asks for a new one", async () => {
  const { identity } = await member();
  const { attemptId } = await ask(identity.email);
  const { code } = double.challenge()!;
  double.failures.push("ExpiredCodeException");
  await expect(finish(attemptId, code)).rejects.toMatchObject({ code: "gone" });
  await ask(identity.email);
  await expect(finish(attemptId, code)).rejects.toMatchObject({ code: "gone" });
});

test("a throttled check does not cost a try", async () => {
  const { identity } = await member();
  const { attemptId } = await ask(identity.email);
  const { code } = double.challenge()!;
  double.failures.push(...Array.from({ length: 3 }, () => "TooManyRequestsException"));
  await expect(finish(attemptId, code)).rejects.toMatchObject({ code: "unavailable" });
  expect((await connection.db.signInAttempt.findUniqueOrThrow({ where: { id: attemptId } })).tries).toBe(0);
  await finish(attemptId, code);
});

test.each([
  ["nobody here", "nobody", []],
  ["somebody whose user has no code by mail", "without_code", []],
  ["a pool that is throttled", "ok", Array.from({ length: 3 }, () => "TooManyRequestsException")],
  ["a pool that says no such user", "ok", ["UserNotFoundException"]],
  ["a pool that says not allowed", "ok", ["NotAuthorizedException"]],
] as const)("the answers for %s are those for a member, at the same pace", async (_what, status, failures) => {
  const { identity } = await member();
  const email = status === "nobody" ? "nobody@elsewhere.example" : identity.email;
  if (status !== "nobody") {
    await connection.db.identity.update({ where: { id: identity.id }, data: { subject: `known-${identity.id}` } });
    double.users.set(email, { subject: `known-${identity.id}`, email, status, signedOut: 0 });
  }
  double.failures.push(...failures);
  const { attemptId, codeLength } = await ask(email);
  expect(codeLength).toBe(8);
  await expect(finish(attemptId, "00000000")).rejects.toMatchObject({
    code: "invalid",
    message: "This is not the code that was sent. 4 tries are left.",
  });
  expect(waited).toHaveLength(2);
  expect(double.calls[0]).toBe("InitiateAuth");
});

test.each([
  ["another address", { email: "somebody@else.example" }],
  ["an address that is not verified", { email_verified: false }],
  ["another client", { aud: "another" }],
  ["a token that is over", { exp: 1 }],
  ["an access token", { token_use: "access" }],
  ["another user", { sub: "somebody-else" }],
])("a token about %s makes no session", async (_what, lie) => {
  const { identity } = await member();
  const { attemptId } = await ask(identity.email);
  Object.assign(double.claims, lie);
  await expect(finish(attemptId, double.challenge()!.code)).rejects.toMatchObject({ code: "gone" });
  expect(await connection.db.session.count({ where: { identityId: identity.id } })).toBe(0);
});

test("a token signed by somebody else makes no session", async () => {
  const { identity } = await member();
  const { attemptId } = await ask(identity.email);
  const { code } = double.challenge()!;
  double.jwks = userPoolDouble().jwks;
  await expect(finish(attemptId, code)).rejects.toMatchObject({ code: "gone" });
  expect(await connection.db.session.count({ where: { identityId: identity.id } })).toBe(0);
});

test("signing out everywhere ends the pool's sessions, and our own even when the pool cannot be reached", async () => {
  const { identity, actor } = await member();
  const signIn = async () => {
    const { attemptId } = await ask(identity.email);
    return finish(attemptId, double.challenge()!.code);
  };
  await signIn();
  await signOutEverywhere(as(actor), world());
  expect(double.users.get(identity.email)?.signedOut).toBe(1);
  const token = await signIn();
  double.failures.push("InternalErrorException", "InternalErrorException", "InternalErrorException");
  expect(await signOutEverywhere(as(actor), world())).toBe(1);
  expect(await sessionActor(visitor(), token)).toBeNull();
});

test("a customer's user is made at first need, verifies their browser, and goes with the last team that knows them", async () => {
  const { db } = connection;
  const email = "lucia@customer.example";
  const registrations = [];
  for (let i = 0; i < 2; i++) {
    const workshop = await makeWorkshop(db, (await makeTeam(db)).id);
    registrations.push(await makeRegistration(db, workshop, { email }));
  }
  for (const { id: registrationId } of registrations) {
    await requestCustomerCode(visitor(), { registrationId }, world());
    await checkCustomerCode(visitor(), { registrationId, code: double.challenge()!.code }, world());
  }
  expect(double.calls.filter((call) => call === "AdminCreateUser")).toHaveLength(2);
  const forget = (personId: string) =>
    deleteCustomerIdentity(as({ kind: "system", by: "clock" }), { personId }, world());
  await forget(registrations[0]!.personId);
  expect([...double.users.keys()]).toEqual([email]);
  await forget(registrations[1]!.personId);
  expect(double.users.size).toBe(0);
  await forget(registrations[1]!.personId);
});
