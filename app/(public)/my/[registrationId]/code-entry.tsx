"use client";

import { useActionState } from "react";
import { enterByCodeAction } from "@/app/(public)/my/[registrationId]/actions";
import { Field, Submit } from "@/app/(public)/parts/form";

type Words = { entryLabel: string; entryButton: string; entryBusy: string };

/** The code that was read out, typed into a browser that is not known yet. */
export function CodeEntry({ registrationId, words }: { registrationId: string; words: Words }) {
  const [answer, enter] = useActionState(enterByCodeAction, null);
  // Whatever went wrong is said beside the one field there is.
  const problem = answer && !answer.ok ? { ...answer, fields: { code: answer.message } } : null;
  return (
    <form action={enter} className="code" noValidate>
      <input type="hidden" name="registrationId" value={registrationId} />
      <Field
        name="code"
        id="code-entry"
        label={words.entryLabel}
        inputMode="numeric"
        autoComplete="one-time-code"
        spellCheck={false}
        required
        answer={problem}
        first={problem !== null}
      />
      <Submit busy={words.entryBusy}>{words.entryButton}</Submit>
    </form>
  );
}
