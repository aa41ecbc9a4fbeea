/**
 * The notice that a registrant reads: its version and locale are kept with the registration. A change of what it says is a
 * new version; older texts stay in the history of this file.
 */
export const noticeVersion = "2026-11";

type NoticeFacts = { teamName: string; anonymizeAfterDays: number };

/** The one sentence under the button. */
export function noticeSentence({ teamName, anonymizeAfterDays }: NoticeFacts): string {
  const days = anonymizeAfterDays === 1 ? "1 day" : `${anonymizeAfterDays} days`;
  return `${teamName} uses this to run the workshop and deletes it ${anonymizeAfterDays === 0 ? "when the workshop closes" : `${days} after the workshop closes`}.`;
}

/** Beside the box that is empty unless they tick it. */
export function followUpSentence(hostName: string): string {
  return `${hostName} may write to me about this topic after the workshop.`;
}
