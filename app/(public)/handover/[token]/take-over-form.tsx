"use client";

import { useActionState, useEffect, useState } from "react";
import { takeOverAction } from "@/app/(public)/handover/[token]/actions";
import { Field, FormProblem, firstError, Submit } from "@/app/(public)/parts/form";
import { QuestionFields } from "@/app/(public)/parts/question-fields";
import type { Messages } from "@/server/languages/languages";
import { answerField } from "@/server/registrations/answer-fields";
import type { QuestionDefinition } from "@/server/registrations/schemas";

const order = ["name", "company", "jobTitle"];

type Props = {
  token: string;
  /** What the page is in: the registration keeps it. */
  language: string;
  /** As the giver typed it. */
  name: string;
  intro: string;
  button: string;
  busy: string;
  words: Messages["form"] & Messages["rules"];
  /** What the workshop itself asks; the giver's answers stay theirs. */
  questions: readonly QuestionDefinition[];
  notice: string;
  followUp: string;
};

/** What a colleague says about themselves; the address is the one that the link went to. */
export function TakeOverForm(props: Props) {
  const { token, language, name, intro, button, busy, words, questions, notice, followUp } = props;
  const [answer, action] = useActionState(takeOverAction, null);
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
      <p className="hint">{intro}</p>
      <Field
        name="name"
        label={words.name}
        autoComplete="name"
        required
        defaultValue={name}
        answer={answer}
        first={first === "name"}
      />
      <Field
        name="company"
        label={words.company}
        autoComplete="organization"
        required
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
      <Submit busy={busy} className="button large">
        {button}
      </Submit>
      <p className="hint" style={{ marginTop: "0.875rem" }}>
        {notice} <a href="/privacy">{words.moreData}</a>
      </p>
    </form>
  );
}
