import type { Facts } from "@/server/mail/facts";
import { detailLines, type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { ask, details, titleAndStart, whyAttendee } from "@/server/mail/templates/english";

const names: Record<string, string> = {
  startsAt: "the time",
  endsAt: "the time",
  timeZone: "the time",
  place: "the place",
  link: "the link",
  title: "the title",
  agenda: "the agenda",
  calendarItems: "the calendar entry",
};

/** "the time and the place of Serverless day changed" */
function whatChanged({ changedFields, title }: Facts): string {
  const words = [...new Set(changedFields.map((field) => names[field] ?? "the details"))];
  if (words.length === 0) return `Something about ${title} changed.`;
  const list = new Intl.ListFormat("en", { type: "conjunction" }).format(words);
  return `${list[0]!.toUpperCase()}${list.slice(1)} of ${title} changed.`;
}

const keep = "You need not do anything to keep your place. The calendar entry attached replaces the old one.";

export const changed: MailTexts = {
  en: (facts, { link }) => ({
    subject: `Changed: ${titleAndStart(facts)}`,
    news: whatChanged(facts),
    button: { label: "Open my workshop", url: link },
    hint: "Does it no longer suit you? Cancel there.",
    details: details(facts),
    after: [keep, ask(facts)],
    foot: whyAttendee(facts),
    text: paragraphs(
      `${whatChanged(facts)} As it is now:`,
      detailLines(details(facts)),
      keep,
      `Your workshop page, also to cancel:\n${link}`,
      ask(facts),
      `-- \n${whyAttendee(facts)}`,
    ),
  }),
};
