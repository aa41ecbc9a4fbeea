"use client";

import { type ReactNode, useActionState } from "react";
import { cancelAction, changeAction, eraseAction } from "@/app/(public)/my/[registrationId]/actions";
import { Field, type FormAnswer, FormProblem, firstError, Submit } from "@/app/(public)/parts/form";

const order = ["name", "company", "jobTitle"] as const;

type ChangeProps = {
  registrationId: string;
  mine: { name: string; email: string; company: string; jobTitle: string; followUp: boolean };
  followUp: string;
};

/** Name, company, role and the optional consent; the address is what the registration hangs on. */
export function ChangeForm({ registrationId, mine, followUp }: ChangeProps) {
  const [answer, action] = useActionState(changeAction, null);
  const first = firstError(answer, order);
  const failed = answer !== null && !answer.ok;
  const checked = failed ? answer.values?.followUp === "on" : mine.followUp;
  return (
    <details open={failed} suppressHydrationWarning>
      <summary>Change my data</summary>
      <form action={action} className="inside" noValidate>
        <FormProblem answer={answer} />
        <input type="hidden" name="registrationId" value={registrationId} />
        <p className="hint">
          Registered as <bdi>{mine.email}</bdi>. For another address, cancel and register anew.
        </p>
        <Field
          name="name"
          label="Your name"
          autoComplete="name"
          required
          defaultValue={mine.name}
          answer={answer}
          first={first === "name"}
        />
        <Field
          name="company"
          label="Company"
          autoComplete="organization"
          required
          defaultValue={mine.company}
          answer={answer}
          first={first === "company"}
        />
        <Field
          name="jobTitle"
          label="Your role"
          autoComplete="organization-title"
          optional
          defaultValue={mine.jobTitle}
          answer={answer}
          first={first === "jobTitle"}
        />
        <div className="check">
          <input type="checkbox" id="followUp" name="followUp" defaultChecked={checked} />
          <label htmlFor="followUp">
            {followUp} <span className="muted">(optional)</span>
          </label>
        </div>
        <Submit busy="Saving">Save</Submit>
      </form>
    </details>
  );
}

type LossProps = { registrationId: string; loss: string };

/** Cancelling, behind a fold that says what is lost. */
export function CancelForm({ registrationId, loss }: LossProps) {
  const [answer, action] = useActionState(cancelAction, null);
  return (
    <LossForm
      action={action}
      answer={answer}
      registrationId={registrationId}
      title="Cancel my registration"
      loss={loss}
    >
      <Submit busy="Cancelling" className="button danger">
        Cancel my registration
      </Submit>
    </LossForm>
  );
}

/** Deleting everything at once, instead of waiting for the team's date. */
export function EraseForm({ registrationId, loss }: LossProps) {
  const [answer, action] = useActionState(eraseAction, null);
  return (
    <LossForm action={action} answer={answer} registrationId={registrationId} title="Delete my data now" loss={loss}>
      <Submit busy="Deleting" className="button danger">
        Delete my data
      </Submit>
    </LossForm>
  );
}

type LossFormProps = LossProps & {
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
