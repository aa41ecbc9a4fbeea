"use client";

import { useActionState } from "react";
import { requestCodeAction, verifyAction } from "@/app/(public)/my/[registrationId]/actions";
import { fill } from "@/app/(public)/parts/fill";
import { Field, type FormAnswer, FormProblem, Submit } from "@/app/(public)/parts/form";
import type { Messages } from "@/server/languages/languages";

type Words = Messages["myForms"]["code"] & { sending: string };

type CodeFormProps = {
  registrationId: string;
  by: "mail" | "facilitator";
  label: string;
  answer: FormAnswer | null;
  action: (form: FormData) => void;
  words: Words;
};

function CodeForm({ registrationId, by, label, answer, action, words }: CodeFormProps) {
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
      <Submit busy={words.checking}>{words.check}</Submit>
    </form>
  );
}

/** Two ways to show that this browser belongs to the attendee: a code by mail, or one that is read out in the room. */
export function VerifyForm({ registrationId, words }: { registrationId: string; words: Words }) {
  const [asked, ask] = useActionState(requestCodeAction, null);
  const [byMail, checkMail] = useActionState(verifyAction, null);
  const [byVoice, checkVoice] = useActionState(verifyAction, null);
  const wrongMail = byMail !== null && !byMail.ok;
  return (
    <>
      {asked?.ok ? <p role="status">{fill(words.onItsWay, { digits: asked.value.codeLength })}</p> : null}
      {asked?.ok || wrongMail ? (
        <CodeForm
          registrationId={registrationId}
          by="mail"
          words={words}
          label={words.fromMail}
          answer={byMail}
          action={checkMail}
        />
      ) : null}
      <form action={ask}>
        <FormProblem answer={asked} />
        <input type="hidden" name="registrationId" value={registrationId} />
        <p className="actions">
          <Submit busy={words.sending} className={asked?.ok || wrongMail ? "button second" : "button"}>
            {asked?.ok || wrongMail ? words.mailAnother : words.mailMe}
          </Submit>
        </p>
      </form>
      {/* The reader may have opened the fold before the script ran; that is no error. */}
      <details open={byVoice !== null && !byVoice.ok} suppressHydrationWarning>
        <summary>{words.noMail}</summary>
        <CodeForm
          registrationId={registrationId}
          by="facilitator"
          words={words}
          label={words.readOut}
          answer={byVoice}
          action={checkVoice}
        />
      </details>
    </>
  );
}
