import { unstable_rethrow } from "next/navigation";
import { z } from "zod";
import { DomainError } from "@/server/errors";
import { type ActionResult, logBug } from "@/server/http/request";
import type { Language } from "@/server/languages/kinds";
import { type Say, said, waitIn } from "@/server/languages/languages";

/** Failures of public forms in the reader's language. */

/** The sentence of a zod issue: what its `params.say` names; in English its own message, else that the field needs a look. */
function issueIn(language: Language, issue: z.core.$ZodIssue): string {
  const say = issue.code === "custom" ? (issue.params?.say as Say | undefined) : undefined;
  if (say) return said(language, say);
  return language === "en" ? issue.message : said(language, { key: "field" });
}

function failedCheck(language: Language, error: z.ZodError): { message: string; fields: Record<string, string> } {
  const fields: Record<string, string> = {};
  for (const issue of error.issues) fields[issue.path.join(".") || "form"] ??= issueIn(language, issue);
  return { message: said(language, { key: "invalid", values: { count: Object.keys(fields).length } }), fields };
}

function failedCase(language: Language, error: DomainError): { message: string; fields: Record<string, string> } {
  const { say, sayFields = {}, fields = {}, retryAfterSeconds } = error.detail;
  const generic = (): string => {
    if (language === "en") return error.message;
    if (error.code === "too_many")
      return said(language, { key: "too_many", values: { wait: waitIn(language, retryAfterSeconds ?? 60) } });
    return said(language, { key: error.code, values: { count: Object.keys(fields).length } });
  };
  const words = (name: string, english: string): string => {
    const own = sayFields[name];
    if (own) return said(language, own);
    // Most failures of one field say the same as a whole.
    if (english === error.message && say) return said(language, say);
    return language === "en" ? english : said(language, { key: "field" });
  };
  return {
    message: say ? said(language, say) : generic(),
    fields: Object.fromEntries(Object.entries(fields).map(([name, english]) => [name, words(name, english)])),
  };
}

/**
 * A failure as the answer of a public form, in one of our languages, with what was typed. Bugs get a reference that stands in
 * the log, and no detail. What is no failure but Next's own signal (a redirect, a missing page) is thrown on.
 */
export function failureIn(language: Language, error: unknown, values?: Record<string, string>): ActionResult<never> {
  unstable_rethrow(error);
  if (error instanceof DomainError)
    return { ok: false, code: error.code, ...failedCase(language, error), reason: error.detail.reason, values };
  if (error instanceof z.ZodError) return { ok: false, code: "invalid", ...failedCheck(language, error), values };
  const message = said(language, { key: "bug", values: { reference: logBug(error) } });
  return { ok: false, code: "bug", message, fields: {}, values };
}
