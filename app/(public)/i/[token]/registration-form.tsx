"use client";

import { useActionState, useEffect, useState } from "react";
import { registerAction } from "@/app/(public)/i/[token]/actions";
import { Field, FormProblem, firstError, Submit } from "@/app/(public)/parts/form";
import type { Messages } from "@/server/languages/languages";

const order = ["name", "email", "company", "jobTitle"] as const;

type Props = {
  token: string;
  /** What the page is in: the registration keeps it. */
  language: string;
  words: Messages["form"];
  button: string;
  notice: string;
  followUp: string;
  company: string;
  /** Of an invitation for one address: whom it is for. */
  invitee?: { email: string; name: string } | null;
};

export function RegistrationForm({ token, language, words, button, notice, followUp, company, invitee }: Props) {
  const [answer, action] = useActionState(registerAction, null);
  const [timeZone, setTimeZone] = useState("");
  useEffect(() => setTimeZone(Intl.DateTimeFormat().resolvedOptions().timeZone), []);
  const first = firstError(answer, order);
  const typed = answer && !answer.ok ? answer.values : undefined;
  return (
    <form action={action} noValidate>
      <FormProblem answer={answer} />
      <input type="hidden" name="token" value={token} />
      <input type="hidden" name="locale" value={language} />
      <input type="hidden" name="timeZone" value={timeZone} />
      <Field
        name="name"
        label={words.name}
        autoComplete="name"
        required
        defaultValue={invitee?.name}
        answer={answer}
        first={first === "name"}
      />
      <Field
        name="email"
        label={words.email}
        type="email"
        inputMode="email"
        autoComplete="email"
        autoCapitalize="none"
        spellCheck={false}
        required
        answer={answer}
        first={first === "email"}
        defaultValue={invitee?.email}
        readOnly={Boolean(invitee)}
        hint={invitee ? words.emailPersonal : words.emailHint}
      />
      <Field
        name="company"
        label={words.company}
        autoComplete="organization"
        required
        defaultValue={company}
        answer={answer}
        first={first === "company"}
      />
      <Field
        name="jobTitle"
        label={words.jobTitle}
        autoComplete="organization-title"
        optional={words.optional}
        answer={answer}
        first={first === "jobTitle"}
      />
      <div className="check">
        <input type="checkbox" id="followUp" name="followUp" defaultChecked={typed?.followUp === "on"} />
        <label htmlFor="followUp">
          {followUp} <span className="muted">{words.optional}</span>
        </label>
      </div>
      <Submit busy={words.sending}>{button}</Submit>
      <p className="hint" style={{ marginTop: "0.875rem" }}>
        {notice} <a href="/privacy">{words.moreData}</a>
      </p>
    </form>
  );
}
