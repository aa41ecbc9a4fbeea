import { expect, test } from "vitest";
import { languageNames, languages } from "@/server/languages/kinds";
import { renderMail } from "@/server/mail/compose";
import type { Facts } from "@/server/mail/facts";
import { kindRule, type MailKind, mailKinds } from "@/server/mail/kinds";
import { contentOf } from "@/server/mail/templates/templates";

/** Facts with words that are in no language, so that what is left is the template's. */
const facts: Partial<Facts> = {
  teamName: "Qteam",
  accentColor: "#0f62c4",
  title: "Qtitle",
  start: "Qstart",
  when: "Qwhen",
  place: "Qplace",
  roomLink: "https://example.test/room",
  bring: ["Qbring"],
  contact: { name: "Qana", address: "ana@example.test" },
  position: 3,
  seatsOffered: true,
  changedFields: ["startsAt", "place"],
  deletedAfterDays: 14,
  hasSandbox: true,
  customerName: "Qcustomer",
  seatLimit: 10,
  inviteExpires: "Qexpires",
};
const links = { link: "https://example.test/link", code: "123456", console: "https://example.test/console" };

/** Facts of a kind in a language; what this test does not know of is taken for an empty text. */
function factsIn(locale: string): Facts {
  const known = { ...facts, locale, forward: { locale, when: "Qwhen" } };
  return new Proxy(known as Facts, { get: (given, name) => (name in given ? Reflect.get(given, name) : "") });
}

// Mails to members about the running of things are English; the kit is to pass on.
const forCustomers = (Object.keys(mailKinds) as MailKind[]).filter(
  (kind) => kindRule(kind).audience !== "member" || kind === "invitation_kit",
);

/** What a mail says, sentence by sentence, without the words of its facts. */
function sentences(kind: MailKind, locale: string): string[] {
  const { subject, news, button, hint, after, foot, text, details } = contentOf(kind, factsIn(locale), links);
  return [subject, news, button?.label ?? "", hint ?? "", ...after, foot, text, ...details.map((row) => row.label)];
}

for (const language of languages)
  test(`each mail to customers is whole in ${languageNames[language]}: short subject, nothing left to fill in, under 100 KB`, async () => {
    for (const kind of forCustomers) {
      const { content, html } = await renderMail(
        { kind, facts: factsIn(language), to: contact, from: contact, replyTo: contact },
        links,
      );
      const { subject, text } = content;
      expect(subject.length, `${kind}: ${subject}`).toBeLessThan(90);
      expect(subject).not.toContain("\n");
      expect(Buffer.byteLength(html), kind).toBeLessThan(100 * 1024);
      expect(html).toContain(`lang="${language}"`);
      for (const said of [html.replace(/<style>[\s\S]*?<\/style>/g, ""), text, subject])
        expect(said, kind).not.toMatch(/\{\w+[,}]|undefined|\[object|NaN/);
      if (content.button) expect(text, kind).toContain(content.button.url);
    }
  });

const contact = { name: "Qana", address: "ana@example.test" };

test("no mail to customers says in another language what it says in English", () => {
  const words = (text: string) => text.split(/\s+/).filter((word) => /^\p{Ll}{2,}/u.test(word)).length;
  const leftovers = forCustomers.flatMap((kind) => {
    const english = new Set(sentences(kind, "en"));
    return languages
      .filter((language) => language !== "en")
      .flatMap((language) => sentences(kind, language).filter((said) => words(said) > 1 && english.has(said)))
      .map((said) => `${kind}: ${said}`);
  });
  expect(leftovers).toEqual([]);
});
