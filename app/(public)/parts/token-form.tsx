"use client";

import { useActionState } from "react";
import { type FormAnswer, FormProblem, Submit } from "@/app/(public)/parts/form";

type Action = (previous: FormAnswer<never> | null, form: FormData) => Promise<FormAnswer<never>>;

/** One button that sends a link's token: opening the page did nothing yet. */
export function TokenForm({
  action,
  token,
  button,
  busy,
  second = false,
}: {
  action: Action;
  token: string;
  button: string;
  busy: string;
  /** The less likely of two. */
  second?: boolean;
}) {
  const [answer, send] = useActionState(action, null);
  return (
    <form action={send}>
      <FormProblem answer={answer} />
      <input type="hidden" name="token" value={token} />
      <Submit busy={busy} className={second ? "button second" : "button large"}>
        {button}
      </Submit>
    </form>
  );
}
