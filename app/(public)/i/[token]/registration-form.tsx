"use client";

import { useActionState, useEffect, useState } from "react";
import { registerAction } from "@/app/(public)/i/[token]/actions";
import { Field, FormProblem, firstError, Submit } from "@/app/(public)/parts/form";
import { QuestionFields } from "@/app/(public)/parts/question-fields";
import type { Messages } from "@/server/languages/languages";
import { answerField } from "@/server/registrations/answer-fields";
import type { QuestionDefinition } from "@/server/registrations/schemas";

const order = ["name", "email", "company", "jobTitle"];

type Props = {
  token: string;
  /** What the page is in: the registration keeps it. */
  language: string;
  words: Messages["form"] & Messages["rules"];
  /** What the workshop itself asks. */
  questions: readonly QuestionDefinition[];
  /** Which addresses may register, in a sentence; empty for all. */
  domains?: string;
  button: string;
  notice: string;
  followUp: string;
  company: string;
  /** Of an invitation for one address: whom it is for. */
  invitee?: { email: string; name: string } | null;
};

export function RegistrationForm(props: Props) {
  const { token, language, words, button, notice, followUp, company, invitee, questions, domains } = props;
  const [answer, action] = useActionState(registerAction, null);
  const [timeZone, setTimeZone] = useState("");
  useEffect(() => setTimeZone(Intl.DateTimeFormat().resolvedOptions().timeZone), []);
  const first = firstError(answer, [...order, ...questions.map(({ id }) => answerField(id))]);
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
        hint={invitee ? words.emailPersonal : [domains, words.emailHint].filter(Boolean).join(" ")}
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
      <QuestionFields questions={questions} words={words} answer={answer} first={first} />
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
