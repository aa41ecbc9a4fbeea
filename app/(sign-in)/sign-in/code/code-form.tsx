"use client";

import { useActionState } from "react";
import { enterCode, sendAgain } from "../actions";

export function CodeForm({ codeLength, addressPage }: { codeLength: number; addressPage: string }) {
  const [state, action, pending] = useActionState(enterCode, null);
  const [again, resend, resending] = useActionState(sendAgain, null);
  const failed = state?.ok === false ? state : null;
  const error = failed?.fields.code ?? failed?.message;
  const typed = failed?.values?.code ?? "";
  return (
    <>
      <form action={action} noValidate>
        <label htmlFor="code">Code of {codeLength} digits</label>
        <input
          id="code"
          className="code"
          name="code"
          type="text"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={40}
          defaultValue={typed}
          key={typed}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? "code-error" : undefined}
          // biome-ignore lint/a11y/noAutofocus: the page has this one field, and the code is copied into it
          autoFocus
        />
        {error ? (
          <p className="error" id="code-error" role="alert">
            {error}
          </p>
        ) : null}
        <button type="submit" aria-disabled={pending}>
          {pending ? "Checking…" : "Sign in"}
        </button>
      </form>
      <div className="others">
        <form action={resend}>
          <button type="submit" className="plain" aria-disabled={resending}>
            {resending ? "Sending…" : "Send a new code"}
          </button>
        </form>
        <a href={addressPage}>Use another address</a>
      </div>
      <p role="status" className={again && !again.ok ? "error" : "quiet"}>
        {again ? (again.ok ? "A new code is on its way; the one before no longer works." : again.message) : ""}
      </p>
    </>
  );
}
