"use client";

import { useActionState } from "react";
import {
  declineMyOfferAction,
  handOverAction,
  takeMyOfferAction,
  withdrawHandoverAction,
} from "@/app/(public)/my/[registrationId]/own-actions";
import { Field, FormProblem, firstError, Submit } from "@/app/(public)/parts/form";
import type { Messages } from "@/server/languages/languages";

const acts = { take: takeMyOfferAction, decline: declineMyOfferAction, withdraw: withdrawHandoverAction } as const;

type OneButtonProps = {
  act: keyof typeof acts;
  registrationId: string;
  button: string;
  busy: string;
  second?: boolean;
};

/** A button that says one thing about the own seat. */
export function OneButton({ act, registrationId, button, busy, second = false }: OneButtonProps) {
  const [answer, action] = useActionState(acts[act], null);
  return (
    <form action={action}>
      <FormProblem answer={answer} />
      <input type="hidden" name="registrationId" value={registrationId} />
      <Submit busy={busy} className={second ? "button second" : "button large"}>
        {button}
      </Submit>
    </form>
  );
}

type Words = Messages["handover"];

type AskProps = {
  registrationId: string;
  /** Of the page: the first choice for the mail. */
  language: string;
  languages: [string, string][];
  words: Pick<Words, "summary" | "intro" | "name" | "email" | "language" | "ask" | "asking">;
};

/** To whom the seat is handed over, and in which language they are asked. */
export function AskColleague({ registrationId, language, languages, words }: AskProps) {
  const [answer, action] = useActionState(handOverAction, null);
  const first = firstError(answer, ["name", "email"]);
  const failed = answer !== null && !answer.ok;
  return (
    <details open={failed} suppressHydrationWarning>
      <summary>{words.summary}</summary>
      <form action={action} className="inside" noValidate>
        <FormProblem answer={answer} />
        <input type="hidden" name="registrationId" value={registrationId} />
        <p>{words.intro}</p>
        <Field
          id="colleague-name"
          name="name"
          label={words.name}
          autoComplete="off"
          required
          answer={answer}
          first={first === "name"}
        />
        <Field
          id="colleague-email"
          name="email"
          label={words.email}
          type="email"
          inputMode="email"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
          answer={answer}
          first={first === "email"}
        />
        <div className="field">
          <label htmlFor="colleague-locale">{words.language}</label>
          <select
            id="colleague-locale"
            name="locale"
            defaultValue={(failed ? answer.values?.locale : undefined) ?? language}
          >
            {languages.map(([code, name]) => (
              <option key={code} value={code} lang={code}>
                {name}
              </option>
            ))}
          </select>
        </div>
        <Submit busy={words.asking}>{words.ask}</Submit>
      </form>
    </details>
  );
}
