import type { Policy, Statement } from "@/server/sandboxes/guardrails";

/**
 * For tests: what IAM would decide, for as much of the language as our documents use. By AWS's own rules: an explicit deny
 * wins, then an allow is needed; a service control policy that only denies leaves the rest to the others.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */

export type Request = {
  action: string;
  resource: string;
  /** Values of condition keys, such as aws:PrincipalArn. */
  context: Record<string, string>;
};

export type Decision = "allowed" | "denied" | "not_allowed";

const list = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

/** `*` is any text, `?` any character. */
function like(pattern: string, text: string, flags = ""): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${source}$`, flags).test(text);
}

/** Each of the six parts of an ARN is compared by itself. */
function arnLike(pattern: string, arn: string): boolean {
  const parts = (text: string) => {
    const [a, b, c, d, e, ...rest] = text.split(":");
    return [a, b, c, d, e, rest.join(":")];
  };
  const [wanted, given] = [parts(pattern), parts(arn)];
  return wanted.every((part, index) => like(part ?? "", given[index] ?? ""));
}

const operators: Record<string, (wanted: string[], given: string | undefined) => boolean> = {
  StringEquals: (wanted, given) => given !== undefined && wanted.includes(given),
  // Negated operators hold for a key that is not there.
  StringNotEquals: (wanted, given) => given === undefined || !wanted.includes(given),
  ArnLike: (wanted, given) => given !== undefined && wanted.some((pattern) => arnLike(pattern, given)),
  ArnNotLike: (wanted, given) => given === undefined || !wanted.some((pattern) => arnLike(pattern, given)),
};

function conditionsHold(statement: Statement, context: Record<string, string>): boolean {
  return Object.entries(statement.Condition ?? {}).every(([name, keys]) => {
    const operator = operators[name];
    if (!operator) throw new Error(`The evaluator does not know the operator ${name}`);
    return Object.entries(keys).every(([key, wanted]) => operator(list(wanted), context[key]));
  });
}

function concerns(statement: Statement, request: Request): boolean {
  const named = list(statement.Action ?? statement.NotAction).some((one) => like(one, request.action, "i"));
  if (named !== (statement.Action !== undefined)) return false;
  const of = list(statement.Resource ?? statement.NotResource);
  const there = of.some((one) => one === "*" || (one.startsWith("arn:") && arnLike(one, request.resource)));
  if (there !== (statement.Resource !== undefined)) return false;
  return conditionsHold(statement, request.context);
}

/** What one identity policy, or the denying part of a service control policy, says to a request. */
export function evaluate(policy: Policy, request: Request): Decision {
  const concerned = policy.Statement.filter((statement) => concerns(statement, request));
  if (concerned.some((statement) => statement.Effect === "Deny")) return "denied";
  return concerned.some((statement) => statement.Effect === "Allow") ? "allowed" : "not_allowed";
}
