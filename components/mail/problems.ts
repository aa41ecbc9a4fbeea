import type { MessageJson } from "@/components/mail/message-json";

/** What a state that went wrong means, and what helps. */
const advice: Partial<Record<MessageJson["state"], { meaning: string; todo: string }>> = {
  failed: {
    meaning: "could not be sent",
    todo: "Send it again. If it fails again, whoever keeps the installation looks at the sender's address in Amazon SES.",
  },
  in_doubt: {
    meaning: "may or may not have gone: the answer of Amazon SES got lost",
    todo: "Ask the reader, or send it again; they may then have it twice.",
  },
  bounced: {
    meaning: "came back",
    todo: "The address does not take mail. Ask the person for another one; they register with it by the same link.",
  },
  complained: {
    meaning: "was marked as unwanted by its reader",
    todo: "Nothing more goes to this address by itself. Call, if it matters.",
  },
  suppressed: {
    meaning: "was held back by Amazon SES, since mail to this address came back before",
    todo: "Ask the person for another address, or have the address taken off the suppression list.",
  },
};

export function adviceFor(state: MessageJson["state"]) {
  return advice[state] ?? null;
}

export type Problem = { state: MessageJson["state"]; count: number; meaning: string; todo: string };

/** The problems of a list by what is wrong, the most frequent first. */
export function problemsOf(messages: readonly MessageJson[]): Problem[] {
  const counts = new Map<MessageJson["state"], number>();
  for (const { state, outlook } of messages) if (outlook === "problem") counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts]
    .flatMap(([state, count]) => {
      const known = advice[state];
      return known ? [{ state, count, ...known }] : [];
    })
    .sort((a, b) => b.count - a.count);
}
