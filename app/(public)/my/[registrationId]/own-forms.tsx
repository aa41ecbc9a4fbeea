"use client";

import { type ReactNode, useActionState } from "react";
import { cancelAction, changeAction, eraseAction } from "@/app/(public)/my/[registrationId]/actions";
import { fill } from "@/app/(public)/parts/fill";
import { Field, type FormAnswer, FormProblem, firstError, Submit } from "@/app/(public)/parts/form";
import { QuestionFields } from "@/app/(public)/parts/question-fields";
import type { Messages } from "@/server/languages/languages";
import { answerField } from "@/server/registrations/answer-fields";
import type { MyAnswer } from "@/server/registrations/questions";

type Words = Messages["form"] & Messages["myForms"];

const order = ["name", "company", "jobTitle"];

type ChangeProps = {
  registrationId: string;
  mine: { name: string; email: string; company: string; jobTitle: string; followUp: boolean; answers: MyAnswer[] };
  followUp: string;
  words: Words & Messages["rules"];
};

/** Name, company, role and the optional consent; the address is what the registration hangs on. */
export function ChangeForm({ registrationId, mine, followUp, words }: ChangeProps) {
  const [answer, action] = useActionState(changeAction, null);
  const first = firstError(answer, [...order, ...mine.answers.map(({ id }) => answerField(id))]);
  const failed = answer !== null && !answer.ok;
  const checked = failed ? answer.values?.followUp === "on" : mine.followUp;
  return (
    <details open={failed} suppressHydrationWarning>
      <summary>{words.change}</summary>
      <form action={action} className="inside" noValidate>
        <FormProblem answer={answer} />
        <input type="hidden" name="registrationId" value={registrationId} />
        <p className="hint">{fill(words.registeredAs, { email: mine.email })}</p>
        <Field
          name="name"
          label={words.name}
          autoComplete="name"
          required
          defaultValue={mine.name}
          answer={answer}
          first={first === "name"}
        />
        <Field
          name="company"
          label={words.company}
          autoComplete="organization"
          required
          defaultValue={mine.company}
          answer={answer}
          first={first === "company"}
        />
        <Field
          name="jobTitle"
          label={words.jobTitle}
          autoComplete="organization-title"
          optional={words.optional}
          defaultValue={mine.jobTitle}
          answer={answer}
          first={first === "jobTitle"}
        />
        <QuestionFields questions={mine.answers} words={words} answer={answer} first={first} />
        <div className="check">
          <input type="checkbox" id="followUp" name="followUp" defaultChecked={checked} />
          <label htmlFor="followUp">
            {followUp} <span className="muted">{words.optional}</span>
          </label>
        </div>
        <Submit busy={words.saving}>{words.save}</Submit>
      </form>
    </details>
  );
}

type LossProps = { registrationId: string; loss: string; words: Words };

/** Cancelling, behind a fold that says what is lost. */
export function CancelForm({ registrationId, loss, words }: LossProps) {
  const [answer, action] = useActionState(cancelAction, null);
  return (
    <LossForm action={action} answer={answer} registrationId={registrationId} title={words.cancel} loss={loss}>
      <Submit busy={words.cancelling} className="button danger">
        {words.cancel}
      </Submit>
    </LossForm>
  );
}

/** Deleting everything at once, instead of waiting for the team's date. */
export function EraseForm({ registrationId, loss, words }: LossProps) {
  const [answer, action] = useActionState(eraseAction, null);
  return (
    <LossForm action={action} answer={answer} registrationId={registrationId} title={words.erase} loss={loss}>
      <Submit busy={words.erasing} className="button danger">
        {words.eraseButton}
      </Submit>
    </LossForm>
  );
}

type LossFormProps = Omit<LossProps, "words"> & {
  title: string;
  action: (form: FormData) => void;
  answer: FormAnswer | null;
  children: ReactNode;
};

// The reader may have opened the fold before the script ran; that is no error.
function LossForm({ title, loss, registrationId, action, answer, children }: LossFormProps) {
  return (
    <details open={answer !== null && !answer.ok} suppressHydrationWarning>
      <summary>{title}</summary>
      <form action={action} className="inside">
        <FormProblem answer={answer} />
        <input type="hidden" name="registrationId" value={registrationId} />
        <p>{loss}</p>
        {children}
      </form>
    </details>
  );
}
