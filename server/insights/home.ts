import type { Context } from "@/server/context";
import { consolePaths } from "@/server/paths";
import { allowMember, attributedScope, type MemberActor } from "@/server/permissions";
import { type TakeBackStep, takeBackTitles } from "@/server/sandboxes/lifecycle";
import { listWorkshops, type WorkshopSummary } from "@/server/workshops/views";

/** What the first page of the console shows to those who run the workshops: what needs them. Account managers: home-manager.ts. */

const day = 86_400_000;
const iso = (at: Date | null) => at?.toISOString() ?? null;

/** Workshops that are not over, the next first; those without a date last. */
export function upcoming(workshops: WorkshopSummary[]): WorkshopSummary[] {
  return workshops
    .filter((one) => one.state === "draft" || one.state === "registration" || one.state === "open")
    .sort((a, b) => (a.startsAt ?? "9").localeCompare(b.startsAt ?? "9"));
}

export type NewRegistration = {
  id: string;
  name: string | null;
  company: string | null;
  state: string;
  at: string;
  workshop: { id: string; title: string };
};

/** Who registered since an instant, the latest first; for an account manager, of their own people. */
export async function newRegistrations(ctx: Context, actor: MemberActor, since: Date): Promise<NewRegistration[]> {
  const rows = await ctx.db.registration.findMany({
    where: { ...attributedScope(actor), createdAt: { gte: since }, anonymizedAt: null },
    orderBy: { createdAt: "desc" },
    take: 20,
    select: {
      id: true,
      state: true,
      createdAt: true,
      company: true,
      typedName: true,
      person: { select: { name: true } },
      customer: { select: { name: true } },
      workshop: { select: { id: true, title: true } },
    },
  });
  return rows.map((row) => ({
    id: row.id,
    name: row.typedName ?? row.person.name,
    company: row.customer?.name ?? row.company,
    state: row.state,
    at: row.createdAt.toISOString(),
    workshop: row.workshop,
  }));
}

export type Problem = {
  id: string;
  severity: "error" | "warning";
  title: string;
  /** What is wrong, in a sentence or two. */
  text: string;
  since: string | null;
  action: { label: string; href: string };
};

export type TeamHome = {
  problems: Problem[];
  /** Open now, or starting or ending today. */
  today: WorkshopSummary[];
  next: WorkshopSummary[];
  closing: WorkshopSummary[];
  sinceYesterday: NewRegistration[];
  pool: Record<string, number>;
};

/** What a team has to look at: problems first, then today, then what comes. */
export async function teamHome(ctx: Context): Promise<TeamHome> {
  const actor = allowMember(ctx.actor, "sandbox.read");
  const { teamId } = actor;
  const now = ctx.clock.now();
  const [workshops, accounts, sinceYesterday, ...problems] = await Promise.all([
    listWorkshops(ctx),
    ctx.db.sandboxAccount.groupBy({ by: ["state"], where: { teamId }, _count: true }),
    newRegistrations(ctx, actor, new Date(now.getTime() - day)),
    failedSteps(ctx, teamId),
    failedLeases(ctx, teamId),
    quarantined(ctx, teamId),
    failedMails(ctx, teamId),
    awaitingApproval(ctx, teamId),
    organization(ctx, teamId),
  ]);
  const coming = upcoming(workshops);
  const soon = new Date(now.getTime() + day).toISOString();
  const isToday = (one: WorkshopSummary) =>
    one.state === "open" || (one.state === "registration" && one.startsAt !== null && one.startsAt <= soon);
  return {
    problems: problems.flat(),
    today: coming.filter(isToday),
    next: coming.filter((one) => !isToday(one)).slice(0, 8),
    closing: workshops.filter((one) => one.state === "closing"),
    sinceYesterday,
    pool: Object.fromEntries(accounts.map((row) => [row.state, row._count])),
  };
}

async function failedSteps(ctx: Context, teamId: string): Promise<Problem[]> {
  const steps = await ctx.db.closingStep.findMany({
    where: { teamId, state: "failed" },
    orderBy: { startedAt: "asc" },
    take: 20,
    include: {
      workshop: { select: { id: true, title: true } },
      lease: { select: { account: { select: { name: true } } } },
    },
  });
  return steps.map((step) => ({
    id: step.id,
    severity: "error",
    title: `${step.workshop.title}: “${takeBackTitles[step.name as TakeBackStep] ?? step.name}” failed for ${step.lease?.account.name ?? "the workshop"}`,
    text: step.lastError ?? "No reason is known.",
    since: iso(step.startedAt),
    action: { label: "Try again or set aside", href: consolePaths.workshop(step.workshop.id, "closing") },
  }));
}

async function failedLeases(ctx: Context, teamId: string): Promise<Problem[]> {
  const leases = await ctx.db.lease.findMany({
    where: { teamId, state: "failed", endedAt: null },
    orderBy: { reservedAt: "asc" },
    take: 20,
    include: { workshop: { select: { id: true, title: true, state: true } }, account: { select: { name: true } } },
  });
  return leases.map((lease) => ({
    id: lease.id,
    severity: "error",
    title: `${lease.workshop.title}: an account could not be made ready (${lease.account.name})`,
    text: lease.lastError ?? "No reason is known.",
    since: iso(lease.reservedAt),
    action: {
      label: "Try again",
      href: consolePaths.workshop(lease.workshop.id, lease.workshop.state === "open" ? "live" : "sandboxes"),
    },
  }));
}

async function quarantined(ctx: Context, teamId: string): Promise<Problem[]> {
  const accounts = await ctx.db.sandboxAccount.findMany({
    where: { teamId, state: "quarantined" },
    orderBy: { stateSince: "asc" },
    take: 20,
  });
  return accounts.map((account) => ({
    id: account.id,
    severity: "warning",
    title: `${account.name} is quarantined`,
    text: account.quarantineReason ?? "No reason is known.",
    since: iso(account.stateSince),
    action: { label: "See the account", href: consolePaths.account(account.id) },
  }));
}

/** Mails that somebody waits for in vain, one problem for each workshop. */
async function failedMails(ctx: Context, teamId: string): Promise<Problem[]> {
  const groups = await ctx.db.message.groupBy({
    by: ["workshopId"],
    where: { teamId, state: { in: ["failed", "bounced", "in_doubt"] }, workshop: { anonymizedAt: null } },
    _count: true,
    _min: { dueAt: true },
  });
  const ids = groups.flatMap((group) => group.workshopId ?? []);
  const titles = await ctx.db.workshop.findMany({
    where: { teamId, id: { in: ids } },
    select: { id: true, title: true },
  });
  return groups.flatMap((group): Problem[] => {
    const workshop = titles.find((one) => one.id === group.workshopId);
    if (!workshop) return [];
    const count = `${group._count} ${group._count === 1 ? "mail" : "mails"}`;
    return [
      {
        id: `mail-${workshop.id}`,
        severity: "error",
        title: `${workshop.title}: ${count} did not arrive`,
        text: "Their readers may not know that they are in, or how to enter.",
        since: iso(group._min.dueAt),
        action: { label: "See the mails", href: consolePaths.workshop(workshop.id, "mail") },
      },
    ];
  });
}

/** People who wait for somebody's yes, one point for each workshop; an account manager has theirs on a page of their own. */
async function awaitingApproval(ctx: Context, teamId: string): Promise<Problem[]> {
  const groups = await ctx.db.registration.groupBy({
    by: ["workshopId"],
    where: { teamId, state: "awaiting_approval", workshop: { state: { in: ["registration", "open"] } } },
    _count: true,
    _min: { confirmedAt: true },
  });
  const ids = groups.map((group) => group.workshopId);
  const workshops = await ctx.db.workshop.findMany({
    where: { teamId, id: { in: ids } },
    select: { id: true, title: true },
  });
  return groups.flatMap(({ workshopId, _count, _min }): Problem[] => {
    const workshop = workshops.find((one) => one.id === workshopId);
    if (!workshop) return [];
    return [
      {
        id: `approve-${workshop.id}`,
        severity: "warning",
        title: `${workshop.title}: ${_count === 1 ? "1 person waits" : `${_count} people wait`} for a yes or a no`,
        text: "Nobody of them has a seat until somebody says yes.",
        since: iso(_min.confirmedAt),
        action: { label: "Answer", href: consolePaths.workshop(workshop.id, "registrations") },
      },
    ];
  });
}

async function organization(ctx: Context, teamId: string): Promise<Problem[]> {
  const team = await ctx.db.team.findUniqueOrThrow({
    where: { id: teamId },
    select: { organizationProblem: true, organizationCheckedAt: true },
  });
  if (!team.organizationProblem) return [];
  return [
    {
      id: "organization",
      severity: "error",
      title: "The pool's guard rails are not in place",
      text: `${team.organizationProblem} No account is lent until this is right.`,
      since: iso(team.organizationCheckedAt),
      action: { label: "See the pool", href: consolePaths.pool() },
    },
  ];
}
