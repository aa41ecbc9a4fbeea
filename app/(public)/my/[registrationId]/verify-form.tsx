"use client";

import { useActionState } from "react";
import { requestCodeAction, verifyAction } from "@/app/(public)/my/[registrationId]/actions";
import { Field, FormProblem, Submit } from "@/app/(public)/parts/form";

function CodeForm({
  registrationId,
  by,
  label,
}: {
  registrationId: string;
  by: "mail" | "facilitator";
  label: string;
}) {
  const [answer, action] = useActionState(verifyAction, null);
  const problem =
    answer && !answer.ok && !answer.fields.code ? { ...answer, fields: { code: answer.message } } : answer;
  return (
    <form action={action} className="code" noValidate>
      <input type="hidden" name="registrationId" value={registrationId} />
      <input type="hidden" name="by" value={by} />
      <Field
        name="code"
        id={`code-${by}`}
        label={label}
        inputMode="numeric"
        autoComplete="one-time-code"
        spellCheck={false}
        required
        answer={problem}
        first={problem !== null && !problem.ok}
      />
      <Submit busy="Checking">Show that this is me</Submit>
    </form>
  );
}

/** Two ways to show that this browser belongs to the attendee: a code by mail, or one that is read out in the room. */
export function VerifyForm({ registrationId }: { registrationId: string }) {
  const [asked, ask] = useActionState(requestCodeAction, null);
  return (
    <>
      {asked?.ok ? (
        <>
          <p role="status">A code of {asked.value.codeLength} digits is on its way to your address.</p>
          <CodeForm registrationId={registrationId} by="mail" label="Code from the mail" />
        </>
      ) : null}
      <form action={ask}>
        <FormProblem answer={asked} />
        <input type="hidden" name="registrationId" value={registrationId} />
        <p className="actions">
          <Submit busy="Sending" className={asked?.ok ? "button second" : "button"}>
            {asked?.ok ? "Mail me another code" : "Mail me a code"}
          </Submit>
        </p>
      </form>
      <details suppressHydrationWarning>
        <summary>No mail? Somebody from the team can read you a code</summary>
        <div className="inside">
          <CodeForm registrationId={registrationId} by="facilitator" label="Code that was read out" />
        </div>
      </details>
    </>
  );
}
