import type { Prisma } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import type { Db, Tx } from "@/server/db";
import { DomainError } from "@/server/errors";
import { allowMember, attributedScope, type MemberRole, workshopScope } from "@/server/permissions";
import type {
  Answers,
  AnswerValue,
  DataClass,
  QuestionDefinition,
  QuestionForm,
  QuestionKind,
} from "@/server/registrations/schemas";

/**
 * A workshop's own questions and their answers. What a question allows is checked in schemas.ts#answersFor alone. A question
 * that was answered keeps its kind; removed, it is no longer asked, and its answers stay.
 */

const definitionFields = {
  ...{ id: true, kind: true, label: true, help: true, options: true, required: true, dataClass: true },
} as const satisfies Prisma.QuestionSelect;

type Row = Prisma.QuestionGetPayload<{ select: typeof definitionFields }>;

/** The database's CHECKs keep both to these words. */
function definitionOf({ kind, dataClass, ...row }: Row): QuestionDefinition {
  return { ...row, kind: kind as QuestionKind, dataClass: dataClass as DataClass };
}

/** What a workshop asks now, in order. */
export async function questionsOf(tx: Tx | Db, workshopId: string): Promise<QuestionDefinition[]> {
  const rows = await tx.question.findMany({
    where: { workshopId, removedAt: null },
    orderBy: { ordinal: "asc" },
    select: definitionFields,
  });
  return rows.map(definitionOf);
}

// --- Asking ----------------------------------------------------------------------------------------------------------

type Answered = { question: QuestionDefinition; answers: number; chosen: string[] };

/** What is asked now, with how often it was answered. */
async function answered(tx: Tx, workshopId: string): Promise<Map<string, Answered>> {
  const questions = await questionsOf(tx, workshopId);
  const groups = await tx.answer.groupBy({
    by: ["questionId", "text"],
    where: { questionId: { in: questions.map(({ id }) => id) } },
    _count: true,
  });
  return new Map(
    questions.map((question) => {
      const own = groups.filter((group) => group.questionId === question.id);
      const answers = own.reduce((sum, group) => sum + group._count, 0);
      return [question.id, { question, answers, chosen: own.flatMap((group) => group.text ?? []) }];
    }),
  );
}

/** Why an answered question cannot be changed so, with the field that it is about; null when it can. */
function whyNotChanged(
  { question, answers, chosen }: Answered,
  after: QuestionForm,
): { field: string; message: string } | null {
  if (answers === 0) return null;
  const people = answers === 1 ? "1 person has answered" : `${answers} people have answered`;
  const instead = "Remove it and add another one.";
  if (after.kind !== question.kind)
    return { field: "kind", message: `${people} this, so it stays what it is. ${instead}` };
  if (after.dataClass === "none" && question.dataClass !== "none")
    return { field: "dataClass", message: `${people} this being told that it is deleted. ${instead}` };
  const lost = after.kind === "choice" ? chosen.find((option) => !after.options.includes(option)) : undefined;
  if (lost) return { field: "options", message: `Somebody has chosen “${lost}”, so it stays. ${instead}` };
  if (after.kind === "consent" && after.label !== question.label)
    return { field: "label", message: `${people} to this sentence, so it stays. ${instead}` };
  return null;
}

/**
 * Makes a workshop ask what the form holds, in its order. A question that is not in it any more is no longer asked. `invalid`
 * at `questions.<n>.<field>` where answers stand against a change. In the caller's transaction, under the workshop's lock.
 */
export async function setQuestions(
  ctx: Context,
  tx: Tx,
  input: { teamId: string; workshopId: string; questions: readonly QuestionForm[] },
): Promise<void> {
  const { teamId, workshopId, questions } = input;
  const before = await answered(tx, workshopId);
  const fields: Record<string, string> = {};
  for (const [index, question] of questions.entries()) {
    const known = question.id ? before.get(question.id) : undefined;
    const why = known && whyNotChanged(known, question);
    if (why) fields[`questions.${index}.${why.field}`] = why.message;
  }
  const [first] = Object.values(fields);
  if (first) throw new DomainError("invalid", first, { fields });
  const kept = new Set<string>();
  for (const [ordinal, { id, ...question }] of questions.entries()) {
    const known = id !== null && before.has(id) && !kept.has(id) ? id : null;
    if (known) await tx.question.update({ where: { id: known }, data: { ...question, ordinal } });
    else await tx.question.create({ data: newQuestion(ctx, { teamId, workshopId, ordinal, ...question }) });
    if (known) kept.add(known);
  }
  const gone = [...before.keys()].filter((id) => !kept.has(id));
  await tx.question.updateMany({ where: { id: { in: gone }, teamId }, data: { removedAt: ctx.clock.now() } });
}

function newQuestion(
  ctx: Context,
  row: Omit<Prisma.QuestionUncheckedCreateInput, "id">,
): Prisma.QuestionUncheckedCreateInput {
  return { ...row, id: ctx.newId("question"), createdAt: ctx.clock.now() };
}

/** Makes a new workshop ask what another one of the team asks. */
export async function copyQuestions(
  ctx: Context,
  tx: Tx,
  { teamId, from, to }: { teamId: string; from: string; to: string },
): Promise<void> {
  const questions = await questionsOf(tx, from);
  await tx.question.createMany({
    data: questions.map(({ id: _id, ...question }, ordinal) =>
      newQuestion(ctx, { ...question, teamId, workshopId: to, ordinal }),
    ),
  });
}

// --- Answering -------------------------------------------------------------------------------------------------------

/**
 * Writes down what was answered, instead of what was before; an answer to a question that is no longer asked stays. The time
 * of a consent that stays is kept.
 */
export async function saveAnswers(
  ctx: Context,
  tx: Tx,
  input: { teamId: string; registrationId: string; answers: Answers },
): Promise<void> {
  const { teamId, registrationId, answers } = input;
  const ids = Object.keys(answers);
  if (ids.length === 0) return;
  const mine = { registrationId, questionId: { in: ids } };
  const consents = await tx.answer.findMany({
    where: { ...mine, consentAt: { not: null } },
    select: { questionId: true, consentAt: true },
  });
  const since = new Map(consents.map((row) => [row.questionId, row.consentAt]));
  await tx.answer.deleteMany({ where: mine });
  const rows = Object.entries(answers).flatMap(([questionId, value]): Prisma.AnswerCreateManyInput[] => {
    if (value === null) return [];
    const key = { teamId, registrationId, questionId };
    if (value === true) return [{ ...key, consentAt: since.get(questionId) ?? ctx.clock.now() }];
    return [typeof value === "number" ? { ...key, number: value } : { ...key, text: value }];
  });
  await tx.answer.createMany({ data: rows });
}

const answerFields = { questionId: true, text: true, number: true, consentAt: true } as const;
type AnswerRow = Prisma.AnswerGetPayload<{ select: typeof answerFields }>;

function answerOf({ text, number, consentAt }: AnswerRow): AnswerValue {
  if (consentAt) return true;
  return number === null ? text : number.toNumber();
}

/** A question that is asked now, with what one registration answered. */
export type MyAnswer = QuestionDefinition & { value: AnswerValue };

/** What is asked in a registration's workshop now, with its answers: for the attendee themselves. */
export async function myAnswers(
  tx: Tx | Db,
  where: { workshopId: string; registrationId: string },
): Promise<MyAnswer[]> {
  const [questions, rows] = await Promise.all([
    questionsOf(tx, where.workshopId),
    tx.answer.findMany({ where: { registrationId: where.registrationId }, select: answerFields }),
  ]);
  const values = new Map(rows.map((row) => [row.questionId, answerOf(row)]));
  return questions.map((question) => ({ ...question, value: values.get(question.id) ?? null }));
}

// --- For members -----------------------------------------------------------------------------------------------------

/** A column of a list or an export. */
export type QuestionColumn = {
  id: string;
  label: string;
  kind: QuestionKind;
  dataClass: DataClass;
  /** Whether whoever fills in the form has to answer. */
  required: boolean;
  /** No longer asked; there are answers from before. */
  removed: boolean;
};

/** Which questions a role may read the answers to. */
function readable(role: MemberRole): Prisma.QuestionWhereInput {
  return role === "account_manager" ? { dataClass: { not: "sensitive" } } : {};
}

/** The questions of a workshop whose answers the member may read, in order; those no longer asked that were answered last. */
export async function questionColumns(ctx: Context, { workshopId }: { workshopId: string }): Promise<QuestionColumn[]> {
  const actor = allowMember(ctx.actor, "registration.read");
  const rows = await ctx.db.question.findMany({
    where: {
      workshop: { ...workshopScope(actor), id: workshopId },
      AND: [readable(actor.role), { OR: [{ removedAt: null }, { answers: { some: {} } }] }],
    },
    orderBy: [{ removedAt: { sort: "asc", nulls: "first" } }, { ordinal: "asc" }],
    select: { ...definitionFields, removedAt: true },
  });
  return rows.map(({ removedAt, ...row }) => {
    const { id, label, kind, dataClass, required } = definitionOf(row);
    return { id, label, kind, dataClass, required, removed: removedAt !== null };
  });
}

/** Answers by registration and question, of the people whom the member may see (an account manager: their own). */
export async function answersOf(
  ctx: Context,
  { workshopId }: { workshopId: string },
): Promise<Map<string, Record<string, Exclude<AnswerValue, null>>>> {
  const actor = allowMember(ctx.actor, "registration.read");
  const rows = await ctx.db.answer.findMany({
    where: { registration: { ...attributedScope(actor), workshopId }, question: readable(actor.role) },
    select: { ...answerFields, registrationId: true },
  });
  const found = new Map<string, Record<string, Exclude<AnswerValue, null>>>();
  for (const row of rows) {
    const value = answerOf(row);
    const own = found.get(row.registrationId) ?? {};
    if (value !== null) own[row.questionId] = value;
    found.set(row.registrationId, own);
  }
  return found;
}
