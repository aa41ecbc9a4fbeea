import { Prisma } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import type { AttendeeActor } from "@/server/permissions";
import { type ColumnClass, personalData } from "@/server/privacy/personal-data";
import { limit } from "@/server/rate-limit";

/**
 * "What is held about me" (Art. 15 and 20 GDPR): everything about one person in one registration. Which columns are in it says
 * the register: all that are personal or pseudonymous, so that a column which is added there is exported too. What stands here
 * is how a table's rows belong to a registration; a test fails for a personal column that no table here reaches.
 */

type About = {
  registrationId: string;
  personId: string;
  inviteId: string | null;
  teamId: string;
  email: string;
};

type Reach = {
  /** Which rows `t` are about this person. */
  where: (about: About) => Prisma.Sql;
  /** Columns that say nothing about a person alone, and without which the others would be hard to read. */
  also?: readonly string[];
  /** Columns that in these rows are about somebody else. */
  without?: readonly string[];
  /** One more column, made from other tables. */
  extra?: Prisma.Sql;
};

const ofRegistration = ({ registrationId }: About) => Prisma.sql`t."registrationId" = ${registrationId}`;
const leases = ({ registrationId }: About) =>
  Prisma.sql`(select l.id from "Lease" l where l."registrationId" = ${registrationId})`;
const ofLeases = (about: About) => Prisma.sql`t."leaseId" in ${leases(about)}`;
const ofCleanups = (about: About) =>
  Prisma.sql`t."cleanupId" in (select c.id from "Cleanup" c where c."leaseId" in ${leases(about)})`;

const reaches: Record<string, Reach> = {
  Person: { where: ({ personId }) => Prisma.sql`t.id = ${personId}` },
  Registration: { where: ({ registrationId }) => Prisma.sql`t.id = ${registrationId}` },
  Answer: {
    where: ofRegistration,
    extra: Prisma.sql`(select q.label from "Question" q where q.id = t."questionId") as "question"`,
  },
  Handover: { where: ofRegistration },
  Invite: { where: ({ inviteId }) => Prisma.sql`t.id = ${inviteId ?? ""} and t.personal`, also: ["createdAt"] },
  PersonalLink: { where: ofRegistration, also: ["purpose", "expiresAt"] },
  AttendeeBrowser: { where: ofRegistration, also: ["expiresAt"] },
  SignInAttempt: { where: ofRegistration, also: ["audience"] },
  Message: {
    where: ({ registrationId, inviteId }) => Prisma.sql`t."registrationId" = ${registrationId} or (t.kind = 'invitation'
      and t."inviteId" in (select i.id from "Invite" i where i.id = ${inviteId ?? ""} and i.personal))`,
    also: ["kind", "state", "dueAt", "sentAt"],
  },
  SuppressedAddress: {
    where: ({ teamId, email }) => Prisma.sql`t."teamId" = ${teamId} and t.email = ${email}`,
  },
  Lease: { where: ofRegistration, also: ["state", "roleName", "endedAt"] },
  Credential: { where: ofLeases, also: ["kind"] },
  ClosingStep: { where: ofLeases, also: ["name", "state", "endedAt"] },
  Cleanup: { where: ofLeases, also: ["state", "startedAt"] },
  CleanupCheck: {
    where: (about) => Prisma.sql`${ofCleanups(about)} and t.reason is not null`,
    also: ["type", "region", "outcome"],
  },
  CleanupResource: { where: ofCleanups, also: ["type", "region", "outcome"] },
  // The reason is about them only where nobody had the account since.
  SandboxAccount: {
    where: ({ registrationId }) => Prisma.sql`t."quarantineReason" is not null and ${registrationId} = (
      select l."registrationId" from "Lease" l where l."accountId" = t.id order by l."reservedAt" desc, l.id desc limit 1)`,
    also: ["name"],
  },
  AuditEntry: {
    where: ({ registrationId }) => Prisma.sql`(t.entity = 'registration' and t."entityId" = ${registrationId})
      or (t."actorKind" = 'attendee' and t."actorId" = ${registrationId})`,
    also: ["at", "action", "actorKind"],
    // Of what a member did, it is the member's id.
    without: ["actorId"],
  },
};

const aboutPeople = (kind: ColumnClass) => kind === "pseudonymous" || typeof kind === "object";

/** The columns of a table that are exported, in the order of the register. */
function columnsOf(table: string, { also = [], without = [] }: Reach): string[] {
  const columns = Object.entries(personalData[table] ?? {});
  return columns
    .filter(([name, kind]) => (aboutPeople(kind) || also.includes(name)) && !without.includes(name))
    .map(([name]) => name);
}

type Row = Record<string, unknown>;

/** What the file holds: for each table that has something, its rows; times in UTC (ISO 8601). */
export type MyData = {
  about: string;
  exportedAt: string;
  team: string;
  workshop: { title: string; startsAt: Date | null; timeZone: string };
  /** What each column means, as far as it is personal, with its legal basis and until when it is kept. */
  meaning: Record<string, Record<string, { what: string; basis: string; keptUntil: string }>>;
  data: Record<string, Row[]>;
};

const bases = {
  contract: "needed for what you registered for (Art. 6 (1) b GDPR)",
  consent: "your consent (Art. 6 (1) a GDPR)",
  interest: "running and billing accounts, inviting to workshops (Art. 6 (1) f GDPR)",
};

function meaningOf(table: string): Record<string, { what: string; basis: string; keptUntil: string }> {
  return Object.fromEntries(
    Object.entries(personalData[table] ?? {}).flatMap(([column, kind]) =>
      typeof kind === "object"
        ? [[column, { what: kind.personal, basis: bases[kind.basis], keptUntil: kind.until }]]
        : [],
    ),
  );
}

async function readRows(ctx: Context, about: About): Promise<Record<string, Row[]>> {
  const data: Record<string, Row[]> = {};
  for (const [table, reach] of Object.entries(reaches)) {
    // Names of tables and columns are the register's, never somebody's input.
    const columns = Prisma.raw(
      columnsOf(table, reach)
        .map((column) => `t."${column}"`)
        .join(", "),
    );
    const extra = reach.extra ? Prisma.sql`, ${reach.extra}` : Prisma.empty;
    const rows = await ctx.db.$queryRaw<Row[]>`
      select ${columns}${extra} from ${Prisma.raw(`"${table}"`)} t where ${reach.where(about)}`;
    if (rows.length > 0) data[table] = rows;
  }
  return data;
}

async function aboutSelf(ctx: Context<AttendeeActor>) {
  const { teamId, registrationId, verified } = ctx.actor;
  if (!verified)
    throw new DomainError("unverified", "First show that this is you: with the code that we mail you.", {
      say: { key: "unverified" },
    });
  const found = await ctx.db.registration.findFirst({
    where: { id: registrationId, teamId, anonymizedAt: null },
    select: {
      ...{ personId: true, inviteId: true },
      person: { select: { email: true } },
      workshop: { select: { title: true, startsAt: true, timeZone: true, team: { select: { name: true } } } },
    },
  });
  if (!found) throw notFound("registration");
  const { personId, inviteId, person, workshop } = found;
  return { about: { registrationId, personId, inviteId, teamId, email: person.email ?? "" }, workshop };
}

/**
 * Everything that is held about the attendee in this registration, for a file; from a verified browser, and noted in the audit
 * trail. `unverified`, `too_many`, `not_found` once it is anonymized.
 */
export async function exportMyData(ctx: Context<AttendeeActor>): Promise<MyData> {
  const { about, workshop } = await aboutSelf(ctx);
  await limit(ctx, "export-mine", about.registrationId, { points: 10, seconds: 3600 });
  const data = await readRows(ctx, about);
  await ctx.db.$transaction((tx) =>
    audit(ctx, tx, {
      ...{ teamId: about.teamId, action: "registration.exported" },
      ...{ entity: "registration", entityId: about.registrationId },
    }),
  );
  const { team, ...facts } = workshop;
  return {
    about:
      "Everything that this installation of Atelier holds about you in this workshop. Secrets (hashes of links and codes) are left out, and so is what is about the people who run it.",
    exportedAt: ctx.clock.now().toISOString(),
    team: team.name,
    workshop: facts,
    meaning: Object.fromEntries(Object.keys(data).map((table) => [table, meaningOf(table)])),
    data,
  };
}

export type MyDataSummary = Awaited<ReturnType<typeof readMyData>>;

/** The same in short, for a page: what is personal in full, the rest as counts of rows. `unverified`, `not_found`. */
export async function readMyData(ctx: Context<AttendeeActor>) {
  const { about, workshop } = await aboutSelf(ctx);
  const [registration, data] = await Promise.all([
    ctx.db.registration.findUniqueOrThrow({
      where: { id: about.registrationId },
      select: {
        ...{ state: true, company: true, jobTitle: true, createdAt: true, confirmedAt: true, noticeAt: true },
        ...{ followUpAt: true, checkedInAt: true, consoleOpenedAt: true, typedName: true },
        person: { select: { name: true, email: true, timeZone: true, locale: true } },
        answers: { select: { text: true, number: true, consentAt: true, question: { select: { label: true } } } },
        leases: { orderBy: { reservedAt: "asc" }, select: { reservedAt: true, endedAt: true } },
        workshop: { select: { anonymizeAt: true, team: { select: { anonymizeAfterDays: true } } } },
      },
    }),
    readRows(ctx, about),
  ]);
  const shown = new Set(["Person", "Registration", "Answer"]);
  return {
    team: workshop.team.name,
    timeZone: workshop.timeZone,
    registration,
    answers: registration.answers.map(({ text, number, consentAt, question }) => ({
      question: question.label,
      answer: text ?? (number === null ? null : number.toString()),
      consentAt,
    })),
    mails: data.Message?.length ?? 0,
    /** How many rows of other tables are in the file, by table. */
    others: Object.entries(data)
      .filter(([table]) => !shown.has(table) && table !== "Message")
      .reduce((sum, [, rows]) => sum + rows.length, 0),
    deletedAt: registration.workshop.anonymizeAt,
    deletedAfterDays: registration.workshop.team.anonymizeAfterDays,
  };
}
