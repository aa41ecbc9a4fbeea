import { wordsIn } from "@/server/languages/languages";

/**
 * The notice that a registrant reads: its version and locale are kept with the registration. A change of what it says is a
 * new version; older texts stay in the history of this file and of `messages/*.json#notice`.
 */
export const noticeVersion = "2026-11";

type NoticeFacts = { teamName: string; anonymizeAfterDays: number };

/** The one sentence under the button. */
export function noticeSentence({ teamName, anonymizeAfterDays }: NoticeFacts, locale = "en"): string {
  return wordsIn(locale, "notice")("sentence", { team: teamName, days: anonymizeAfterDays });
}

/** Beside the box that is empty unless they tick it. */
export function followUpSentence(hostName: string, locale = "en"): string {
  return wordsIn(locale, "notice")("followUp", { name: hostName });
}
