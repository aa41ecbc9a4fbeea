import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { exportMyData, readMyData } from "@/server/privacy/export";
import { personalData } from "@/server/privacy/personal-data";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
  makeAccount,
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
let owner: ReturnType<typeof createDb>;
let ctx: Context;
const clock = testClock();

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url);
  owner = createDb(database.ownerUrl, 2);
  ctx = testContext(connection.db, testEnv(database.url), { kind: "system", by: "clock" }, clock);
});

afterAll(async () => {
  await stopQueue();
  await owner.close();
  await connection.close();
  await database.drop();
});

type Trace = { teamId: string; registrationId: string; rows: Record<string, string> };

/** One row of every table that can hold something about an attendee, as `id` conditions by table. */
async function traces(word: string): Promise<Trace> {
  const { db } = connection;
  const team = await makeTeam(db);
  const teamId = team.id;
  const manager = await makeMember(db, teamId, "account_manager");
  const workshop = await makeWorkshop(db, teamId);
  const invite = await makeInvite(db, ctx.env, workshop, manager.id, { personal: true, email: `${word}@x.example` });
  const registration = await makeRegistration(db, workshop, { email: `${word}@x.example`, inviteId: invite.id });
  const registrationId = registration.id;
  const of = { teamId, registrationId };
  const soon = new Date(clock.now().getTime() + 3_600_000);
  const values = { Size: { text: word }, Years: { number: 12.5 }, Photos: { consentAt: clock.now() } };
  for (const [ordinal, [label, value]] of Object.entries(values).entries()) {
    const question = { id: ctx.newId("question"), teamId, workshopId: workshop.id, ordinal, kind: "text", label };
    await db.question.create({ data: question });
    await db.answer.create({ data: { ...of, questionId: question.id, ...value } });
  }
  const handover = await db.handover.create({
    data: { ...of, id: ctx.newId("handover"), email: `c-${word}@x.example`, name: word, endsAt: soon },
  });
  const link = await db.personalLink.create({
    data: { ...of, id: ctx.newId("personalLink"), purpose: "personal", tokenHash: `l-${word}`, expiresAt: soon },
  });
  const browser = await db.attendeeBrowser.create({
    data: { ...of, id: ctx.newId("attendeeBrowser"), tokenHash: `b-${word}`, expiresAt: soon },
  });
  const attempt = await db.signInAttempt.create({
    data: { id: ctx.newId("attempt"), audience: "customer", registrationId, emailHash: word, expiresAt: soon },
  });
  const message = await db.message.create({
    data: {
      ...{ ...of, id: ctx.newId("message"), kind: "confirmed", recipientKey: registrationId, occurrence: "1" },
      ...{ state: "sent", dueAt: clock.now() },
    },
  });
  const suppressed = await db.suppressedAddress.create({
    data: {
      ...{ id: ctx.newId("suppressedAddress"), teamId, email: `${word}@x.example`, reason: "bounced" },
      createdAt: clock.now(),
    },
  });
  const account = await makeAccount(db, teamId, { state: "quarantined", quarantineReason: word });
  const lease = await db.lease.create({
    data: {
      ...{ ...of, id: ctx.newId("lease"), workshopId: workshop.id, accountId: account.id, holder: "registration" },
      ...{ state: "ended", roleName: "lease", endedAt: clock.now() },
    },
  });
  const credential = await db.credential.create({
    data: { id: ctx.newId("credential"), teamId, leaseId: lease.id, kind: "role", reference: "lease" },
  });
  const step = await db.closingStep.create({
    data: {
      ...{ id: ctx.newId("closingStep"), teamId, workshopId: workshop.id, leaseId: lease.id, subject: lease.id },
      ...{ name: "clean", position: 1 },
    },
  });
  const cleanup = await db.cleanup.create({
    data: {
      ...{ id: ctx.newId("cleanup"), teamId, accountId: account.id, leaseId: lease.id, cause: "closing" },
      ...{ state: "dirty", regions: [], endedAt: clock.now() },
    },
  });
  const check = { cleanupId: cleanup.id, teamId, pass: 1, type: "bucket", region: "eu-west-1" };
  await db.cleanupCheck.create({ data: { ...check, service: "s3", outcome: "found", reason: word } });
  await db.cleanupResource.create({ data: { ...check, resourceId: word, outcome: "failed" } });
  const id = (value: string) => `id = '${value}'`;
  return {
    ...of,
    rows: {
      ...{ Person: id(registration.personId), Registration: id(registrationId), Invite: id(invite.id) },
      ...{ Handover: id(handover.id), PersonalLink: id(link.id), AttendeeBrowser: id(browser.id) },
      ...{ SignInAttempt: id(attempt.id), Message: id(message.id), SuppressedAddress: id(suppressed.id) },
      ...{ Lease: id(lease.id), Credential: id(credential.id), ClosingStep: id(step.id), Cleanup: id(cleanup.id) },
      ...{ SandboxAccount: id(account.id), Answer: `"registrationId" = '${registrationId}'` },
      ...{ CleanupCheck: `"cleanupId" = '${cleanup.id}'`, CleanupResource: `"cleanupId" = '${cleanup.id}'` },
    },
  };
}

/** Columns that rows hang on: they hold ids or the address, and are looked for as they are. Answers have one value each. */
const hangsOn = new Set(["registrationId", "email"]);

/** Writes a mark of its own into every personal column that can hold one, and returns the marks by column. */
async function mark({ rows }: Trace, word: string): Promise<Map<string, string | null>> {
  const marks = new Map<string, string | null>();
  for (const [table, columns] of Object.entries(personalData))
    for (const [column, kind] of Object.entries(columns)) {
      if (typeof kind === "string") continue;
      const where = rows[table];
      if (!where) throw new Error(`the test has no row of ${table}: say how it belongs to a registration in export.ts`);
      const [type] = await owner.db.$queryRaw<{ name: string }[]>`
        select data_type as name from information_schema.columns
        where table_schema = 'public' and table_name = ${table} and column_name = ${column}`;
      const text = `${word}-${table}.${column}`;
      const value = { text: `'${text}'`, jsonb: `'[{"key":"${text}"}]'`, numeric: "12.5" }[type?.name ?? ""] ?? `now()`;
      const filled = hangsOn.has(column) || table === "Answer";
      if (!filled) await owner.db.$executeRawUnsafe(`update "${table}" set "${column}" = ${value} where ${where}`);
      marks.set(`${table}.${column}`, value.includes(text) && !filled ? text : null);
    }
  return marks;
}

const attendee = ({ teamId, registrationId }: Trace, verified = true) =>
  ({ ...ctx, actor: { kind: "attendee", teamId, registrationId, verified } }) as const;

test("every personal column of the register is in the file of whom it is about, and nobody else's", async () => {
  const [mine, other] = [await traces("mine"), await traces("other")];
  const marks = await mark(mine, "mine");
  await mark(other, "other");
  const exported = await exportMyData(attendee(mine));
  const missing = [...marks].filter(([name, text]) => {
    const [table = "", column = ""] = name.split(".");
    const values = (exported.data[table] ?? []).map((row) => row[column]);
    return !values.some((value) =>
      text ? JSON.stringify(value)?.includes(text) : value !== null && value !== undefined,
    );
  });
  expect(missing.map(([name]) => name)).toEqual([]);
  expect(marks.size).toBeGreaterThan(25);
  const text = JSON.stringify(exported);
  expect(text).not.toContain("other-");
  // What is only a key to something is in no file: hashes, sealed secrets.
  expect(text).not.toMatch(/tokenHash|codeHash|Sealed|l-mine|b-mine/);
  expect(exported.meaning.Registration?.company).toMatchObject({ what: "company as typed" });
});

test("the page says the same in short, for a verified browser only, and the file is not made without end", async () => {
  const mine = await traces("short");
  const summary = await readMyData(attendee(mine));
  expect(summary.registration.person.email).toBe("short@x.example");
  expect(summary.answers).toContainEqual({ question: "Size", answer: "short", consentAt: null });
  expect(summary).toMatchObject({ mails: 1, deletedAfterDays: 30 });
  await expect(readMyData(attendee(mine, false))).rejects.toMatchObject({ code: "unverified" });
  await expect(exportMyData(attendee(mine, false))).rejects.toMatchObject({ code: "unverified" });
  for (let times = 0; times < 10; times++) await exportMyData(attendee(mine));
  await expect(exportMyData(attendee(mine))).rejects.toMatchObject({ code: "too_many" });
  const acts = await connection.db.auditEntry.count({ where: { action: "registration.exported" } });
  expect(acts).toBeGreaterThanOrEqual(10);
});
