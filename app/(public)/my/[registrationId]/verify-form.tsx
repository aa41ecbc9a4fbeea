"use client";

import { useActionState } from "react";
import { requestCodeAction, verifyAction } from "@/app/(public)/my/[registrationId]/actions";
import { Field, type FormAnswer, FormProblem, Submit } from "@/app/(public)/parts/form";

type CodeFormProps = {
  registrationId: string;
  by: "mail" | "facilitator";
  label: string;
  answer: FormAnswer | null;
  action: (form: FormData) => void;
};

function CodeForm({ registrationId, by, label, answer, action }: CodeFormProps) {
  // Whatever went wrong is said beside the one field there is.
  const problem = answer && !answer.ok ? { ...answer, fields: { code: answer.message } } : null;
  return (
    <form action={action} className="code inside" noValidate>
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
        first={problem !== null}
      />
      <Submit busy="Checking">Show that this is me</Submit>
    </form>
  );
}

/** Two ways to show that this browser belongs to the attendee: a code by mail, or one that is read out in the room. */
export function VerifyForm({ registrationId }: { registrationId: string }) {
  const [asked, ask] = useActionState(requestCodeAction, null);
  const [byMail, checkMail] = useActionState(verifyAction, null);
  const [byVoice, checkVoice] = useActionState(verifyAction, null);
  const wrongMail = byMail !== null && !byMail.ok;
  return (
    <>
      {asked?.ok ? <p role="status">A code of {asked.value.codeLength} digits is on its way to your address.</p> : null}
      {asked?.ok || wrongMail ? (
        <CodeForm
          registrationId={registrationId}
          by="mail"
          label="Code from the mail"
          answer={byMail}
          action={checkMail}
        />
      ) : null}
      <form action={ask}>
        <FormProblem answer={asked} />
        <input type="hidden" name="registrationId" value={registrationId} />
        <p className="actions">
          <Submit busy="Sending" className={asked?.ok || wrongMail ? "button second" : "button"}>
            {asked?.ok || wrongMail ? "Mail me another code" : "Mail me a code"}
          </Submit>
        </p>
      </form>
      {/* The reader may have opened the fold before the script ran; that is no error. */}
      <details open={byVoice !== null && !byVoice.ok} suppressHydrationWarning>
        <summary>No mail? Somebody from the team can read you a code</summary>
        <CodeForm
          registrationId={registrationId}
          by="facilitator"
          label="Code that was read out"
          answer={byVoice}
          action={checkVoice}
        />
      </details>
    </>
  );
}
