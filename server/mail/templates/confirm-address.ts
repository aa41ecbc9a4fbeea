import { detailLines, type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { details, titleAndStart } from "@/server/mail/templates/english";

const foot =
  "You did not register? Then leave it: without the button nothing happens, and your address is deleted soon.";

export const confirmAddress: MailTexts = {
  en: (facts, { link }) => ({
    subject: `One step left: confirm for ${titleAndStart(facts)}`,
    news: `Confirm your address to take your seat in ${facts.title}.`,
    button: { label: "Confirm", url: link },
    hint: "The page that opens has one more button. The seat is yours once you pressed it.",
    details: details(facts),
    after: [`${facts.contact.name} invites you. Questions? Answer this mail.`],
    foot,
    text: paragraphs(
      `Confirm your address to take your seat in ${facts.title}. Open this page and press its button:\n${link}`,
      detailLines(details(facts)),
      `${facts.contact.name} invites you. Questions? Answer this mail.`,
      `-- \n${foot}`,
    ),
  }),
};
