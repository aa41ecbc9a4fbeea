import { z } from "zod";
import type { Prisma } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import { notFound } from "@/server/errors";
import { allowMember, attributedScope, roomScope, workshopScope } from "@/server/permissions";
import { limit } from "@/server/rate-limit";
import { roomWorkshop } from "@/server/registrations/check-in";
import { byteOrderMark, type Cell, csvLine, type Separator } from "@/server/registrations/csv";
import { type QuestionColumn, questionColumns } from "@/server/registrations/questions";

/**
 * People on their way out of Atelier: as a file for a spreadsheet, and as a list on paper for the door. Both hold only whom the
 * member may see anyway, and both are logged before anything leaves: who, which workshop, how many, and no person's data.
 */

/** Whose rows: everybody's who ever registered, or those with a seat. */
export const exportedPeople = ["everybody", "seated"] as const;
export type ExportedPeople = (typeof exportedPeople)[number];

export const exportInput = z.object({
  workshopId: z.string().min(1).max(60),
  people: z.enum(exportedPeople).default("everybody"),
  separator: z.enum(["comma", "semicolon"]).default("comma"),
});

/** Whole files of people by one member; more in an hour is no work with them. */
const pace = { points: 30, seconds: 3600 };
/** Rows in memory at a time. */
const batchSize = 500;
/** Longer lists are for a file. */
const mostPrinted = 5000;

const seated = ["confirmed", "attended", "no_show"] as const;
const whose = (people: ExportedPeople): Prisma.RegistrationWhereInput =>
  people === "seated" ? { state: { in: [...seated] } } : {};

const fields = {
  ...{ id: true, state: true, ordinal: true, memberId: true, typedName: true, company: true, jobTitle: true },
  ...{ createdAt: true, confirmedAt: true, checkedInAt: true, consoleOpenedAt: true, followUpAt: true },
  anonymizedAt: true,
  person: { select: { name: true, email: true, locale: true } },
  customer: { select: { name: true } },
} as const satisfies Prisma.RegistrationSelect;
type Row = Prisma.RegistrationGetPayload<{ select: typeof fields }>;

export type CsvExport = {
  filename: string;
  /** How many rows there were when it was asked for, and what was logged. */
  rows: number;
  /** The file, a piece at a time: it is never whole in memory. */
  content: AsyncGenerator<string>;
};

/**
 * The registrations of a workshop as CSV, in the order of confirmation, with the answers to its questions that the member may
 * read; an account manager's own ones only. Times are ISO 8601 on the workshop's clock with its offset. Logged before the first
 * row. Throws `not_found`, `invalid`, `too_many`.
 */
export async function exportRegistrations(ctx: Context, input: z.input<typeof exportInput>): Promise<CsvExport> {
  const { workshopId, people, separator } = exportInput.parse(input);
  const actor = allowMember(ctx.actor, "registration.read");
  const { teamId } = actor;
  const workshop = await ctx.db.workshop.findFirst({
    where: { ...workshopScope(actor), id: workshopId },
    select: { title: true, timeZone: true },
  });
  if (!workshop) throw notFound("workshop");
  await limit(ctx, "export", actor.memberId, pace);
  const where = { AND: [attributedScope(actor), { workshopId }, whose(people)] };
  const questions = await questionColumns(ctx, { workshopId });
  const hosts = await hostNames(ctx, teamId);
  const rows = await logged(ctx, { teamId, workshopId, action: "registrations.exported", detail: { people } }, () =>
    ctx.db.registration.count({ where }),
  );
  const sheet = { questions, hosts, timeZone: workshop.timeZone, separator };
  return { filename: fileName(workshop.title, ctx.clock.now()), rows, content: csvOf(ctx, where, sheet) };
}

/** Counts what is about to leave and writes it into the audit. */
async function logged(
  ctx: Context,
  entry: { teamId: string; workshopId: string; action: string; detail: object },
  count: () => Promise<number>,
): Promise<number> {
  const rows = await count();
  const { teamId, workshopId, action, detail } = entry;
  await ctx.db.$transaction((tx) =>
    audit(ctx, tx, { teamId, action, entity: "workshop", entityId: workshopId, detail: { ...detail, rows } }),
  );
  return rows;
}

async function hostNames(ctx: Context, teamId: string): Promise<Map<string, string>> {
  const members = await ctx.db.member.findMany({
    where: { teamId },
    select: { id: true, identity: { select: { name: true } } },
  });
  return new Map(members.map(({ id, identity }) => [id, identity.name]));
}

/** "registrations-serverless-day-2026-05-12.csv": of letters that every system takes. */
function fileName(title: string, now: Date): string {
  const words = title
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 60)
    .replace(/^-|-$/g, "");
  return `registrations-${words ? `${words}-` : ""}${now.toISOString().slice(0, 10)}.csv`;
}

type Sheet = { questions: QuestionColumn[]; hosts: Map<string, string>; timeZone: string; separator: Separator };

const head = [
  ...["Registration", "Name", "E-mail", "Company", "Customer", "Role", "State", "Order", "Invited by", "Language"],
  ...["Registered", "Confirmed", "Checked in", "Console opened", "Follow-up agreed"],
];

async function* csvOf(ctx: Context, where: Prisma.RegistrationWhereInput, sheet: Sheet): AsyncGenerator<string> {
  const columns = sheet.questions.map(({ label, removed }) => (removed ? `${label} (no longer asked)` : label));
  yield byteOrderMark + csvLine([...head, ...columns], sheet.separator);
  for await (const rows of batches(ctx, where)) {
    const answers = await answersIn(ctx, rows, sheet.questions);
    yield rows.map((row) => csvLine(cellsOf(row, answers.get(row.id), sheet), sheet.separator)).join("");
  }
}

/** Rows in the order of confirmation, those who never confirmed last; each batch begins after the last row of the one before. */
async function* batches(ctx: Context, where: Prisma.RegistrationWhereInput): AsyncGenerator<Row[]> {
  const phases = [
    (last: Row | undefined): Prisma.RegistrationWhereInput => ({ ordinal: { not: null, gt: last?.ordinal ?? 0 } }),
    (last: Row | undefined): Prisma.RegistrationWhereInput => ({
      ordinal: null,
      ...(last ? { id: { gt: last.id } } : {}),
    }),
  ];
  for (const after of phases) {
    let last: Row | undefined;
    do {
      const rows: Row[] = await ctx.db.registration.findMany({
        where: { AND: [where, after(last)] },
        orderBy: [{ ordinal: "asc" }, { id: "asc" }],
        take: batchSize,
        select: fields,
      });
      if (rows.length > 0) yield rows;
      last = rows.length < batchSize ? undefined : rows.at(-1);
    } while (last);
  }
}

type Answered = Map<string, Cell>;

async function answersIn(ctx: Context, rows: Row[], questions: QuestionColumn[]): Promise<Map<string, Answered>> {
  const found = new Map<string, Answered>();
  if (questions.length === 0) return found;
  const answers = await ctx.db.answer.findMany({
    where: {
      registrationId: { in: rows.map((row) => row.id) },
      questionId: { in: questions.map((question) => question.id) },
    },
    select: { registrationId: true, questionId: true, text: true, number: true, consentAt: true },
  });
  for (const { registrationId, questionId, text, number, consentAt } of answers) {
    const own: Answered = found.get(registrationId) ?? new Map();
    own.set(questionId, consentAt ? { plain: "yes" } : (number?.toNumber() ?? text));
    found.set(registrationId, own);
  }
  return found;
}

function cellsOf(row: Row, answers: Answered | undefined, { questions, hosts, timeZone }: Sheet): Cell[] {
  const at = (moment: Date | null): Cell => ({ plain: moment && isoIn(moment, timeZone) });
  return [
    { plain: row.id },
    row.typedName ?? row.person.name,
    row.person.email,
    row.company,
    row.customer?.name ?? null,
    row.jobTitle,
    { plain: row.state },
    row.ordinal,
    row.memberId ? (hosts.get(row.memberId) ?? null) : null,
    { plain: row.person.locale },
    ...[row.createdAt, row.confirmedAt, row.checkedInAt, row.consoleOpenedAt, row.followUpAt].map(at),
    ...questions.map(
      (question) => answers?.get(question.id) ?? (isOpen(question, row) ? { plain: "not answered" } : null),
    ),
  ];
}

/** Asked of everybody and answered by all but those who came in at the door, or before it was asked. */
function isOpen({ required, removed }: QuestionColumn, { anonymizedAt }: Row): boolean {
  return required && !removed && anonymizedAt === null;
}

/** "2026-05-12T09:30:00+02:00": the instant on the zone's clock. */
function isoIn(at: Date, timeZone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
  return local.toString({ smallestUnit: "second", timeZoneName: "never" });
}

// --- On paper --------------------------------------------------------------------------------------------------------

export type PrintedList = {
  workshop: { title: string; startsAt: Date | null; endsAt: Date | null; timeZone: string; place: string };
  people: { id: string; name: string; company: string | null; seat: boolean }[];
  /** How many more there are than a list on paper can take. */
  left: number;
};

/**
 * The people of a workshop for a list at the door: name and company, by name, no address. Those whom the member may check in;
 * whoever was made anonymous is not on it. Logged. Throws `not_found`, `too_many`.
 */
export async function printedList(
  ctx: Context,
  { workshopId, people }: { workshopId: string; people: ExportedPeople },
): Promise<PrintedList> {
  const { actor } = await roomWorkshop(ctx, workshopId);
  const { teamId } = actor;
  await limit(ctx, "export", actor.memberId, pace);
  const live = ["waitlisted", "offered", ...seated] as const;
  const state = { in: [...(people === "seated" ? seated : live)] };
  const where = { AND: [roomScope(actor), { workshopId, anonymizedAt: null, state }] };
  const workshop = await ctx.db.workshop.findUniqueOrThrow({
    where: { id: workshopId },
    select: { title: true, startsAt: true, endsAt: true, timeZone: true, place: true },
  });
  const rows = await logged(ctx, { teamId, workshopId, action: "registrations.printed", detail: { people } }, () =>
    ctx.db.registration.count({ where }),
  );
  const found = await ctx.db.registration.findMany({
    where,
    take: mostPrinted,
    orderBy: { id: "asc" },
    select: {
      ...{ id: true, state: true, typedName: true, company: true },
      ...{ person: { select: { name: true } }, customer: { select: { name: true } } },
    },
  });
  const order = new Intl.Collator("en", { sensitivity: "base" });
  const list = found.map((row) => ({
    id: row.id,
    name: row.typedName ?? row.person.name ?? "",
    company: row.customer?.name ?? row.company,
    seat: (seated as readonly string[]).includes(row.state),
  }));
  list.sort((a, b) => order.compare(a.name, b.name) || a.id.localeCompare(b.id));
  return { workshop, people: list, left: Math.max(0, rows - list.length) };
}
