import { type Translate, wordsIn } from "@/server/languages/languages";
import type { Facts } from "@/server/mail/facts";
import { inEachLanguage, paragraphs } from "@/server/mail/templates/content";
import { details, lines, signature, titled } from "@/server/mail/templates/shared";

/** What the account manager may paste into a mail of their own, in the customers' language, as the invitations tab has it. */
function ready({ title, hasSandbox, place, forward }: Facts, link: string): string {
  const t = wordsIn(forward.locale, "readyText");
  const facts = [forward.when && t("when", { when: forward.when }), place && t("where", { where: place })];
  return [
    t("hello"),
    t("invite", { title }),
    facts.filter(Boolean).join("\n"),
    hasSandbox ? t("handsOn") : "",
    `${t("register")}\n${link}`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function limits({ customerName, seatLimit, inviteExpires }: Facts, t: Translate<"mail">) {
  return [
    { label: t("invitation_kit.customer"), value: customerName },
    { label: t("invitation_kit.seats"), value: seatLimit === null ? "" : String(seatLimit) },
    { label: t("invitation_kit.until"), value: inviteExpires },
  ].filter(({ value }) => value !== "");
}

export const invitationKit = inEachLanguage((facts, { link, console }, t) => {
  const news = t("invitation_kit.news", { title: facts.title });
  const rows = [...details(facts, t), ...limits(facts, t)];
  const foot = t("invitation_kit.why", { team: facts.teamName });
  return {
    subject: t("invitation_kit.subject", { titled: titled(facts) }),
    news,
    button: { label: t("invitation_kit.button"), url: console },
    details: [{ label: t("invitation_kit.link"), value: link, url: link }, ...rows],
    after: [t("invitation_kit.toForward")],
    forward: ready(facts, link),
    foot,
    text: paragraphs(
      `${news}\n${link}`,
      lines(rows, t),
      `${t("invitation_kit.toForward")}\n\n${ready(facts, link)}`,
      `${t("shared.label", { label: t("invitation_kit.button") })} ${console}`,
      signature(foot),
    ),
  };
});
