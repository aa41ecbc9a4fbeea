"use client";

import { useActionState } from "react";
import { askForCode } from "./actions";

export function AddressForm({ next, email }: { next: string; email: string }) {
  const [state, action, pending] = useActionState(askForCode, null);
  const failed = state?.ok === false ? state : null;
  const error = failed?.fields.email ?? failed?.message;
  return (
    <form action={action} noValidate>
      <input type="hidden" name="next" value={next} />
      <label htmlFor="email">E-mail address</label>
      <input
        id="email"
        name="email"
        type="email"
        inputMode="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={320}
        defaultValue={failed?.values?.email ?? email}
        key={failed?.values?.email ?? email}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? "email-error" : undefined}
        // biome-ignore lint/a11y/noAutofocus: the page has this one field and nothing to read past before it
        autoFocus
      />
      {error ? (
        <p className="error" id="email-error" role="alert">
          {error}
        </p>
      ) : null}
      <button type="submit" aria-disabled={pending}>
        {pending ? "Sending…" : "Send me a code"}
      </button>
    </form>
  );
}
