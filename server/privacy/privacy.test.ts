import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Team } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { createDb, type Db } from "@/server/db";
import type { Env } from "@/server/env";
import { keyedHash } from "@/server/ids";
import { enqueue, stopQueue } from "@/server/jobs/queue";
import type { MailKind } from "@/server/mail/kinds";
import { queueMail } from "@/server/mail/outbox";
import { anonymizeNow, anonymizeWorkshop, eraseRegistration, workshopFigures } from "@/server/privacy/anonymize";
import { personalData, queueTables } from "@/server/privacy/personal-data";
import { tickPrivacy } from "@/server/privacy/retention";
import { mintLink } from "@/server/registrations/registrations";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { everyRow, tablesWith } from "@/server/testing/everything";
import {
  makeAccount,
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
import { runJobs } from "@/server/testing/jobs";

let database: TestDatabase;
let db: Db;
let owner: ReturnType<typeof createDb>;
let close: () => Promise<void>;
let folder: string;
let env: Env;
let clock: TestClock;
let ctx: Context;
let team: Team;

beforeAll(async () => {
  database = await createTestDatabase();
  ({ db, close } = createDb(database.url));
  owner = createDb(database.ownerUrl, 2);
  folder = await mkdtemp(join(tmpdir(), "mailbox-"));
  env = testEnv(database.url, { ATELIER_MAILBOX_DIR: folder });
});

afterAll(async () => {
  await stopQueue();
  await owner.close();
  await close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  clock = testClock();
  ctx = testContext(db, env, { kind: "system", by: "clock" }, clock);
  team = await makeTeam(db);
});

const day = 86_400_000;
const runPrivacy = () => runJobs(ctx, ["privacy.anonymize", "privacy.forget-person", "mail.send"]);
const ofWorkshop = (id: string) => db.workshop.findUniqueOrThrow({ where: { id } });

async function mail(registration: { id: string; teamId: string; workshopId: string }, kind: MailKind, dueAt?: Date) {
  const { id, teamId, workshopId } = registration;
  const input = { kind, teamId, workshopId, registrationId: id, recipientKey: id, occurrence: "1", dueAt };
  return db.$transaction((tx) => queueMail(ctx, tx, input));
}

/** A workshop that left a trace of one attendee in every place that can hold one. */
async function traces(state: "closed" | "cancelled" = "closed") {
  const canary = randomBytes(4).toString("hex");
  const words = [
    `Zoraida-${canary}`,
    `zoraida.${canary}@canary.example`,
    `Canary ${canary} S.A.`,
    `Conductor ${canary}`,
  ];
  const [name, email, company, jobTitle] = words as [string, string, string, string];
  const manager = await makeMember(db, team.id, "account_manager");
  const workshop = await makeWorkshop(db, team.id, { state: "registration" });
  const invite = await makeInvite(db, env, workshop, manager.id, { note: `for ${name}` });
  const customer = await db.customer.create({
    data: { id: ctx.newId("customer"), teamId: team.id, name: `Kept ${canary} Ltd` },
  });
  const registration = await makeRegistration(db, workshop, {
    ...{ name, email, company, jobTitle, memberId: manager.id, inviteId: invite.id, followUpAt: clock.now() },
    state: "attended",
    customerId: customer.id,
  });
  await makeRegistration(db, workshop, { state: "confirmed", memberId: manager.id, company: `Typed ${canary}` });
  await makeRegistration(db, workshop, { state: "cancelled", memberId: manager.id, typedName: name });
  await mail(registration, "confirmed");
  await mail(registration, "reminder", new Date(clock.now().getTime() + 3_600_000));
  await mintLink(ctx, { registrationId: registration.id, purpose: "personal" });
  const common = {
    teamId: team.id,
    registrationId: registration.id,
    expiresAt: new Date(clock.now().getTime() + 90 * day),
  };
  await db.attendeeBrowser.create({ data: { id: ctx.newId("attendeeBrowser"), tokenHash: canary, ...common } });
  const emailHash = keyedHash(env.ATELIER_SECRET_KEY, "sign-in-address", email);
  const { registrationId, expiresAt } = common;
  await db.signInAttempt.create({
    data: { id: ctx.newId("attempt"), audience: "customer", emailHash, registrationId, expiresAt },
  });
  await runJobs(ctx, ["mail.send"]);
  const bounced = { state: "bounced", lastError: `550 no mailbox ${name}`, providerId: `ses-${canary}` } as const;
  await db.message.updateMany({ where: { registrationId: registration.id, state: "sent" }, data: bounced });

  // What the attendee made in the account, by names they typed.
  const account = await makeAccount(db, team.id, {
    state: "quarantined",
    quarantineReason: `bucket ${name} cannot be emptied`,
  });
  const lease = await db.lease.create({
    data: {
      id: ctx.newId("lease"),
      ...{ teamId: team.id, workshopId: workshop.id, accountId: account.id, registrationId },
      ...{
        holder: "registration",
        state: "ended",
        roleName: "lease",
        lastError: `no such bucket ${name}`,
        stackError: `stack ${name}`,
        stackOutputs: [{ key: "site", value: name }],
      },
      ...{ reservedAt: clock.now(), endedAt: clock.now() },
    },
  });
  await db.closingStep.create({
    data: {
      ...{
        id: ctx.newId("closingStep"),
        teamId: team.id,
        workshopId: workshop.id,
        leaseId: lease.id,
        subject: lease.id,
      },
      ...{ name: "clean", position: 1, state: "failed", lastError: `bucket ${name}`, detail: { users: [name] } },
    },
  });
  await cleanupWith(account.id, lease.id, name);
  await cleanupWith(account.id, null, name);
  await db.$transaction((tx) => enqueue(ctx, tx, "sandboxes.vend", { leaseId: lease.id }));
  await owner.db.$executeRawUnsafe(
    `update pgboss.job set output = $1::jsonb where data->>'leaseId' = $2`,
    JSON.stringify({ message: `bucket ${name}` }),
    lease.id,
  );
  await db.workshop.update({
    where: { id: workshop.id },
    data: {
      state,
      ...(state === "closed" ? { closedAt: clock.now() } : { cancelledAt: clock.now() }),
      anonymizeAt: new Date(clock.now().getTime() + 30 * day),
    },
  });
  return { workshop, registration, account, customer, words };
}

async function cleanupWith(accountId: string, leaseId: string | null, name: string) {
  const cleanup = await db.cleanup.create({
    data: {
      ...{ id: ctx.newId("cleanup"), teamId: team.id, accountId, leaseId, cause: leaseId ? "closing" : "by_hand" },
      ...{ state: "dirty", reason: `bucket ${name} is left`, regions: ["eu-west-1"], found: 2 },
      ...{ startedAt: clock.now(), endedAt: clock.now() },
    },
  });
  const of = { cleanupId: cleanup.id, teamId: team.id, region: "eu-west-1", pass: 1 };
  await db.cleanupCheck.create({
    data: { ...of, service: "s3", type: "bucket", outcome: "found", count: 2, reason: name },
  });
  for (const resourceId of [`${name}-a`, `${name}-b`])
    await db.cleanupResource.create({
      data: { ...of, type: "bucket", resourceId, outcome: "failed", reason: `${name} is locked` },
    });
  return cleanup;
}

async function filesWith(words: readonly string[]): Promise<string[]> {
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return names.filter((_, n) => words.some((word) => texts[n]!.includes(word)));
}

describe("the register of personal data", () => {
  it("classifies every column of every table, and none that does not exist", async () => {
    const columns = await owner.db.$queryRaw<{ schema: string; table: string; column: string }[]>`
      select c.table_schema as schema, c.table_name as table, c.column_name as column
      from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
      where t.table_type = 'BASE TABLE' and c.table_schema not in ('pg_catalog', 'information_schema')`;
    expect(columns.length).toBeGreaterThan(200);
    const unclassified = columns.filter(({ schema, table, column }) =>
      schema === "pgboss" ? !queueTables.some((known) => known.test(table)) : !personalData[table]?.[column],
    );
    expect(unclassified).toEqual([]);
    const real = new Set(columns.map(({ table, column }) => `${table}.${column}`));
    const listed = Object.entries(personalData).flatMap(([table, own]) =>
      Object.keys(own).map((column) => `${table}.${column}`),
    );
    expect(listed.filter((name) => !real.has(name))).toEqual([]);
  });

  it("comes true: after anonymizing, each personal column of the workshop is as it says", async () => {
    const fresh = await createTestDatabase();
    const other = createDb(fresh.url);
    const otherOwner = createDb(fresh.ownerUrl, 2);
    const saved = { db, owner, env, ctx, team };
    try {
      [db, owner, env] = [other.db, otherOwner, testEnv(fresh.url, { ATELIER_MAILBOX_DIR: folder })];
      ctx = testContext(db, env, { kind: "system", by: "clock" }, clock);
      team = await makeTeam(db);
      const { workshop } = await traces();
      const filled = await filledColumns();
      clock.advance(30 * day);
      await anonymizeWorkshop(ctx, { workshopId: workshop.id });
      await runJobs(ctx, ["privacy.forget-person"]);
      const left = await filledColumns();
      expect(filled.length).toBeGreaterThan(12);
      expect(left).toEqual([]);
    } finally {
      await stopQueue();
      ({ db, owner, env, ctx, team } = saved);
      await other.close();
      await otherOwner.close();
      await fresh.drop();
    }
  });

  /** Personal columns, to be emptied or deleted with their row, that hold something. */
  async function filledColumns(): Promise<string[]> {
    const filled: string[] = [];
    for (const [table, columns] of Object.entries(personalData))
      for (const [column, kind] of Object.entries(columns)) {
        if (typeof kind === "string") continue;
        const value = `"${column}"::text`;
        const something =
          kind.fate === "replaced" ? `${value} ilike '%zoraida%'` : `${value} is not null and ${value} <> ''`;
        const [row] = await db.$queryRawUnsafe<{ n: bigint }[]>(`select count(*) n from "${table}" where ${something}`);
        if (row!.n > 0n) filled.push(`${table}.${column}`);
      }
    return filled;
  }
});

describe("anonymizing a workshop", () => {
  it("leaves no name, address, company or typed name anywhere in the database or the mailbox, and every figure as it was", async () => {
    const { workshop, customer, words } = await traces();
    expect((await tablesWith(db, words)).length).toBeGreaterThanOrEqual(10);
    expect(await filesWith(words)).toHaveLength(1);
    const figures = await workshopFigures(db, workshop.id);
    expect(figures).toMatchObject({ registered: 3, confirmed: 2, attended: 1, customers: 1 });
    const cleanups = { _sum: { found: 4 }, _count: { _all: 2 } };

    clock.advance(30 * day);
    await tickPrivacy(ctx);
    await runPrivacy();

    expect(await tablesWith(db, words)).toEqual([]);
    expect(await filesWith(words)).toEqual([]);
    expect(await workshopFigures(db, workshop.id)).toEqual(figures);
    expect(
      await db.cleanup.aggregate({ where: { teamId: team.id }, _sum: { found: true }, _count: { _all: true } }),
    ).toEqual(cleanups);
    expect(await db.cleanupResource.count({ where: { teamId: team.id } })).toBe(4);
    expect(await db.customer.findUnique({ where: { id: customer.id } })).toEqual(customer);
    expect(await ofWorkshop(workshop.id)).toMatchObject({
      anonymizedAt: clock.now(),
      anonymization: { registrations: 3, persons: 3, personsKept: 0, resourceNames: 4, companiesUnmatched: 2, figures },
    });
    const entries = await db.auditEntry.findMany({ where: { entityId: workshop.id, action: "workshop.anonymized" } });
    expect(entries).toHaveLength(1);
    // A mail that waited is not sent any more.
    expect(await db.message.count({ where: { workshopId: workshop.id, state: "queued" } })).toBe(0);
  });

  it("can be stopped after any batch and run again, and counts each person once", async () => {
    const { workshop } = await traces();
    for (let n = 0; n < 120; n++) await makeRegistration(db, workshop, { state: "waitlisted" });
    clock.advance(30 * day);
    let transactions = 0;
    const real = db.$transaction.bind(db);
    const dying = new Proxy(db, {
      get: (target, key) =>
        key === "$transaction"
          ? (...args: Parameters<typeof real>) => {
              transactions += 1;
              if (transactions === 2) throw new Error("killed");
              return real(...args);
            }
          : Reflect.get(target, key),
    });
    await expect(anonymizeWorkshop({ ...ctx, db: dying }, { workshopId: workshop.id })).rejects.toThrow("killed");
    expect(await ofWorkshop(workshop.id)).toMatchObject({ anonymizedAt: null, anonymization: { registrations: 100 } });
    await Promise.all([1, 2].map(() => anonymizeWorkshop(ctx, { workshopId: workshop.id })));
    const done = await ofWorkshop(workshop.id);
    expect(done).toMatchObject({ anonymization: { registrations: 123, persons: 123 } });
    await anonymizeWorkshop(ctx, { workshopId: workshop.id });
    expect(await ofWorkshop(workshop.id)).toEqual(done);
  });

  it("waits for its date, or a solutions architect's word; nobody can ask for it before the end", async () => {
    const { workshop, words } = await traces();
    await tickPrivacy(ctx);
    await runPrivacy();
    expect(await ofWorkshop(workshop.id)).toMatchObject({ anonymizedAt: null });
    const architect = await makeMember(db, team.id, "solutions_architect");
    const asked = { ...ctx, actor: architect.actor };
    const open = await makeWorkshop(db, team.id, { state: "open" });
    await expect(anonymizeNow(asked, { workshopId: open.id })).rejects.toMatchObject({ code: "not_ready" });
    const stranger = await makeMember(db, (await makeTeam(db)).id, "admin");
    await expect(anonymizeNow({ ...ctx, actor: stranger.actor }, { workshopId: workshop.id })).rejects.toMatchObject({
      code: "not_found",
    });
    await anonymizeNow(asked, { workshopId: workshop.id });
    await runPrivacy();
    expect(await tablesWith(db, words)).toEqual([]);
    await expect(anonymizeNow(asked, { workshopId: workshop.id })).rejects.toMatchObject({ code: "conflict" });
  });

  it("keeps a person until the last of their workshops is over", async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(() =>
        makeWorkshop(db, team.id, { state: "closed", anonymizeAt: new Date(clock.now().getTime() + day) }),
      ),
    );
    const registration = await makeRegistration(db, first!, { email: "twice@canary.example", name: "Twice" });
    await db.registration.create({
      data: { ...registrationData(registration), id: ctx.newId("registration"), workshopId: second!.id },
    });
    await db.workshop.update({
      where: { id: second!.id },
      data: { anonymizeAt: new Date(clock.now().getTime() + 9 * day) },
    });
    clock.advance(day);
    await tickPrivacy(ctx);
    await runPrivacy();
    expect(await ofWorkshop(first!.id)).toMatchObject({ anonymization: { persons: 0, personsKept: 1 } });
    expect(await db.person.findUnique({ where: { id: registration.personId } })).toMatchObject({
      email: "twice@canary.example",
    });
    clock.advance(9 * day);
    await tickPrivacy(ctx);
    await runPrivacy();
    expect(await tablesWith(db, ["twice@canary.example"])).toEqual([]);
  });

  function registrationData({ person: _person, ...data }: Awaited<ReturnType<typeof makeRegistration>>) {
    return data;
  }

  it("clears what a cleanup finds later in an account that nobody had since", async () => {
    const { workshop, account, words } = await traces();
    clock.advance(30 * day);
    await anonymizeWorkshop(ctx, { workshopId: workshop.id });
    clock.advance(day);
    await cleanupWith(account.id, null, words[0]!);
    expect(await tablesWith(db, words)).not.toEqual([]);
    await tickPrivacy(ctx);
    expect(await tablesWith(db, words)).toEqual([]);
  });
});

describe("what has a date of its own", () => {
  it("forgets the people of a cancelled workshop", async () => {
    const { workshop, words } = await traces("cancelled");
    await db.workshop.update({ where: { id: workshop.id }, data: { anonymizeAt: null } });
    clock.advance(team.cancelledAnonymizeDays * day - 1);
    await tickPrivacy(ctx);
    await runPrivacy();
    expect(await ofWorkshop(workshop.id)).toMatchObject({ anonymizedAt: null });
    clock.advance(1);
    await tickPrivacy(ctx);
    await runPrivacy();
    expect(await tablesWith(db, words)).toEqual([]);
  });

  it("forgets the people of a workshop that was never closed", async () => {
    const workshop = await makeWorkshop(db, team.id, { state: "registration" });
    await makeRegistration(db, workshop, { email: "left@canary.example" });
    clock.advance(80 * day);
    await tickPrivacy(ctx);
    await runPrivacy();
    expect(await tablesWith(db, ["left@canary.example"])).toEqual([]);
  });

  it("deletes a registration that nobody confirmed, its mails, and its person unless another workshop needs them", async () => {
    const workshop = await makeWorkshop(db, team.id);
    const alone = await makeRegistration(db, workshop, {
      state: "unverified",
      email: "alone@canary.example",
      typedName: "Alone",
      createdAt: clock.now(),
    });
    const known = await makeRegistration(db, workshop, { email: "known@canary.example", createdAt: clock.now() });
    const elsewhere = await makeWorkshop(db, team.id);
    const extra = {
      id: ctx.newId("registration"),
      workshopId: elsewhere.id,
      state: "unverified" as const,
      ordinal: null,
      confirmedAt: null,
    };
    await db.registration.create({ data: { ...registrationOf(known), ...extra } });
    await mail(alone, "confirm_address");
    await runJobs(ctx, ["mail.send"]);
    clock.advance(team.unverifiedDeleteDays * day);
    await tickPrivacy(ctx);
    expect(await db.registration.count({ where: { id: alone.id } })).toBe(1);
    clock.advance(1000);
    await tickPrivacy(ctx);
    expect(await tablesWith(db, ["alone@canary.example", alone.id])).toEqual([]);
    expect(await filesWith(["alone@canary.example"])).toEqual([]);
    expect(await db.registration.count({ where: { personId: known.personId } })).toBe(1);
    expect(await db.person.findUnique({ where: { id: known.personId } })).toMatchObject({
      email: "known@canary.example",
    });
  });

  it("drops what SES answered to a mail that was on its way while its reader was forgotten", async () => {
    const workshop = await makeWorkshop(db, team.id);
    const registration = await makeRegistration(db, workshop, { anonymizedAt: clock.now() });
    const { id } = await mail(registration, "thanks");
    await db.message.update({ where: { id }, data: { state: "sent", providerId: "ses-late" } });
    await tickPrivacy(ctx);
    expect(await tablesWith(db, ["ses-late"])).toEqual([]);
  });

  it("counts from the last form, and takes those that somebody cancelled before they were confirmed", async () => {
    const workshop = await makeWorkshop(db, team.id);
    const never = (state: "unverified" | "cancelled", noticeAt = clock.now()) =>
      makeRegistration(db, workshop, { state, createdAt: clock.now(), noticeAt });
    const again = await never("unverified", new Date(clock.now().getTime() + day));
    const cancelled = await never("cancelled");
    const left = await makeRegistration(db, workshop, {
      ...{ state: "cancelled", createdAt: clock.now(), confirmedAt: clock.now() },
    });
    const there = async () =>
      (await db.registration.findMany({ where: { workshopId: workshop.id }, orderBy: { id: "asc" } })).map((r) => r.id);
    clock.advance(team.unverifiedDeleteDays * day + 1000);
    await tickPrivacy(ctx);
    expect(await there()).toEqual([again.id, left.id]);
    expect(await db.person.count({ where: { id: cancelled.personId } })).toBe(0);
    clock.advance(day);
    await tickPrivacy(ctx);
    expect(await there()).toEqual([left.id]);
  });

  function registrationOf({ person: _person, ...data }: Awaited<ReturnType<typeof makeRegistration>>) {
    return data;
  }
});

describe("addresses that account managers invited", () => {
  const at = (days: number) => new Date(clock.now().getTime() + days * day);

  async function invited(email: string, over: { workshop?: object; invite?: object } = {}) {
    const ana = await makeMember(db, team.id, "account_manager");
    const dates = { startsAt: at(20), endsAt: at(20.3) };
    const workshop = await makeWorkshop(db, team.id, { ...dates, ...over.workshop });
    const about = { personal: true, seatLimit: 1, email, name: "Invited Canary", note: "Canary's colleague" };
    const invite = await makeInvite(db, env, workshop, ana.id, { ...about, ...over.invite });
    const mail = { teamId: team.id, workshopId: workshop.id, memberId: ana.id, inviteId: invite.id };
    await db.$transaction((tx) =>
      queueMail(ctx, tx, { kind: "invitation", ...mail, recipientKey: invite.id, occurrence: "1" }),
    );
    return { workshop, invite };
  }

  it("go the team's days after nobody can register by them any more, with their mails; the link and its figures stay", async () => {
    const { unverifiedDeleteDays } = team;
    const declined = await invited("declined@canary.example", { invite: { declinedAt: clock.now() } });
    const expired = await invited("expired@canary.example", { invite: { expiresAt: at(0.5) } });
    const cancelled = await invited("cancelled@canary.example", {
      workshop: { state: "cancelled", cancelledAt: clock.now() },
    });
    const toCome = await invited("to-come@canary.example");
    await runPrivacy();
    const kept = () =>
      db.invite.findMany({ where: { teamId: team.id, email: { not: null } }, select: { email: true } });
    clock.advance((unverifiedDeleteDays - 0.1) * day);
    await tickPrivacy(ctx);
    expect(await kept()).toHaveLength(4);
    clock.advance(day);
    await tickPrivacy(ctx);
    expect(await kept()).toEqual([{ email: "to-come@canary.example" }]);
    const gone = [declined, expired, cancelled].map(({ invite }) => invite.email ?? "");
    expect(await tablesWith(db, gone)).toEqual([]);
    clock.set(new Date((toCome.workshop.endsAt?.getTime() ?? 0) + (unverifiedDeleteDays + 0.1) * day));
    await tickPrivacy(ctx);
    expect(await tablesWith(db, ["to-come@canary.example", "Invited Canary"])).toEqual([]);
    expect((await readdir(folder)).filter((name) => name.startsWith("msg_"))).toEqual([]);
    expect(await db.invite.count({ where: { teamId: team.id } })).toBe(4);
  });

  it("go when the workshop is anonymized, and when who is invited asks for it", async () => {
    const { workshop } = await invited("silent@canary.example", {
      workshop: { state: "closed", anonymizeAt: clock.now() },
    });
    await anonymizeWorkshop(ctx, { workshopId: workshop.id });
    expect(await tablesWith(db, ["silent@canary.example"])).toEqual([]);
    await invited("erase@canary.example");
    const other = await makeRegistration(db, await makeWorkshop(db, team.id), { email: "erase@canary.example" });
    const actor = { kind: "attendee" as const, teamId: team.id, registrationId: other.id, verified: true };
    await eraseRegistration({ ...ctx, actor }, { registrationId: other.id });
    expect(await tablesWith(db, ["erase@canary.example"])).toEqual([]);
  });
});

describe("erasing on request", () => {
  it("gives the seat back and forgets the person, for themselves only and with a verified browser", async () => {
    const workshop = await makeWorkshop(db, team.id);
    const registration = await makeRegistration(db, workshop, { email: "erase@canary.example", name: "Erase Me" });
    const other = await makeRegistration(db, workshop);
    const attendee = (verified: boolean) =>
      ({ ...ctx, actor: { kind: "attendee", teamId: team.id, registrationId: registration.id, verified } }) as const;
    const input = { registrationId: registration.id };
    await expect(eraseRegistration(attendee(false), input)).rejects.toMatchObject({ code: "unverified" });
    await expect(eraseRegistration(attendee(true), { registrationId: other.id })).rejects.toMatchObject({
      code: "not_found",
    });
    await eraseRegistration(attendee(true), input);
    expect(await tablesWith(db, ["erase@canary.example", "Erase Me"])).toEqual([]);
    expect(await ofWorkshop(workshop.id)).toMatchObject({ seatsTaken: 1 });
    expect(await db.registration.findUnique({ where: { id: registration.id } })).toMatchObject({ state: "cancelled" });
    await expect(eraseRegistration(attendee(true), input)).rejects.toMatchObject({ code: "not_found" });
  });
});

it("the log of acts names nobody", async () => {
  const rows = (await everyRow(db)).filter(({ table }) => table === "public.AuditEntry" || table === "public.Activity");
  expect(rows.length).toBeGreaterThan(0);
  for (const { text } of rows) expect(text).not.toContain("@");
});
