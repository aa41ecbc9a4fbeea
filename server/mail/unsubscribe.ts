import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import { notFound } from "@/server/errors";
import { keyedHash, sameSecret } from "@/server/ids";
import { isOptional, suppress } from "@/server/mail/suppression";
import { publicPaths } from "@/server/paths";

/**
 * Unsubscribing from mails that nobody needs, with one click (RFC 8058), for a team and the address that a mail went to. The
 * link names the mail and proves that we made it; nothing is kept for it, and it leads nowhere once the address is forgotten.
 */

/** Letters of an id after its prefix (ids.ts), and of the proof: 132 bits. */
const idLength = 26;
const proofLength = 22;

function proofOf(ctx: Context, id: string): string {
  return keyedHash(ctx.env.ATELIER_SECRET_KEY, "unsubscribe", id).slice(0, proofLength);
}

/** The token of a mail's unsubscribe links. */
export function unsubscribeToken(ctx: Context, messageId: string): string {
  return `${messageId.slice("msg_".length)}${proofOf(ctx, messageId)}`;
}

/** Headers and link of a mail from which one may unsubscribe; null for one that is necessary. */
export function unsubscribing(
  ctx: Context,
  message: { id: string; kind: string; teamId: string | null },
): { headers: Record<string, string>; url: string } | null {
  if (!message.teamId || !isOptional(message.kind)) return null;
  const token = unsubscribeToken(ctx, message.id);
  const headers = {
    "List-Unsubscribe": `<${ctx.env.PUBLIC_URL}${publicPaths.unsubscribeOneClick(token)}>`,
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
  };
  return { headers, url: `${ctx.env.PUBLIC_URL}${publicPaths.unsubscribe(token)}` };
}

type Reader = { teamId: string; email: string; locale: string; team: { name: string; accentColor: string } };

/** Whom a token is about; null for one that we did not make, and once the address is forgotten. */
async function readerOf(ctx: Context, token: string): Promise<Reader | null> {
  if (!/^[\w-]+$/.test(token) || token.length !== idLength + proofLength) return null;
  const id = `msg_${token.slice(0, idLength)}`;
  if (!sameSecret(token.slice(idLength), proofOf(ctx, id))) return null;
  const message = await ctx.db.message.findUnique({
    where: { id },
    select: {
      teamId: true,
      locale: true,
      kind: true,
      inviteId: true,
      memberId: true,
      registration: { select: { person: { select: { email: true } } } },
    },
  });
  if (!message?.teamId || !isOptional(message.kind)) return null;
  const { teamId, locale } = message;
  const email = message.registration?.person.email ?? (await otherAddress(ctx, message));
  const team = await ctx.db.team.findUnique({ where: { id: teamId }, select: { name: true, accentColor: true } });
  return email && team ? { teamId, email: email.toLowerCase(), locale, team } : null;
}

/** Of a mail that is about no registration: an invited address, or a member's. */
async function otherAddress(
  ctx: Context,
  { inviteId, memberId }: { inviteId: string | null; memberId: string | null },
): Promise<string | null> {
  if (memberId) {
    const member = await ctx.db.member.findUnique({
      where: { id: memberId },
      select: { identity: { select: { email: true } } },
    });
    return member?.identity.email ?? null;
  }
  if (!inviteId) return null;
  return (await ctx.db.invite.findUnique({ where: { id: inviteId }, select: { email: true } }))?.email ?? null;
}

export type UnsubscribePage = { team: Reader["team"]; locale: string; unsubscribed: boolean };

/** What the page of an unsubscribe link says. Changes nothing. Null for a link that leads nowhere (any more). */
export async function readUnsubscribe(ctx: Context, input: { token: string }): Promise<UnsubscribePage | null> {
  const reader = await readerOf(ctx, input.token);
  if (!reader) return null;
  const { teamId, email, team, locale } = reader;
  const where = { teamId, email, reason: "unsubscribed", removedAt: null };
  return { team, locale, unsubscribed: (await ctx.db.suppressedAddress.count({ where })) > 0 };
}

/** No more mails of this team to this address that nobody needs. A second time changes nothing. */
export async function unsubscribe(ctx: Context, input: { token: string }): Promise<void> {
  const reader = await readerOf(ctx, input.token);
  if (!reader) throw notFound("page");
  const { teamId, email } = reader;
  await ctx.db.$transaction((tx) => suppress(ctx, tx, { teamId, email, reason: "unsubscribed" }));
}

/** The way back: takes back an unsubscription, and nothing else that holds mails back. */
export async function resubscribe(ctx: Context, input: { token: string }): Promise<void> {
  const reader = await readerOf(ctx, input.token);
  if (!reader) throw notFound("page");
  const { teamId, email } = reader;
  await ctx.db.$transaction(async (tx) => {
    const where = { teamId, email, reason: "unsubscribed" };
    const row = await tx.suppressedAddress.findFirst({ where, select: { id: true } });
    const { count } = row ? await tx.suppressedAddress.deleteMany({ where: { id: row.id } }) : { count: 0 };
    if (!row || count === 0) return;
    const entry = { teamId, action: "address.unsuppressed", entity: "suppressed_address", entityId: row.id };
    await audit(ctx, tx, { ...entry, detail: { reason: "unsubscribed" } });
  });
}
