"use client";

import { useActionState, useEffect, useState } from "react";
import { resendAction } from "@/app/(public)/check-mail/[registrationId]/actions";
import { FormProblem, Submit } from "@/app/(public)/parts/form";

/** "Send again", after half a minute: counted down with script, decided by the server in any case. */
export function ResendForm({ waitSeconds }: { waitSeconds: number }) {
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
      {answer?.ok ? (
        <p role="status">
          {answer.value.sent ? "It is on its way again." : "It was sent a moment ago. Give it half a minute."}
        </p>
      ) : null}
      {left > 0 ? (
        <button type="button" className="button second" disabled>
          Send again in {left} s
        </button>
      ) : (
        <Submit busy="Sending" className="button second">
          Send again
        </Submit>
      )}
    </form>
  );
}
