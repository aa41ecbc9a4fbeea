import type { RegistrationState, WorkshopState } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { allowMember, attributedScope, customerScope, type MemberActor, workshopScope } from "@/server/permissions";

/**
 * The console's search: workshops, people and customers that the actor may see. Case and accents do not matter, and every
 * word typed has to occur. What is typed may be somebody's name or address: it goes in the body of a request, never in a URL,
 * and is not logged.
 */

/** Rows of each kind that an answer holds at most. */
export const searchLimit = 8;

export type FoundWorkshop = {
  id: string;
  title: string;
  state: WorkshopState;
  place: string;
  /** ISO 8601. */
  startsAt: string | null;
  timeZone: string;
};
/** One registration: the same human in two workshops is found twice. */
export type FoundPerson = {
  registrationId: string;
  workshopId: string;
  workshopTitle: string;
  name: string | null;
  email: string | null;
  state: RegistrationState;
};
export type FoundCustomer = { id: string; name: string };
export type SearchAnswer = { workshops: FoundWorkshop[]; people: FoundPerson[]; customers: FoundCustomer[] };

/** A text without case and accents: "Lucía" and "LUCIA" are the same. */
function fold(text: string): string {
  return text
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "");
}

/** The words of a query, at most eight; empty for one that is too short to find anything by. */
function wordsOf(query: string): string[] {
  const words = fold(query.slice(0, 200)).split(/\s+/).filter(Boolean).slice(0, 8);
  return words.join("").length < 2 ? [] : words;
}

/** Finds at most `searchLimit` rows of each kind, the best known order first; nothing for fewer than two characters. */
export async function search(ctx: Context, input: { query: string }): Promise<SearchAnswer> {
  const actor = allowMember(ctx.actor, "workshop.read");
  const words = wordsOf(input.query);
  if (words.length === 0) return { workshops: [], people: [], customers: [] };
  const [workshops, people, customers] = await Promise.all([
    findWorkshops(ctx, actor, words),
    findPeople(ctx, actor, words),
    findCustomers(ctx, actor, words),
  ]);
  return { workshops, people, customers };
}

function holdsAll(text: string, words: readonly string[]): boolean {
  const folded = fold(text);
  return words.every((word) => folded.includes(word));
}

async function findWorkshops(ctx: Context, actor: MemberActor, words: string[]): Promise<FoundWorkshop[]> {
  const all = await ctx.db.workshop.findMany({
    where: workshopScope(actor),
    select: { id: true, title: true, state: true, place: true, startsAt: true, timeZone: true },
    orderBy: [{ startsAt: { sort: "desc", nulls: "first" } }, { id: "desc" }],
  });
  return all
    .filter((workshop) => holdsAll(`${workshop.title} ${workshop.place}`, words))
    .slice(0, searchLimit)
    .map((workshop) => ({ ...workshop, startsAt: workshop.startsAt?.toISOString() ?? null }));
}

/** By name or address. The database folds the texts; the scope is applied to what it answers. */
async function findPeople(ctx: Context, actor: MemberActor, words: string[]): Promise<FoundPerson[]> {
  const scope = attributedScope(actor);
  const own = "memberId" in scope ? scope.memberId : null;
  const patterns = words.map((word) => `%${word.replace(/[\\%_]/g, "\\$&")}%`);
  const matches = await ctx.db.$queryRaw<{ id: string }[]>`
    SELECT r."id" FROM "Registration" r JOIN "Person" p ON p."teamId" = r."teamId" AND p."id" = r."personId"
    WHERE r."teamId" = ${actor.teamId} AND r."anonymizedAt" IS NULL
      AND (${own}::text IS NULL OR r."memberId" = ${own})
      AND regexp_replace(normalize(lower(concat_ws(' ', r."typedName", p."name", p."email")), NFD), '[\u0300-\u036f]', '', 'g')
        LIKE ALL (${patterns}::text[])
    ORDER BY r."id" DESC LIMIT ${searchLimit}`;
  const people = await ctx.db.registration.findMany({
    where: { ...scope, id: { in: matches.map(({ id }) => id) } },
    select: {
      id: true,
      workshopId: true,
      state: true,
      typedName: true,
      workshop: { select: { title: true } },
      person: { select: { name: true, email: true } },
    },
    orderBy: { id: "desc" },
  });
  return people.map(({ id, workshopId, state, typedName, workshop, person }) => ({
    registrationId: id,
    workshopId,
    workshopTitle: workshop.title,
    name: typedName ?? person.name,
    email: person.email,
    state,
  }));
}

async function findCustomers(ctx: Context, actor: MemberActor, words: string[]): Promise<FoundCustomer[]> {
  const all = await ctx.db.customer.findMany({
    where: customerScope(actor),
    select: { id: true, name: true },
    orderBy: { name: "asc" },
  });
  return all.filter(({ name }) => holdsAll(name, words)).slice(0, searchLimit);
}
