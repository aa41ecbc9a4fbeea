import type { Message } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { wordsIn } from "@/server/languages/languages";
import type { Facts, Prepared } from "@/server/mail/facts";
import { logoCid, type MailLogo } from "@/server/mail/logo";
import type { MailContent, MailLinks } from "@/server/mail/templates/content";
import { contentOf } from "@/server/mail/templates/templates";
import type { Block, Inline } from "@/server/mail/text-markup";
import { type OwnWords, withOwnWords } from "@/server/mail/texts";
import { ownMessageId, type Thread } from "@/server/mail/thread";
import { unsubscribing } from "@/server/mail/unsubscribe";
import type { CalendarFile } from "@/server/registrations/registrations";

/** From what a mail says to its bytes (RFC 5322): text, HTML, and the calendar entry as a part and as a file. */

export type Rendered = { content: MailContent; html: string; logo: MailLogo | null };

/** What a team adds to the built-in mail. */
export type TeamTouch = { own?: OwnWords | null; logo?: MailLogo | null };

/** The words of a mail and its HTML. The same facts and links give the same bytes. */
export async function renderMail(
  prepared: Prepared,
  links: MailLinks,
  { own, logo = null }: TeamTouch = {},
): Promise<Rendered> {
  const builtIn = contentOf(prepared.kind, prepared.facts, links);
  const said = own ? withOwnWords(builtIn, own, prepared) : builtIn;
  const content = withUnsubscribing(said, prepared.facts.locale, links);
  return { content, html: await htmlOf(content, { ...prepared.facts, logo }), logo };
}

/** The way to get no more of a mail that nobody needs, at its very end. */
function withUnsubscribing(content: MailContent, locale: string, { unsubscribe: url }: MailLinks): MailContent {
  if (!url) return content;
  const label = wordsIn(locale, "unsubscribe")("link");
  return { ...content, unsubscribe: { label, url }, text: `${content.text.trimEnd()}\n${label}: ${url}\n` };
}

/**
 * HTML of a shape of mail with marks in place of all that differs from mail to mail: rendering with React takes ten times as
 * long as the rest of a mail, and there are a few dozen shapes.
 */
const shapes = new Map<string, Promise<string>>();
const mostShapes = 500;

/** Private-use characters around a number: what somebody typed is filled in after marks were found, so it is never one. */
const markAt = (n: number) => `\uE000${n}\uE001`;
const marks = /\uE000(\d+)\uE001/g;

type Look = Pick<Facts, "teamName" | "accentColor" | "locale"> & { logo: Pick<MailLogo, "width" | "height"> | null };

async function htmlOf(content: MailContent, { teamName, accentColor, locale, logo }: Look): Promise<string> {
  const values: string[] = [];
  const mark = (value: string) => markAt(values.push(value) - 1);
  const address = (url: string) => mark(/^(https?|mailto):/i.test(url) ? url : "#");
  const { subject, news, code, button, hint, details, after, rich, forward, foot, unsubscribe } = content;
  const marked: MailContent = {
    subject: mark(subject),
    news: mark(news),
    ...(code ? { code: mark(code) } : {}),
    ...(button ? { button: { label: mark(button.label), url: address(button.url) } } : {}),
    ...(hint ? { hint: mark(hint) } : {}),
    details: details.map(({ label, value, url }) => ({
      label: mark(label),
      value: mark(value),
      ...(url ? { url: address(url) } : {}),
    })),
    after: after.map(mark),
    ...(rich ? { rich: rich.map((block) => markedBlock(block, mark, address)) } : {}),
    ...(forward ? { forward: forward.split("\n").map(mark).join("\n") } : {}),
    foot: mark(foot),
    ...(unsubscribe ? { unsubscribe: { label: mark(unsubscribe.label), url: address(unsubscribe.url) } } : {}),
    text: "",
  };
  const size = logo && { width: logo.width, height: logo.height };
  const look = { teamName: mark(teamName), accentColor: mark(accentColor), locale, logo: size };
  const shape = JSON.stringify([marked, look]);
  if (shapes.size >= mostShapes) shapes.clear();
  let html = shapes.get(shape);
  if (!html) {
    html = renderLayout(marked, look);
    shapes.set(shape, html);
    html.catch(() => shapes.delete(shape));
  }
  return (await html).replace(marks, (_, n: string) => escaped(values[Number(n)] ?? ""));
}

function markedBlock(block: Block, mark: (text: string) => string, address: (url: string) => string): Block {
  // Lines are the shape's: a mark for each.
  const one = ({ text, href, ...style }: Inline): Inline => ({
    ...style,
    text: text.split("\n").map(mark).join("\n"),
    ...(href === undefined ? {} : { href: address(href) }),
  });
  return block.kind === "paragraph"
    ? { ...block, lines: block.lines.map(one) }
    : { ...block, items: block.items.map((item) => item.map(one)) };
}

async function renderLayout(content: MailContent, look: Look): Promise<string> {
  // 0.8 s and 60 MB to load: only where a mail is rendered.
  const [{ render }, { MailLayout }] = await Promise.all([
    import("react-email"),
    import("@/server/mail/templates/layout"),
  ]);
  return render(<MailLayout {...{ content, ...look }} />);
}

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };

/** As React writes text and attributes. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character]!);
}

/**
 * Calendar entries of a mail (RFC 6047): the first as an alternative of the text and as a file, since some programs read the
 * one and some the other; each further one, with a method of its own, as a file that is opened by hand.
 */
function calendarParts([first, ...further]: readonly CalendarFile[]) {
  return {
    ...(first ? { icalEvent: { ...first, filename: "workshop.ics" } } : {}),
    attachments: further.map(({ method, content }, index) => ({
      content,
      filename: `workshop-${index + 2}.ics`,
      contentType: `text/calendar; charset=utf-8; method=${method}`,
    })),
  };
}

/** The logo, which the HTML shows by its Content-ID. */
function logoPart(logo: MailLogo | null) {
  if (!logo) return [];
  const { bytes, mediaType } = logo;
  const filename = mediaType === "image/png" ? "logo.png" : "logo.jpg";
  return [{ filename, content: bytes, contentType: mediaType, cid: logoCid, contentDisposition: "inline" as const }];
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
  { calendars, thread }: { calendars: readonly CalendarFile[]; thread: Thread },
): Promise<Uint8Array> {
  const { default: MailComposer } = await import("nodemailer/lib/mail-composer");
  const { to, from, replyTo } = prepared;
  const calendar = calendarParts(calendars);
  const composer = new MailComposer({
    from,
    to,
    replyTo,
    subject: rendered.content.subject,
    text: rendered.content.text,
    html: rendered.html,
    ...calendar,
    attachments: [...logoPart(rendered.logo), ...calendar.attachments],
    date: ctx.clock.now(),
    messageId: ownMessageId(message, from.address),
    ...thread,
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
