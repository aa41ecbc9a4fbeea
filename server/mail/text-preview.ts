import type { Context } from "@/server/context";
import { renderMail } from "@/server/mail/compose";
import { type OwnWords, previewFacts } from "@/server/mail/texts";

export type MailTextPreview = { subject: string; html: string; text: string };

/** Ends nowhere (RFC 2606). */
const link = "https://link-is-made-when-the-mail-is-sent.invalid/";

/** A kind of mail with words as they are typed and made-up facts. `invalid` names what is wrong by field. */
export async function previewMailText(
  ctx: Context,
  input: OwnWords & { kind: string; language: string },
): Promise<MailTextPreview> {
  const { prepared, words } = await previewFacts(ctx, input);
  const { content, html } = await renderMail(prepared, { link, code: "", console: link }, words);
  return { subject: content.subject, html, text: content.text };
}
