import { inEachLanguage, paragraphs } from "@/server/mail/templates/content";
import { ask, details, lines, openMine, signature, titled, why } from "@/server/mail/templates/shared";

export const reminder = inEachLanguage((facts, { link }, t) => {
  // "tomorrow", "in 2 days": whenever the rule has it go.
  const { until, locale } = facts;
  const news = t("reminder.news", { title: facts.title, until });
  const first = `${until[0]?.toLocaleUpperCase(locale) ?? ""}${until.slice(1)}`;
  const prepare = facts.hasSandbox ? t("reminder.prepare") : "";
  const cannot = t("reminder.cannot");
  return {
    subject: t("reminder.subject", { titled: titled(facts), until: first }),
    news,
    button: openMine(link, t),
    hint: cannot,
    details: details(facts, t),
    after: [prepare, ask(facts, t)].filter((sentence) => sentence !== ""),
    foot: why(facts, t),
    text: paragraphs(
      news,
      lines(details(facts, t), t),
      prepare,
      `${t("shared.page")}\n${link}\n${cannot}`,
      ask(facts, t),
      signature(why(facts, t)),
    ),
  };
});
