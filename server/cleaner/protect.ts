/** Which roles always stay, and why. */

/** What is known of a role before it is looked at closely. */
export type RoleFacts = {
  name: string;
  path?: string;
  /** Its trust policy as IAM answers it: URL-encoded JSON. */
  trust?: string;
};

/** Names that other parts of an Organization use; anyone in the account may take such a name, so the trust decides. */
const organizationNames: readonly { pattern: string; reason: string }[] = [
  { pattern: "AWSControlTowerExecution", reason: "Control Tower's way into the account" },
  { pattern: "aws-controltower*", reason: "made by Control Tower" },
  { pattern: "stacksets-exec-*", reason: "StackSets run through it" },
  { pattern: "AWSCloudFormationStackSetExecutionRole", reason: "StackSets run through it" },
];

/** "Atelier*" → a test of whole names; `*` stands for anything, case counts. */
function namePattern(pattern: string): RegExp {
  const literal = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`);
}

/**
 * A function from a role to the reason why it must stay, or undefined.
 *
 * Paths are proof: nobody but AWS makes roles under `/aws-service-role/` and `/aws-reserved/`
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html). Whole names, of `own` and the
 * Organization's, are as well: they were there first and are guarded. A name that only fits a pattern is none: an attendee
 * may give it to a back door. Such a role stays only while it trusts nobody but AWS services, the account itself and
 * `trusted` accounts.
 */
export function roleProtection(own: readonly string[], trusted: ReadonlySet<string>) {
  const exact = new Set(own.filter((name) => !name.includes("*")));
  const rules = [
    ...own.filter((name) => name.includes("*")).map((pattern) => ({ pattern, reason: "one of Atelier's own roles" })),
    ...organizationNames,
  ].map(({ pattern, reason }) => ({ test: namePattern(pattern), reason }));

  return ({ name, path = "/", trust }: RoleFacts): string | undefined => {
    if (path.startsWith("/aws-service-role/")) return "a service-linked role: AWS removes it with its service";
    if (path.startsWith("/aws-reserved/")) return "made by IAM Identity Center or another part of AWS";
    if (name === "OrganizationAccountAccessRole") return "the Organization's way into the account";
    if (exact.has(name)) return "one of Atelier's own roles";
    const rule = rules.find((one) => one.test.test(name));
    return rule && trustsOnly(trust, trusted) ? rule.reason : undefined;
  };
}

/** Whether a trust policy names nobody but AWS services and these accounts. What cannot be read is taken as no. */
function trustsOnly(trust: string | undefined, accounts: ReadonlySet<string>): boolean {
  try {
    const policy: unknown = JSON.parse(decodeURIComponent(trust ?? ""));
    const statements = field(policy, "Statement");
    return list(statements).every((statement) => {
      const principal = field(statement, "Principal");
      if (typeof principal !== "object" || principal === null) return field(statement, "Effect") === "Deny";
      return Object.entries(principal).every(
        ([kind, names]) => kind === "Service" || (kind === "AWS" && list(names).every((one) => isOf(accounts, one))),
      );
    });
  } catch {
    return false;
  }
}

/** "123456789012" or "arn:aws:iam::123456789012:…". */
function isOf(accounts: ReadonlySet<string>, principal: unknown): boolean {
  const id = typeof principal === "string" ? /^(?:arn:[^:]+:[^:]+::)?(\d{12})(?::|$)/.exec(principal)?.[1] : undefined;
  return id !== undefined && accounts.has(id);
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}
