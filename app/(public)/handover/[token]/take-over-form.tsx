"use client";

import { useActionState, useEffect, useState } from "react";
import { takeOverAction } from "@/app/(public)/handover/[token]/actions";
import { Field, FormProblem, firstError, Submit } from "@/app/(public)/parts/form";
import type { Messages } from "@/server/languages/languages";

const order = ["name", "company", "jobTitle"] as const;

type Props = {
  token: string;
  /** What the page is in: the registration keeps it. */
  language: string;
  /** As the giver typed it. */
  name: string;
  intro: string;
  button: string;
  busy: string;
  words: Messages["form"];
  notice: string;
  followUp: string;
};

/** What a colleague says about themselves; the address is the one that the link went to. */
export function TakeOverForm({ token, language, name, intro, button, busy, words, notice, followUp }: Props) {
  const [answer, action] = useActionState(takeOverAction, null);
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
