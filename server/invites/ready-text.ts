import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import { inviteLink } from "@/server/invites/invites";
import { type ReadyTextWish, readyTextWish } from "@/server/invites/schemas";
import { type Language, languageOf } from "@/server/languages/kinds";
import { wordsIn } from "@/server/languages/languages";
import { allowMember, attributedScope } from "@/server/permissions";
import { formatMoment, formatRange } from "@/server/times";

/** What an account manager can send from a mailbox of their own: an invitation with its link, in the customer's language. */

export type ReadyText = { language: Language; subject: string; body: string };

/**
 * The text to forward with a link, in the link's own language or in the one that is asked for, with the name of whoever asks
 * for it under it. For those who can copy the link: `not_found` for anybody else, `conflict` for one that does not work any more.
 */
export async function readyText(ctx: Context, input: ReadyTextWish): Promise<ReadyText> {
  const actor = allowMember(ctx.actor, "invite.read");
  const { inviteId, language } = readyTextWish.parse(input);
  const invite = await ctx.db.invite.findFirst({
    where: { ...attributedScope(actor), id: inviteId },
    include: { workshop: true },
  });
  if (!invite) throw notFound("link");
  const now = ctx.clock.now();
  const sender = await ctx.db.identity.findUniqueOrThrow({ where: { id: actor.identityId }, select: { name: true } });
  if (invite.revokedAt || (invite.expiresAt && invite.expiresAt <= now))
    throw new DomainError("conflict", "This link does not work any more: make a new one, or give it a later date.");
  const { title, abstract, place, link: room, startsAt, endsAt, timeZone, sandboxProfileId } = invite.workshop;
  const written = language ?? languageOf(invite.locale) ?? "en";
  const t = wordsIn(written, "readyText");
  const name = invite.name?.split(" ")[0];
  const where = place || (room ? t("online") : "");
  const facts = [
    startsAt && endsAt && t("when", { when: formatRange(startsAt, endsAt, timeZone, written, now) }),
    where && t("where", { where }),
  ];
  const body = [
    name ? t("helloName", { name }) : t("hello"),
    [t("invite", { title }), abstract].filter(Boolean).join("\n"),
    facts.filter(Boolean).join("\n"),
    sandboxProfileId ? t("handsOn") : "",
    `${t("register")}\n${inviteLink(ctx, invite)}`,
    invite.expiresAt ? t("until", { until: formatMoment(invite.expiresAt, timeZone, written, now) }) : "",
    `${t("close")}\n${sender.name}`,
  ];
  return { language: written, subject: t("subject", { title }), body: body.filter(Boolean).join("\n\n") };
}
