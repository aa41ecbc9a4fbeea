import { headers } from "next/headers";
import { unstable_rethrow } from "next/navigation";
import { z } from "zod";
import { logger } from "@/server/context";
import { env } from "@/server/env";
import { DomainError } from "@/server/errors";
import { makeToken } from "@/server/ids";

/** What a form or a button gets back. `values` is what was typed, so that nothing is lost without JavaScript. */
export type ActionResult<T = undefined> =
  | { ok: true; value: T; message?: string }
  | {
      ok: false;
      code: string;
      message: string;
      fields: Record<string, string>;
      /** Which of several failures with this code it is, where the caller can do something about it. */
      reason?: string;
      /** How many accounts of the pool are missing. */
      missing?: number;
      values?: Record<string, string>;
    };

/** The address of the client: the entry that the last trusted proxy wrote, else "direct" (a flood limit only uses it). */
export async function clientAddress(): Promise<string> {
  const { TRUSTED_PROXIES } = env();
  const chain = ((await headers()).get("x-forwarded-for") ?? "").split(",").map((part) => part.trim());
  return (TRUSTED_PROXIES > 0 && chain.at(-TRUSTED_PROXIES)) || "direct";
}

/** Refuses a form that did not come from a page of ours. Next lets a request without an Origin header through; we do not. */
export async function checkOrigin(): Promise<void> {
  const head = await headers();
  const origin = head.get("origin");
  const host = (env().TRUSTED_PROXIES > 0 && head.get("x-forwarded-host")) || head.get("host");
  if (origin && URL.canParse(origin) && new URL(origin).host === host) return;
  throw new DomainError(
    "forbidden",
    "This form was not sent from this site. Open the page again and send it from there.",
  );
}

/** Errors of a zod check as one sentence for each field. */
export function fieldErrors(error: z.ZodError): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const issue of error.issues) fields[issue.path.join(".") || "form"] ??= issue.message;
  return fields;
}

/** Checks input from outside; a failure is an `invalid` that names each field and says why. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields = fieldErrors(parsed.error);
  const count = Object.keys(fields).length;
  throw new DomainError("invalid", count === 1 ? Object.values(fields)[0]! : `Look at ${count} fields below.`, {
    fields,
  });
}

/** A failure as the answer of an action. Bugs get a reference that stands in the log, and no detail. */
export function failure(error: unknown, values?: Record<string, string>): ActionResult<never> {
  unstable_rethrow(error);
  if (error instanceof DomainError)
    return {
      ok: false,
      code: error.code,
      message: error.message,
      fields: error.detail.fields ?? {},
      reason: error.detail.reason,
      missing: error.detail.missing,
      values,
    };
  if (error instanceof z.ZodError)
    return { ok: false, code: "invalid", message: "Some fields need a look.", fields: fieldErrors(error), values };
  const reference = logBug(error);
  return {
    ok: false,
    code: "bug",
    message: `Something broke on our side, nothing was changed. Try again; if it stays, tell us the reference ${reference}.`,
    fields: {},
    values,
  };
}

/** Logs an unexpected error; returns the reference that it stands under, for whoever met it. */
export function logBug(error: unknown): string {
  const reference = makeToken().slice(0, 8);
  logger().error({ reference, err: error }, "action failed");
  return reference;
}

/** The text fields of a form, as typed. */
export function formValues(form: FormData): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of form) if (typeof value === "string" && !name.startsWith("$ACTION")) values[name] = value;
  return values;
}

export function cookieOptions(maxAgeSeconds: number) {
  return {
    httpOnly: true,
    sameSite: "lax" as const,
    secure: env().PUBLIC_URL.startsWith("https://"),
    path: "/",
    maxAge: maxAgeSeconds,
  };
}
