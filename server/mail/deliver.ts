import type { Message, Prisma } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import { mintCode } from "@/server/identity/identity";
import { inviteLink } from "@/server/invites/invites";
import { enqueue } from "@/server/jobs/queue";
import { buildMail, type Rendered, renderMail, type TeamTouch } from "@/server/mail/compose";
import { type Prepared, prepare } from "@/server/mail/facts";
import { kindRule } from "@/server/mail/kinds";
import { logoOf, withLogoInside } from "@/server/mail/logo";
import { inDoubtAfterMilliseconds } from "@/server/mail/outbox";
import { type Later, mustWait, waitForTurn } from "@/server/mail/pace";
import { heldBack } from "@/server/mail/suppression";
import type { MailLinks } from "@/server/mail/templates/content";
import { isTest, ownWordsOf, prepareTest } from "@/server/mail/texts";
import { threadOf } from "@/server/mail/thread";
import { arrived, handOver, type Outcome } from "@/server/mail/transport";
import { unsubscribing } from "@/server/mail/unsubscribe";
import { consolePaths } from "@/server/paths";
import { type CalendarFile, mailedEntries, mintLink } from "@/server/registrations/registrations";
import { together } from "@/server/together";

/**
 * Sending: queued → sending → sent. The row is taken by a conditional update, so that of several workers one sends; links and
 * codes are made here and stand only in the mail. What happens to a row found in `sending` (its worker died) is written in
 * docs/decisions/0005-mail-in-doubt.md.
 */

/** Seconds until the next try, by tries so far; after the last the mail has failed. */
const waits = [5, 30, 120, 600, 1800, 3600] as const;

/** Sends one mail, or finds that there is nothing to do. Can run twice and at the same time; never throws for the transport. */
export async function send(ctx: Context, input: { messageId: string }): Promise<void> {
  const found = await ctx.db.message.findUnique({ where: { id: input.messageId } });
  if (!found) return;
  const message = found.state === "sending" ? await settleDoubt(ctx, found) : found;
  const now = ctx.clock.now();
  if (message?.state !== "queued" || message.dueAt > now) return;
  if (message.notAfter && message.notAfter <= now) {
    await finish(ctx, message, "queued", {
      state: "too_late",
      lastError: "Its time had passed before it could be sent.",
    });
    return;
  }
  const prepared = (await prepareTest(ctx, message)) ?? (await prepare(ctx, message));
  if ("refused" in prepared) {
    await finish(ctx, message, "queued", { state: prepared.refused, lastError: prepared.reason });
    return;
  }
  const held = await heldBack(ctx, message, prepared.to.address);
  if (held) {
    await finish(ctx, message, "queued", { state: "suppressed", lastError: held });
    return;
  }
  const later = await mustWait(ctx, message);
  const taken = await take(ctx, message);
  if (!taken) return;
  if (later) await putBack(ctx, taken, later);
  else await attempt(ctx, taken, prepared);
}

/** queued → sending, for one worker only: one statement for a handful of mails. What somebody else holds is taken alone. */
async function take(ctx: Context, message: Message): Promise<Message | undefined> {
  const sendingSince = ctx.clock.now();
  if (!(await takeTogether(ctx, { message, sendingSince }))) {
    const { count } = await ctx.db.message.updateMany({
      where: { id: message.id, state: "queued", attempts: message.attempts },
      data: { state: "sending", sendingSince, attempts: { increment: 1 }, providerId: null },
    });
    if (count === 0) return undefined;
  }
  return { ...message, state: "sending", sendingSince, attempts: message.attempts + 1, providerId: null };
}

/** Rows that are locked are left out: a statement that holds some and waits for others could wait for ever. */
const takeTogether = together(async (ctx, asked: readonly { message: Message; sendingSince: Date }[]) => {
  const ids = asked.map(({ message }) => message.id);
  const attempts = asked.map(({ message }) => message.attempts);
  const taken = await ctx.db.$queryRaw<{ id: string }[]>`
    update "Message" message
    set state = 'sending', "sendingSince" = ${asked[0]!.sendingSince}, attempts = message.attempts + 1, "providerId" = null
    from (
      select queued.id from unnest(${ids}::text[], ${attempts}::int[]) as asked(id, attempts)
      join "Message" queued on queued.id = asked.id and queued.attempts = asked.attempts and queued.state = 'queued'
      for update of queued skip locked
    ) free
    where message.id = free.id returning message.id`;
  const free = new Set(taken.map(({ id }) => id));
  return asked.map(({ message }) => free.delete(message.id));
});

/** One conditional move out of a state, so that a row which somebody else settled meanwhile stays as it is. */
async function finish(
  ctx: Context,
  message: Message,
  from: "queued" | "sending",
  data: Prisma.MessageUpdateManyMutationInput,
): Promise<void> {
  await ctx.db.message.updateMany({
    where: { id: message.id, state: from, attempts: message.attempts },
    data: { sendingSince: null, ...data },
  });
}

async function attempt(ctx: Context, message: Message, prepared: Prepared): Promise<void> {
  let raw: Uint8Array;
  try {
    const links = await mintLinks(ctx, message, prepared);
    const [touch, calendars, thread] = await Promise.all([
      touchOf(ctx, message, prepared),
      calendarOf(ctx, message, prepared),
      threadOf(ctx, message, prepared.from.address),
    ]);
    raw = await oneAfterAnother(async () => {
      const rendered = await renderMail(prepared, links, touch);
      return buildMail(ctx, message, prepared, rendered, { calendars, thread });
    });
  } catch (error) {
    await afterRenderError(ctx, message, error);
    return;
  }
  const { from, to } = prepared;
  const mail = { messageId: message.id, attempt: message.attempts, from: from.address, to: to.address, raw };
  await settle(ctx, message, await handOver(ctx, mail, () => waitForTurn(ctx, message)));
}

let written: Promise<unknown> = Promise.resolve();

/** Writes the mails of a handful one by one, and lets the event loop turn in between, so that others keep their moment. */
function oneAfterAnother<T>(write: () => Promise<T>): Promise<T> {
  const done = written.then(write);
  written = done.catch(() => {}).then(() => new Promise(setImmediate));
  return done;
}

/** What the team adds to a mail: its own words, its logo. */
async function touchOf(ctx: Context, message: Message, prepared: Prepared): Promise<TeamTouch> {
  const [own, logo] = await Promise.all([ownWordsOf(ctx, message, prepared), logoOf(ctx, message.teamId)]);
  return { own, logo };
}

/** What is no longer there by the time its link is made was cancelled; anything else is a bug, tried again and then shown. */
async function afterRenderError(ctx: Context, message: Message, error: unknown): Promise<void> {
  if (error instanceof DomainError && (error.code === "gone" || error.code === "not_found")) {
    await finish(ctx, message, "sending", { state: "cancelled", lastError: "What the mail is about is gone." });
    return;
  }
  // The message of the error may hold what was typed into a form: its name and place are enough to find it.
  const trace = error instanceof Error ? error.stack?.split("\n").filter((line) => line.startsWith("    at ")) : [];
  const name = error instanceof Error ? error.name : "unknown";
  ctx.log.error({ messageId: message.id, kind: message.kind, error: name, trace }, "a mail could not be written");
  await tryLater(ctx, message, "The mail could not be written. The log has the reason.");
}

async function settle(ctx: Context, message: Message, outcome: Outcome): Promise<void> {
  if (outcome.outcome === "sent") {
    await settleSent(ctx, message, { providerId: outcome.providerId, sentAt: ctx.clock.now() });
    return;
  }
  if (outcome.outcome === "later") {
    await putBack(ctx, message, outcome);
    return;
  }
  if (outcome.outcome === "unknown" && !message.urgent) {
    await finish(ctx, message, "sending", { state: "in_doubt", lastError: outcome.reason });
    return;
  }
  if (outcome.outcome === "refused" && !outcome.again) {
    await finish(ctx, message, "sending", { state: "failed", lastError: outcome.reason });
    return;
  }
  await tryLater(ctx, message, outcome.reason);
}

type Sent = { providerId: string | null; sentAt: Date };

/** At once for a mail that would go twice if this worker died now; with others of the same moment for one that would not. */
async function settleSent(ctx: Context, message: Message, sent: Sent): Promise<void> {
  if (message.urgent || !(await settleTogether(ctx, { message, sent })))
    await finish(ctx, message, "sending", { state: "sent", ...sent, lastError: null });
}

/** Rows that are locked are left out, as in `takeTogether`. */
const settleTogether = together(
  async (ctx, asked: readonly { message: Message; sent: Sent }[]) => {
    const rows = asked.map(({ message: { id, attempts }, sent }) => ({ id, attempts, ...sent }));
    const settled = await ctx.db.$queryRaw<{ id: string }[]>`
      update "Message" message
      set state = 'sent', "sendingSince" = null, "sentAt" = free."sentAt", "providerId" = free."providerId", "lastError" = null
      from (
        select asked.* from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          as asked(id text, attempts int, "sentAt" timestamptz, "providerId" text)
        join "Message" sending on sending.id = asked.id and sending.attempts = asked.attempts and sending.state = 'sending'
        for update of sending skip locked
      ) free
      where message.id = free.id returning message.id`;
    const free = new Set(settled.map(({ id }) => id));
    return asked.map(({ message }) => free.has(message.id));
  },
  { waitMilliseconds: 15 },
);

/** Back into the queue, since the quota has no place for it now: that was no try. */
async function putBack(ctx: Context, message: Message, { later, reason }: Later): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.message.updateMany({
      where: { id: message.id, state: "sending", attempts: message.attempts },
      data: {
        state: "queued",
        sendingSince: null,
        attempts: { decrement: 1 },
        dueAt: later,
        lastError: reason,
      },
    });
    const priority = message.urgent ? 10 : 0;
    if (count > 0) await enqueue(ctx, tx, "mail.send", { messageId: message.id }, { startAfter: later, priority });
  });
}

/** Back into the queue with a pause, or `failed` after the last try. */
async function tryLater(ctx: Context, message: Message, reason: string): Promise<void> {
  const wait = waits[message.attempts - 1];
  if (wait === undefined) {
    await finish(ctx, message, "sending", { state: "failed", lastError: `${reason} Tried ${message.attempts} times.` });
    return;
  }
  const dueAt = new Date(ctx.clock.now().getTime() + wait * 1000);
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.message.updateMany({
      where: { id: message.id, state: "sending", attempts: message.attempts },
      data: { state: "queued", sendingSince: null, dueAt, lastError: reason },
    });
    if (count > 0) await enqueue(ctx, tx, "mail.send", { messageId: message.id }, { startAfter: wait });
  });
}

/**
 * A row in `sending` whose worker did not come back. The local mailbox can tell whether the mail arrived; SES cannot: then a
 * mail that somebody waits for goes again (twice is better than never), any other is shown as in doubt and waits for a person.
 * Returns the row when it may be sent again.
 */
async function settleDoubt(ctx: Context, message: Message): Promise<Message | null> {
  const since = message.sendingSince?.getTime() ?? 0;
  if (ctx.clock.now().getTime() - since < inDoubtAfterMilliseconds) return null;
  const known = await arrived(ctx, message.id, message.attempts);
  if (known) {
    await finish(ctx, message, "sending", { state: "sent", sentAt: message.sendingSince, lastError: null });
    return null;
  }
  if (known === null && !message.urgent) {
    const lastError = "The worker stopped while sending, so it is not known whether the mail went.";
    await finish(ctx, message, "sending", { state: "in_doubt", lastError });
    return null;
  }
  const [again] = await ctx.db.message.updateManyAndReturn({
    where: { id: message.id, state: "sending", attempts: message.attempts },
    data: { state: "queued", sendingSince: null },
  });
  return again ?? null;
}

// --- Links, codes, calendar ------------------------------------------------------------------------------------------

function consoleLink(ctx: Context, message: Message): string {
  const tabs: Record<string, "sandboxes" | "closing"> = {
    accounts_missing: "sandboxes",
    budget_reached: "sandboxes",
    machines_stopped: "closing",
    cleanup_report: "closing",
  };
  const { data } = message;
  if (message.kind === "quarantine_alarm" && typeof data === "object" && data !== null && "accountId" in data)
    return `${ctx.env.PUBLIC_URL}${consolePaths.account(String(data.accountId))}`;
  const tab = tabs[message.kind] ?? "invitations";
  const path = message.workshopId ? consolePaths.workshop(message.workshopId, tab) : consolePaths.home();
  return `${ctx.env.PUBLIC_URL}${path}`;
}

async function mintLinks(ctx: Context, message: Message, prepared: Prepared): Promise<MailLinks> {
  const { link: purpose } = kindRule(prepared.kind);
  const unsubscribe = unsubscribing(ctx, message)?.url;
  const links: MailLinks = { link: "", code: "", console: consoleLink(ctx, message), unsubscribe };
  if (isTest(message)) return { ...links, link: mark };
  if (prepared.kind === "sign_in_code") {
    if (!message.attemptId) throw notFound("code");
    return { ...links, code: await mintCode(ctx, { attemptId: message.attemptId }) };
  }
  if (purpose === "invite") {
    const invite = message.inviteId && (await ctx.db.invite.findUnique({ where: { id: message.inviteId } }));
    if (!invite) throw notFound("invite");
    return { ...links, link: inviteLink(ctx, invite) };
  }
  if (!purpose || !message.registrationId) return links;
  const handoverId = purpose === "handover" ? message.recipientKey : undefined;
  return { ...links, link: await mintLink(ctx, { registrationId: message.registrationId, purpose, handoverId }) };
}

const cancels = new Set(["registration_cancelled", "workshop_cancelled", "handed_over"]);

/** The calendar entries that go along; none for a workshop without dates. */
async function calendarOf(ctx: Context, message: Message, prepared: Prepared): Promise<CalendarFile[]> {
  if (!kindRule(prepared.kind).calendar || !message.registrationId || prepared.facts.when === "") return [];
  return mailedEntries(ctx, { registrationId: message.registrationId, cancel: cancels.has(prepared.kind) });
}

// --- Previews --------------------------------------------------------------------------------------------------------

/** Stands where a link will be; the address ends nowhere (RFC 2606). */
const mark = "https://link-is-made-when-the-mail-is-sent.invalid/";

/** A mail as it would look now, with a mark in place of its link. For kinds without a code only. */
export async function renderPreview(ctx: Context, message: Message): Promise<(Rendered & Pick<Prepared, "to">) | null> {
  const prepared = await prepare(ctx, message, "preview");
  if ("refused" in prepared || prepared.kind === "sign_in_code") return null;
  const links = { link: mark, code: "", console: consoleLink(ctx, message) };
  const rendered = await renderMail(prepared, links, await touchOf(ctx, message, prepared));
  return { ...rendered, html: withLogoInside(rendered.html, rendered.logo), to: prepared.to };
}
