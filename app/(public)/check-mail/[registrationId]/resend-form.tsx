"use client";

import { useActionState, useEffect, useState } from "react";
import { resendAction } from "@/app/(public)/check-mail/[registrationId]/actions";
import { fill } from "@/app/(public)/parts/fill";
import { FormProblem, Submit } from "@/app/(public)/parts/form";
import type { Messages } from "@/server/languages/languages";

type Props = { waitSeconds: number; words: Messages["resend"] & { sending: string } };

/** "Send again", after half a minute: counted down with script, decided by the server in any case. */
export function ResendForm({ waitSeconds, words }: Props) {
  const [answer, action] = useActionState(resendAction, null);
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (answer && !answer.ok) return;
    setLeft(waitSeconds);
    const timer = setInterval(() => setLeft((seconds) => Math.max(0, seconds - 1)), 1000);
    return () => clearInterval(timer);
  }, [answer, waitSeconds]);
  return (
    <form action={action}>
      <FormProblem answer={answer} />
      {answer?.ok ? <p role="status">{answer.value.sent ? words.onItsWay : words.momentAgo}</p> : null}
      {left > 0 ? (
        <button type="button" className="button second" disabled>
          {fill(words.againIn, { seconds: left })}
        </button>
      ) : (
        <Submit busy={words.sending} className="button second">
          {words.again}
        </Submit>
      )}
    </form>
  );
}
