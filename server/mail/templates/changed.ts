import type { MessageKey, Translate } from "@/server/languages/languages";
import type { Facts } from "@/server/mail/facts";
import { inEachLanguage, type MailContent, paragraphs } from "@/server/mail/templates/content";
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

type Details = MailContent["details"];

/** The details as they are, each followed by what it was where it changed; those of agenda and title only if they did. */
function difference(facts: Facts, t: Translate<"mail">): Details {
  const { before, title } = facts;
  const now = details(facts, t);
  if (!before) return now;
  const pair = (label: string, value: string, was: string): Details => {
    if (was && was !== value)
      return [
        { label, value: value || "–" },
        { label: t("changed.was"), value: was },
      ];
    return value ? [{ label, value }] : [];
  };
  const known = [
    { label: t("shared.when"), was: before.when },
    { label: t("shared.where"), was: before.place },
    { label: t("shared.room"), was: before.roomLink },
  ];
  const rows = known.flatMap(({ label, was }) => {
    const row = now.find((one) => one.label === label);
    const [first, ...old] = pair(label, row?.value ?? "", was);
    return first ? [row ?? first, ...old] : [];
  });
  const rest = now.filter((row) => !known.some(({ label }) => label === row.label));
  const agenda = [...before.agendaGone.map((line) => `− ${line}`), ...before.agendaNew.map((line) => `+ ${line}`)];
  return [
    ...(before.title && before.title !== title ? pair(t("changed.titleLabel"), title, before.title) : []),
    ...rows,
    ...(agenda.length > 0 ? [{ label: t("changed.agendaLabel"), value: agenda.join("; ") }] : []),
    ...rest,
  ];
}

export const changed = inEachLanguage((facts, { link }, t) => {
  const news = whatChanged(facts, t);
  return {
    subject: t("changed.subject", { titled: titled(facts) }),
    news,
    button: openMine(link, t),
    hint: t("changed.hint"),
    details: difference(facts, t),
    after: [t("changed.keep"), ask(facts, t)],
    foot: why(facts, t),
    text: paragraphs(
      `${news} ${t("changed.asNow")}`,
      lines(difference(facts, t), t),
      t("changed.keep"),
      `${t("changed.pageToCancel")}\n${link}`,
      ask(facts, t),
      signature(why(facts, t)),
    ),
  };
});
