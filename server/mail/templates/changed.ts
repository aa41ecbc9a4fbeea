import type { MessageKey, Translate } from "@/server/languages/languages";
import type { Facts } from "@/server/mail/facts";
import { inEachLanguage, paragraphs } from "@/server/mail/templates/content";
import { ask, details, lines, openMine, signature, titled, why } from "@/server/mail/templates/shared";

const names: Record<string, MessageKey<"mail">> = {
  startsAt: "changed.fields.time",
  endsAt: "changed.fields.time",
  timeZone: "changed.fields.time",
  place: "changed.fields.place",
  link: "changed.fields.link",
  title: "changed.fields.title",
  agenda: "changed.fields.agenda",
  calendarItems: "changed.fields.calendar",
};

/** "The time and the place of Serverless day changed." */
function whatChanged({ changedFields, title, locale }: Facts, t: Translate<"mail">): string {
  const words = [...new Set(changedFields.map((field) => t(names[field] ?? "changed.fields.details")))];
  if (words.length === 0) return t("changed.something", { title });
  const what = new Intl.ListFormat(locale, { type: "conjunction" }).format(words);
  const sentence = t("changed.news", { what, title });
  return `${sentence[0]?.toLocaleUpperCase(locale) ?? ""}${sentence.slice(1)}`;
}

export const changed = inEachLanguage((facts, { link }, t) => {
  const news = whatChanged(facts, t);
  return {
    subject: t("changed.subject", { titled: titled(facts) }),
    news,
    button: openMine(link, t),
    hint: t("changed.hint"),
    details: details(facts, t),
    after: [t("changed.keep"), ask(facts, t)],
    foot: why(facts, t),
    text: paragraphs(
      `${news} ${t("changed.asNow")}`,
      lines(details(facts, t), t),
      t("changed.keep"),
      `${t("changed.pageToCancel")}\n${link}`,
      ask(facts, t),
      signature(why(facts, t)),
    ),
  };
});
