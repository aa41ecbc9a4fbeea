import type { Context } from "@/server/context";
import { renderMail } from "@/server/mail/compose";
import { logoOf, withLogoInside } from "@/server/mail/logo";
import { type OwnWords, previewFacts } from "@/server/mail/texts";

export type MailTextPreview = { subject: string; html: string; text: string };

/** Ends nowhere (RFC 2606). */
const link = "https://link-is-made-when-the-mail-is-sent.invalid/";

/** A kind of mail with words as they are typed and made-up facts. `invalid` names what is wrong by field. */
export async function previewMailText(
  ctx: Context,
  input: OwnWords & { kind: string; language: string },
): Promise<MailTextPreview> {
  const { prepared, words, teamId } = await previewFacts(ctx, input);
  const logo = await logoOf(ctx, teamId);
  const { content, html } = await renderMail(prepared, { link, code: "", console: link }, { own: words, logo });
  return { subject: content.subject, html: withLogoInside(html, logo), text: content.text };
}
