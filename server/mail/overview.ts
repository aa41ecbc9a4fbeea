import type { Message, MessageState, Prisma } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import { enqueue } from "@/server/jobs/queue";
import { renderPreview } from "@/server/mail/deliver";
import { isMailKind, type MailKind, mailKinds } from "@/server/mail/kinds";
import { queueMail } from "@/server/mail/outbox";
import { reminderAt, reminderRule } from "@/server/mail/rules";
import { allowMember, type MemberActor, workshopScope } from "@/server/permissions";
import { zoneName } from "@/server/times";

/** What members see of the outbox: the list, a preview of each mail, what will go when, and "send again". */

/** Mails that a member may see: of their own people and links for an account manager; sign-in codes for nobody. */
function messageScope(actor: MemberActor): Prisma.MessageWhereInput {
  const shown = { teamId: actor.teamId, kind: { not: "sign_in_code" } };
  if (actor.role !== "account_manager") return shown;
  return { ...shown, OR: [{ registration: { memberId: actor.memberId } }, { memberId: actor.memberId }] };
}

/** States by what a reader makes of them. */
export const messageStatesOf = {
  waiting: ["queued", "sending"],
  sent: ["sent", "delivered"],
  problem: ["failed", "in_doubt", "bounced", "complained", "suppressed"],
  dropped: ["cancelled", "too_late"],
} as const satisfies Record<string, readonly MessageState[]>;

export type MessageOutlook = keyof typeof messageStatesOf;

function outlookOf(state: MessageState): MessageOutlook {
  const found = Object.entries(messageStatesOf).find(([, states]) => (states as readonly string[]).includes(state));
  return (found?.[0] ?? "problem") as MessageOutlook;
}

/** States from which "send again" starts; for one that was sent it makes a second mail. */
const againFrom: readonly MessageState[] = ["failed", "in_doubt", "bounced", "suppressed", "sent", "delivered"];

const listed = {
  registration: { select: { person: { select: { name: true, email: true } } } },
  workshop: { select: { id: true, title: true } },
} as const satisfies Prisma.MessageInclude;

type Listed = Prisma.MessageGetPayload<{ include: typeof listed }>;

export type MessageRow = {
  id: string;
  kind: string;
  /** The kind in words. */
  label: string;
  state: MessageState;
  outlook: MessageOutlook;
  /** Name of who gets it; null once they were forgotten. */
  recipient: string | null;
  registrationId: string | null;
  workshop: { id: string; title: string } | null;
  dueAt: Date;
  sentAt: Date | null;
  attempts: number;
  /** Why it has not gone, in words. */
  reason: string | null;
  maySendAgain: boolean;
};

function rowOf(message: Listed, memberNames: Map<string, string>, now: Date): MessageRow {
  const { id, kind, state, registrationId, workshop, dueAt, sentAt, attempts, lastError, notAfter } = message;
  const person = message.registration?.person;
  const member = message.memberId ? memberNames.get(message.memberId) : undefined;
  return {
    id,
    kind,
    label: isMailKind(kind) ? mailKinds[kind].label : kind,
    state,
    outlook: outlookOf(state),
    recipient: memberNames.get(message.recipientKey) ?? person?.name ?? person?.email ?? member ?? null,
    registrationId,
    workshop,
    dueAt,
    sentAt,
    attempts,
    reason: lastError,
    maySendAgain: againFrom.includes(state) && (notAfter === null || notAfter > now),
  };
}

async function namesOfMembers(ctx: Context, teamId: string, messages: Message[]): Promise<Map<string, string>> {
  const ids = [...new Set(messages.flatMap((message) => message.memberId ?? []))];
  const members = await ctx.db.member.findMany({
    where: { teamId, id: { in: ids } },
    select: { id: true, identity: { select: { name: true } } },
  });
  // An invitation goes to the address of its link; the member beside it is who invites.
  const keys = messages.flatMap((message) => (message.kind === "invitation" ? message.recipientKey : []));
  const invited = await ctx.db.invite.findMany({
    where: { teamId, id: { in: keys } },
    select: { id: true, name: true, email: true },
  });
  // A hand-over goes to the colleague; the registration beside it is the giver's.
  const handovers = messages.filter((message) => message.kind === "handover_offer").map((one) => one.recipientKey);
  const colleagues = await ctx.db.handover.findMany({
    where: { teamId, id: { in: handovers } },
    select: { id: true, name: true },
  });
  return new Map([
    ...colleagues.map(({ id, name }) => [id, name ?? "A colleague"] as const),
    ...members.map((member) => [member.id, member.identity.name] as const),
    ...invited.map(({ id, name, email }) => [id, name ?? email ?? "Deleted address"] as const),
  ]);
}

/**
 * The mails of the team or of one workshop, problems and newest first; an account manager sees those to their own people and
 * to themselves. At most `limit` (500).
 */
export async function listMessages(
  ctx: Context,
  input: { workshopId?: string; registrationId?: string; outlook?: MessageOutlook; limit?: number } = {},
): Promise<MessageRow[]> {
  const actor = allowMember(ctx.actor, "mail.read");
  const messages = await ctx.db.message.findMany({
    where: {
      ...messageScope(actor),
      ...(input.workshopId ? { workshopId: input.workshopId } : {}),
      ...(input.registrationId ? { registrationId: input.registrationId } : {}),
      ...(input.outlook ? { state: { in: [...messageStatesOf[input.outlook]] } } : {}),
    },
    include: listed,
    orderBy: [{ dueAt: "desc" }, { id: "desc" }],
    take: input.limit ?? 500,
  });
  const names = await namesOfMembers(ctx, actor.teamId, messages);
  const rows = messages.map((message) => rowOf(message, names, ctx.clock.now()));
  return [...rows.filter((row) => row.outlook === "problem"), ...rows.filter((row) => row.outlook !== "problem")];
}

async function loadMessage(ctx: Context, actor: MemberActor, messageId: string): Promise<Listed> {
  const message = await ctx.db.message.findFirst({
    where: { ...messageScope(actor), id: messageId },
    include: listed,
  });
  if (!message) throw notFound("mail");
  return message;
}

export type MessagePreview = MessageRow & {
  /** As it would look now, with marks in place of links; null once the data it needs was deleted. */
  mail: { to: string; subject: string; text: string; html: string } | null;
};

/** One mail as it looks. `not_found` for sign-in codes, for anybody. */
export async function previewMessage(ctx: Context, input: { messageId: string }): Promise<MessagePreview> {
  const actor = allowMember(ctx.actor, "mail.read");
  const message = await loadMessage(ctx, actor, input.messageId);
  const names = await namesOfMembers(ctx, actor.teamId, [message]);
  const preview = await renderPreview(ctx, message);
  const mail = preview && {
    to: preview.to.address,
    subject: preview.content.subject,
    text: preview.content.text,
    html: preview.html,
  };
  return { ...rowOf(message, names, ctx.clock.now()), mail };
}

/**
 * Sends a mail again: one that failed or is in doubt goes back into the queue, one that was sent is followed by a second.
 * `not_ready` says why it cannot.
 */
export async function resendMessage(ctx: Context, input: { messageId: string }): Promise<void> {
  const actor = allowMember(ctx.actor, "mail.resend");
  const message = await loadMessage(ctx, actor, input.messageId);
  if (!againFrom.includes(message.state))
    throw new DomainError("not_ready", "Only a mail that was sent, failed or is in doubt can be sent again.");
  const now = ctx.clock.now();
  if (message.notAfter && message.notAfter <= now)
    throw new DomainError("not_ready", "The time of this mail has passed.");
  await ctx.db.$transaction(async (tx) => {
    const entry = { teamId: actor.teamId, action: "mail.sent_again", entity: "message", entityId: message.id };
    await audit(ctx, tx, { ...entry, detail: { kind: message.kind } });
    if (outlookOf(message.state) === "sent") {
      await queueMail(ctx, tx, { ...copyOf(message), occurrence: await nextOccurrence(tx, message) });
      return;
    }
    const { count } = await tx.message.updateMany({
      where: { id: message.id, state: message.state },
      data: { state: "queued", dueAt: now, lastError: null },
    });
    if (count === 0) throw new DomainError("conflict", "Somebody sent it again a moment ago.");
    await enqueue(ctx, tx, "mail.send", { messageId: message.id });
  });
}

function copyOf(message: Listed) {
  const { kind, teamId, recipientKey, workshopId, registrationId, memberId, inviteId, locale } = message;
  return {
    kind: kind as MailKind,
    teamId,
    recipientKey,
    workshopId,
    registrationId,
    memberId,
    inviteId,
    locale,
    data: message.data as Prisma.InputJsonObject,
    notAfter: message.notAfter ?? undefined,
  };
}

/** Counted, not random: two clicks at the same time ask for the same occurrence and make one mail. */
async function nextOccurrence(tx: Prisma.TransactionClient, message: Listed): Promise<string> {
  const base = message.occurrence.replace(/ again \d+$/, "");
  const times = await tx.message.count({
    where: { kind: message.kind, recipientKey: message.recipientKey, occurrence: { startsWith: `${base} again ` } },
  });
  return `${base} again ${times + 1}`;
}

// --- What goes when --------------------------------------------------------------------------------------------------

export type UpcomingMail = {
  kind: MailKind;
  label: string;
  /** When, in words: "two days before, at 09:00 Madrid". */
  rule: string;
  /** The next or last instant; null where it depends on what people do. */
  at: Date | null;
  sent: number;
  waiting: number;
  problems: number;
  dropped: number;
  /** How many would get it that have no row yet. */
  expected: number;
};

const minute = 60_000;

type Planned = Pick<
  Prisma.WorkshopGetPayload<object>,
  "state" | "startsAt" | "endsAt" | "timeZone" | "opensMinutesBefore" | "closesHoursAfter" | "sandboxProfileId"
>;

/** When each kind goes that has a time of its own, and its rule in words. */
function ruleOf(kind: MailKind, workshop: Planned): { rule: string; at: Date | null } {
  const { startsAt, endsAt, opensMinutesBefore, closesHoursAfter, timeZone } = workshop;
  const atOnce = { rule: "at once", at: null };
  if (kind === "accounts_missing") return { rule: "when the workshop opens with too few accounts", at: null };
  if (kind === "budget_reached") return { rule: "when an account reaches 80 % or all of its budget", at: null };
  if (kind === "machines_stopped") return { rule: "when every account is back, to admins", at: null };
  if (kind === "reminder") {
    const rule = `two days before, at ${reminderRule.at} ${zoneName(timeZone)}`;
    return { rule, at: reminderAt(workshop) };
  }
  if (kind === "access_ready" || kind === "waiting_for_account") {
    const byClock = startsAt && opensMinutesBefore !== null;
    return {
      rule: kind === "access_ready" ? "when the account is ready" : "when the workshop opens with too few accounts",
      at: byClock ? new Date(startsAt.getTime() - opensMinutesBefore * minute) : null,
    };
  }
  if (kind !== "thanks") return atOnce;
  const byClock = endsAt && closesHoursAfter !== null;
  return {
    rule: "when the workshop closes",
    at: byClock ? new Date(endsAt.getTime() + closesHoursAfter * 60 * minute) : null,
  };
}

/** Kinds that will still come by themselves, by the state of the workshop. */
function stillToCome(workshop: Planned): MailKind[] {
  const before = workshop.state === "draft" || workshop.state === "registration";
  if (!before && workshop.state !== "open") return [];
  const access: MailKind[] = workshop.sandboxProfileId ? ["access_ready"] : [];
  return before ? ["reminder", ...access, "thanks"] : [...access, "thanks"];
}

/**
 * The mails of a workshop in the order of their time: for each kind how many went, wait, failed, were dropped, and how many
 * more there will be as things stand. An account manager gets the figures of their own people.
 */
export async function upcomingMails(ctx: Context, input: { workshopId: string }): Promise<UpcomingMail[]> {
  const actor = allowMember(ctx.actor, "mail.read");
  const workshop = await ctx.db.workshop.findFirst({ where: { ...workshopScope(actor), id: input.workshopId } });
  if (!workshop) throw notFound("workshop");
  const groups = await ctx.db.message.groupBy({
    by: ["kind", "state"],
    where: { ...messageScope(actor), workshopId: workshop.id },
    _count: { _all: true },
    _max: { dueAt: true },
  });
  const seats = await ctx.db.registration.count({
    where: {
      workshopId: workshop.id,
      state: { in: ["confirmed", "attended"] },
      ...(actor.role === "account_manager" ? { memberId: actor.memberId } : {}),
    },
  });
  const coming = stillToCome(workshop);
  const kinds = new Set([...groups.map((group) => group.kind).filter(isMailKind), ...coming]);
  const rows = [...kinds].map((kind): UpcomingMail => {
    const own = groups.filter((group) => group.kind === kind);
    const count = (outlook: MessageOutlook) =>
      own.reduce((sum, group) => sum + (outlookOf(group.state) === outlook ? group._count._all : 0), 0);
    const last = own.reduce<Date | null>(
      (at, { _max: { dueAt } }) => (dueAt && (!at || dueAt > at) ? dueAt : at),
      null,
    );
    const { rule, at } = ruleOf(kind, workshop);
    const [sent, waiting, problems, dropped] = [count("sent"), count("waiting"), count("problem"), count("dropped")];
    const covered = sent + waiting + problems;
    const expected = coming.includes(kind) && !missed(kind, at, ctx.clock.now()) ? Math.max(0, seats - covered) : 0;
    return { kind, label: mailKinds[kind].label, rule, at: at ?? last, sent, waiting, problems, dropped, expected };
  });
  return rows.sort((a, b) => (a.at?.getTime() ?? Infinity) - (b.at?.getTime() ?? Infinity));
}

/** A reminder whose moment has passed does not come any more for those who registered later. */
function missed(kind: MailKind, at: Date | null, now: Date): boolean {
  return kind === "reminder" && (at === null || at <= now);
}
