import type { Message } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import type { Prepared } from "@/server/mail/facts";
import type { MailContent, MailLinks } from "@/server/mail/templates/content";
import { contentOf } from "@/server/mail/templates/templates";

/** From what a mail says to its bytes (RFC 5322): text, HTML, and the calendar entry as a part and as a file. */

export type Rendered = { content: MailContent; html: string };

/** The words of a mail and its HTML. The same facts and links give the same bytes. */
export async function renderMail(prepared: Prepared, links: MailLinks): Promise<Rendered> {
  const content = contentOf(prepared.kind, prepared.facts, links);
  const { teamName, accentColor, locale } = prepared.facts;
  // 0.8 s and 60 MB to load: only where a mail is rendered.
  const [{ render }, { MailLayout }] = await Promise.all([
    import("react-email"),
    import("@/server/mail/templates/layout"),
  ]);
  return { content, html: await render(<MailLayout {...{ content, teamName, accentColor, locale }} />) };
}

/** The calendar method of an entry (RFC 5545 §3.7.2); mail programs offer to accept or to remove by it. */
function methodOf(calendar: string): string {
  return /^METHOD:(\w+)\s*$/m.exec(calendar)?.[1] ?? "PUBLISH";
}

/**
 * The raw mail. `attempt` is in its Message-ID, so that each try can be told apart; headers carry ids only. Answers go to the
 * account manager, the sender is the team.
 */
export async function buildMail(
  ctx: Context,
  message: Message,
  prepared: Prepared,
  rendered: Rendered,
  calendar: string | null,
): Promise<Uint8Array> {
  const { default: MailComposer } = await import("nodemailer/lib/mail-composer");
  const { to, from, replyTo } = prepared;
  const domain = from.address.split("@").at(-1);
  const composer = new MailComposer({
    from,
    to,
    replyTo,
    subject: rendered.content.subject,
    text: rendered.content.text,
    html: rendered.html,
    icalEvent: calendar ? { method: methodOf(calendar), filename: "workshop.ics", content: calendar } : undefined,
    date: ctx.clock.now(),
    messageId: `<${message.id}.${message.attempts}@${domain}>`,
    headers: { "X-Atelier-Message": message.id, "Auto-Submitted": "auto-generated" },
    // Nothing is ever read from a file or an address that a text names.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}
