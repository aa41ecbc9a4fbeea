"use client";

import { type InputHTMLAttributes, type ReactNode, useEffect, useRef } from "react";
import { useFormStatus } from "react-dom";

/** What an action of a public form answers; the shape of server/http/request.ts#ActionResult. */
export type FormAnswer<T = unknown> =
  | { ok: true; value: T; message?: string }
  | { ok: false; code: string; message: string; fields: Record<string, string>; values?: Record<string, string> };

type FieldProps = Omit<InputHTMLAttributes<HTMLInputElement>, "name"> & {
  name: string;
  label: string;
  /** "(optional)", where it is. */
  optional?: string;
  hint?: string;
  answer: FormAnswer | null;
  /** This field is the first with an error: without script the browser puts the focus here. */
  first?: boolean;
};

/** A labelled field with its error beside it, keeping what was typed. */
export function Field({ name, label, optional, hint, answer, first, ...input }: FieldProps) {
  const failed = answer && !answer.ok ? answer : null;
  const error = failed?.fields[name];
  const id = input.id ?? name;
  const described = [error ? `${id}-error` : "", hint ? `${id}-hint` : ""].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>
        {label} {optional ? <span className="optional">{optional}</span> : null}
      </label>
      <input
        type="text"
        {...input}
        id={id}
        name={name}
        dir="auto"
        defaultValue={failed?.values?.[name] ?? input.defaultValue}
        aria-invalid={error ? true : undefined}
        aria-describedby={described || undefined}
        // biome-ignore lint/a11y/noAutofocus: after a refused form, so that the focus is on the first error without script
        autoFocus={first}
      />
      {hint ? (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      ) : null}
      {error ? (
        <p id={`${id}-error`} className="error">
          {error}
        </p>
      ) : null}
    </div>
  );
}

/** What went wrong with a form as a whole; fields say their own. */
export function FormProblem({ answer }: { answer: FormAnswer | null }) {
  const box = useRef<HTMLDivElement>(null);
  const failed = answer && !answer.ok ? answer : null;
  useEffect(() => {
    if (!failed) return;
    const field = box.current?.closest("form")?.querySelector<HTMLElement>("[aria-invalid=true]");
    (field ?? box.current)?.focus();
  }, [failed]);
  if (!failed) return null;
  return (
    <div
      ref={box}
      className="banner bad"
      role="alert"
      tabIndex={-1}
      // biome-ignore lint/a11y/noAutofocus: after a refused form without script, where no field is wrong
      autoFocus={Object.keys(failed.fields).length === 0}
    >
      <p>{failed.message}</p>
    </div>
  );
}

/** A button that says what is being done while it is being done, and cannot be pressed twice. */
export function Submit({
  children,
  busy,
  className = "button",
}: {
  children: ReactNode;
  busy: string;
  className?: string;
}) {
  const { pending } = useFormStatus();
  return (
    <button
      type="submit"
      className={className}
      aria-disabled={pending}
      onClick={(event) => pending && event.preventDefault()}
    >
      {pending ? busy : children}
    </button>
  );
}

/** The first field, in the order of the form, that has an error. */
export function firstError(answer: FormAnswer | null, order: readonly string[]): string | undefined {
  return answer && !answer.ok ? order.find((name) => answer.fields[name]) : undefined;
}
