import type { Prisma } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { notFound } from "@/server/errors";
import type { Host } from "@/server/invites/invites";
import { type AttendeeActor, allowMember, attributedScope } from "@/server/permissions";
import { holdsSeat, isLive, type RegistrationState } from "@/server/registrations/lifecycle";
import { hostOf } from "@/server/registrations/links";
import { type MyAnswer, myAnswers } from "@/server/registrations/questions";
import { outputsOf } from "@/server/sandboxes/sandboxes";

// --- For members -----------------------------------------------------------------------------------------------------

const rowFields = {
  id: true,
  workshopId: true,
  state: true,
  ordinal: true,
  typedName: true,
  company: true,
  jobTitle: true,
  memberId: true,
  inviteId: true,
  followUpAt: true,
  confirmedAt: true,
  cancelledAt: true,
  checkedInAt: true,
  consoleOpenedAt: true,
  anonymizedAt: true,
  createdAt: true,
  person: { select: { name: true, email: true } },
  customer: { select: { id: true, name: true } },
  leases: {
    where: { endedAt: null },
    // The newest is the one that is used; one that it took the place of is on its way back.
    orderBy: [{ reservedAt: "desc" }, { id: "desc" }],
    select: { id: true, state: true, lastError: true, account: { select: { id: true, name: true } } },
  },
} as const satisfies Prisma.RegistrationSelect;

type LoadedRow = Prisma.RegistrationGetPayload<{ select: typeof rowFields }>;

export type RegistrationRow = Omit<LoadedRow, "person" | "leases" | "typedName"> & {
  /** Null once anonymized. */
  name: string | null;
  email: string | null;
  /** Place on the waitlist from 1; null when not on it. */
  position: number | null;
  lease: LoadedRow["leases"][number] | null;
  /** Null where the last access mail arrived, is on its way, or does not matter. */
  lostAccess: LostAccessMail | null;
};

/** Why the last mail that says how to get into the account did not reach its reader. */
export type LostAccessMail = {
  messageId: string;
  state: "failed" | "in_doubt" | "bounced" | "complained" | "suppressed";
  /** In words. */
  reason: string;
};

/**
 * Registrations whose last access mail did not arrive, as far as is known, while their workshop is open: by registration. One
 * that went or is on its way since then counts. `within` is the member's scope.
 */
export async function lostAccessMails(
  ctx: Context,
  within: Prisma.RegistrationWhereInput,
): Promise<Map<string, LostAccessMail>> {
  const mails = await ctx.db.message.findMany({
    where: {
      kind: "access_ready",
      registration: { AND: [within, { state: "confirmed", anonymizedAt: null, workshop: { state: "open" } }] },
    },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    select: { id: true, registrationId: true, state: true, lastError: true },
  });
  const last = new Map(mails.map((mail) => [mail.registrationId ?? "", mail]));
  return new Map(
    [...last].flatMap(([registrationId, { id: messageId, state, lastError }]): [string, LostAccessMail][] => {
      const lost = lostStates.find((one) => one === state);
      return lost ? [[registrationId, { messageId, state: lost, reason: lastError ?? lostWords[lost] }]] : [];
    }),
  );
}

const lostStates = ["failed", "in_doubt", "bounced", "complained", "suppressed"] as const;
const lostWords: Record<LostAccessMail["state"], string> = {
  failed: "It could not be sent.",
  in_doubt: "It may not have gone.",
  bounced: "It came back.",
  complained: "Its reader marked it as unwanted.",
  suppressed: "The team does not write to this address.",
};

function rowOf(
  { person, leases, typedName, ...row }: LoadedRow,
  position: number | null,
  lostAccess: LostAccessMail | null,
): RegistrationRow {
  return {
    ...row,
    name: typedName ?? person.name,
    email: person.email,
    position,
    lease: leases[0] ?? null,
    lostAccess,
  };
}

/** Places on the waitlist of workshops, by registration. */
async function positions(ctx: Context, workshopIds: string[]): Promise<Map<string, number>> {
  const waiting = await ctx.db.registration.findMany({
    where: { workshopId: { in: workshopIds }, state: "waitlisted" },
    orderBy: [{ workshopId: "asc" }, { ordinal: "asc" }],
    select: { id: true, workshopId: true },
  });
  const found = new Map<string, number>();
  let workshop = "";
  let position = 0;
  for (const { id, workshopId } of waiting) {
    position = workshopId === workshop ? position + 1 : 1;
    workshop = workshopId;
    found.set(id, position);
  }
  return found;
}

/** The place of one registration on its waitlist, counted by the index; null for one that is not on it. */
async function positionOf(
  ctx: Context,
  { workshopId, state, ordinal }: { workshopId: string; state: RegistrationState; ordinal: number | null },
): Promise<number | null> {
  if (state !== "waitlisted" || ordinal === null) return null;
  return ctx.db.registration.count({ where: { workshopId, state, ordinal: { lte: ordinal } } });
}

export type RegistrationFilter = {
  workshopId?: string;
  states?: RegistrationState[];
  inviteId?: string;
  memberId?: string;
  customerId?: string;
  /** Part of a name, an address or a company, in any case. */
  search?: string;
  /** At most this many rows; 1,000 when not given. */
  limit?: number;
};

export type RegistrationList = {
  rows: RegistrationRow[];
  /** How many there are in each state, under the same filters but for the state. */
  counts: Partial<Record<RegistrationState, number>>;
};

/**
 * Registrations that the member may see (an account manager: their own), in the order of confirmation, those who have not
 * confirmed last; with counts by state.
 */
export async function listRegistrations(ctx: Context, filter: RegistrationFilter = {}): Promise<RegistrationList> {
  const actor = allowMember(ctx.actor, "registration.read");
  const { workshopId, inviteId, memberId, customerId, search } = filter;
  const contains = search?.trim()
    ? { contains: search.trim().replace(/[\\%_]/g, "\\$&"), mode: "insensitive" as const }
    : undefined;
  const where: Prisma.RegistrationWhereInput = {
    workshopId,
    inviteId,
    customerId,
    AND: [attributedScope(actor), ...(memberId ? [{ memberId }] : [])],
    ...(contains
      ? {
          OR: [
            { person: { name: contains } },
            { person: { email: contains } },
            { company: contains },
            { typedName: contains },
          ],
        }
      : {}),
  };
  const [rows, groups, lost] = await Promise.all([
    ctx.db.registration.findMany({
      where: { ...where, ...(filter.states ? { state: { in: filter.states } } : {}) },
      orderBy: [{ ordinal: { sort: "asc", nulls: "last" } }, { id: "asc" }],
      take: filter.limit ?? 1000,
      select: rowFields,
    }),
    ctx.db.registration.groupBy({ by: ["state"], where, _count: true }),
    lostAccessMails(ctx, where),
  ]);
  const waiting = rows.filter((row) => row.state === "waitlisted");
  const places =
    waiting.length > 0 ? await positions(ctx, [...new Set(waiting.map((row) => row.workshopId))]) : new Map();
  return {
    rows: rows.map((row) => rowOf(row, places.get(row.id) ?? null, lost.get(row.id) ?? null)),
    counts: Object.fromEntries(groups.map((group) => [group.state, group._count])),
  };
}

/** One registration that the member may see. */
export async function getRegistration(ctx: Context, input: { registrationId: string }): Promise<RegistrationRow> {
  const actor = allowMember(ctx.actor, "registration.read");
  const row = await ctx.db.registration.findFirst({
    where: { ...attributedScope(actor), id: input.registrationId },
    select: rowFields,
  });
  if (!row) throw notFound("registration");
  const lost = await lostAccessMails(ctx, { id: row.id });
  return rowOf(row, await positionOf(ctx, row), lost.get(row.id) ?? null);
}

// --- For the attendee ------------------------------------------------------------------------------------------------

const myFields = {
  id: true,
  state: true,
  ordinal: true,
  offerEndsAt: true,
  company: true,
  jobTitle: true,
  followUpAt: true,
  anonymizedAt: true,
  person: { select: { name: true, email: true } },
  invite: { select: { member: { select: { removedAt: true, identity: { select: { name: true, email: true } } } } } },
  leases: {
    orderBy: [{ reservedAt: "desc" }, { id: "desc" }],
    take: 1,
    select: {
      ...{ state: true, endedAt: true, replacesId: true, frozenAt: true },
      ...{ stackState: true, stackOutputs: true },
    },
  },
  workshop: {
    select: {
      id: true,
      title: true,
      abstract: true,
      outcomes: true,
      bring: true,
      agenda: true,
      place: true,
      link: true,
      surveyUrl: true,
      materialsUrl: true,
      startsAt: true,
      endsAt: true,
      timeZone: true,
      state: true,
      offerHours: true,
      closedAt: true,
      anonymizeAt: true,
      sandboxProfileId: true,
      team: {
        select: {
          name: true,
          locale: true,
          accentColor: true,
          senderName: true,
          senderEmail: true,
          anonymizeAfterDays: true,
        },
      },
    },
  },
} as const satisfies Prisma.RegistrationSelect;

type LoadedMine = Prisma.RegistrationGetPayload<{ select: typeof myFields }>;

/** What "my workshop" is about now. */
export type MyPhase = "before" | "open" | "after" | "workshop_cancelled" | "registration_over" | "anonymized";
/** The attendee's AWS account: none planned, waiting for one, being prepared, ready to enter, frozen, taken back. */
export type MySandbox = "none" | "waiting" | "preparing" | "ready" | "frozen" | "taken_back";

export type MyWorkshop = {
  registrationId: string;
  verified: boolean;
  phase: MyPhase;
  state: RegistrationState;
  position: number | null;
  /** Until when a seat is held for them; null where none is. */
  offerEndsAt: Date | null;
  sandbox: MySandbox;
  /** Whether the account took the place of another one, with which everything in that is gone. */
  replaced: boolean;
  /** What the sandbox profile starts in the account, for a verified browser; null where there is nothing to tell. */
  stack: MyStack | null;
  host: Host;
  team: LoadedMine["workshop"]["team"];
  workshop: Omit<LoadedMine["workshop"], "team" | "link" | "sandboxProfileId"> & { hasSandbox: boolean };
  /** Only for a verified browser. */
  mine: {
    name: string;
    email: string;
    company: string;
    jobTitle: string;
    followUp: boolean;
    link: string;
    /** What the workshop asks now, with their answers. */
    answers: MyAnswer[];
  } | null;
};

function phaseOf({ anonymizedAt, state, workshop }: LoadedMine, now: Date): MyPhase {
  if (anonymizedAt) return "anonymized";
  if (workshop.state === "cancelled") return "workshop_cancelled";
  if (!isLive(state)) return "registration_over";
  if (workshop.state === "open") return "open";
  const over = workshop.endsAt !== null && workshop.endsAt <= now;
  return over || workshop.state === "closing" || workshop.state === "closed" ? "after" : "before";
}

function sandboxOf({ state, leases, workshop }: LoadedMine): MySandbox {
  if (!workshop.sandboxProfileId || !holdsSeat(state)) return "none";
  // Made ready early or not: before the opening nobody is told.
  if (workshop.state === "draft" || workshop.state === "registration") return "none";
  const lease = leases[0];
  if (!lease) return workshop.state === "open" ? "waiting" : "none";
  if (lease.endedAt || lease.state === "ended" || lease.state === "revoked" || lease.state === "closing")
    return "taken_back";
  if (lease.state !== "ready") return "preparing";
  return lease.frozenAt ? "frozen" : "ready";
}

export type MyStack = { state: string; outputs: { key: string; value: string; description: string }[] };

function stackOf({ leases: [lease] }: LoadedMine): MyStack | null {
  if (!lease?.stackState) return null;
  return { state: lease.stackState, outputs: outputsOf(lease.stackOutputs) };
}

/** "My workshop" for a browser that entered; unverified it holds the status and no detail of the person. */
export async function myWorkshop(ctx: Context<AttendeeActor>): Promise<MyWorkshop> {
  const { teamId, registrationId, verified } = ctx.actor;
  const loaded = await ctx.db.registration.findFirst({ where: { id: registrationId, teamId }, select: myFields });
  if (!loaded) throw notFound("registration");
  const { team, link, sandboxProfileId, ...workshop } = loaded.workshop;
  const { person } = loaded;
  const position = await positionOf(ctx, { ...loaded, workshopId: workshop.id });
  const mine = {
    name: person.name ?? "",
    email: person.email ?? "",
    company: loaded.company ?? "",
    jobTitle: loaded.jobTitle ?? "",
    followUp: loaded.followUpAt !== null,
    link: holdsSeat(loaded.state) ? link : "",
    answers: verified ? await myAnswers(ctx.db, { workshopId: workshop.id, registrationId }) : [],
  };
  return {
    registrationId,
    verified,
    phase: phaseOf(loaded, ctx.clock.now()),
    state: loaded.state,
    position,
    offerEndsAt: loaded.state === "offered" ? loaded.offerEndsAt : null,
    sandbox: sandboxOf(loaded),
    replaced: Boolean(loaded.leases[0]?.replacesId),
    stack: verified && sandboxOf(loaded) === "ready" ? stackOf(loaded) : null,
    host: hostOf(loaded.invite?.member ?? null, team),
    team,
    workshop: { ...workshop, hasSandbox: sandboxProfileId !== null },
    mine: verified && !loaded.anonymizedAt ? mine : null,
  };
}
