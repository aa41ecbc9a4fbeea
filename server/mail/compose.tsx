import type { Message } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import type { Prepared } from "@/server/mail/facts";
import type { MailContent, MailLinks } from "@/server/mail/templates/content";
import { contentOf } from "@/server/mail/templates/templates";
import { ownMessageId, threadOf } from "@/server/mail/thread";
import { unsubscribing } from "@/server/mail/unsubscribe";
import type { CalendarFile } from "@/server/registrations/registrations";

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

/**
 * Calendar entries of a mail (RFC 6047): the first as an alternative of the text and as a file, since some programs read the
 * one and some the other; each further one, with a method of its own, as a file that is opened by hand.
 */
function calendarParts([first, ...further]: readonly CalendarFile[]) {
  if (!first) return {};
  return {
    icalEvent: { ...first, filename: "workshop.ics" },
    attachments: further.map(({ method, content }, index) => ({
      content,
      filename: `workshop-${index + 2}.ics`,
      contentType: `text/calendar; charset=utf-8; method=${method}`,
    })),
  };
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
  calendars: readonly CalendarFile[],
): Promise<Uint8Array> {
  const { default: MailComposer } = await import("nodemailer/lib/mail-composer");
  const { to, from, replyTo } = prepared;
  const composer = new MailComposer({
    from,
    to,
    replyTo,
    subject: rendered.content.subject,
    text: rendered.content.text,
    html: rendered.html,
    ...calendarParts(calendars),
    date: ctx.clock.now(),
    messageId: ownMessageId(message, from.address),
    ...(await threadOf(ctx, message, from.address)),
    headers: {
      "X-Atelier-Message": message.id,
      // Asks for no answer from machines: RFC 3834, and Outlook's own word for it.
      "Auto-Submitted": "auto-generated",
      "X-Auto-Response-Suppress": "All",
      ...unsubscribing(ctx, message)?.headers,
    },
    // Nothing is ever read from a file or an address that a text names.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}
