/** What always stays, and why. */

const alwaysKept: readonly { pattern: string; reason: string }[] = [
  { pattern: "OrganizationAccountAccessRole", reason: "the Organization's way into the account" },
  { pattern: "AWSControlTowerExecution", reason: "Control Tower's way into the account" },
  { pattern: "AWSReservedSSO_*", reason: "made by IAM Identity Center" },
  { pattern: "aws-controltower*", reason: "made by Control Tower" },
  { pattern: "stacksets-exec-*", reason: "StackSets run through it" },
  { pattern: "AWSCloudFormationStackSetExecutionRole", reason: "StackSets run through it" },
];

/** "Atelier*" → a test of whole names; `*` stands for anything, case counts. */
export function namePattern(pattern: string): RegExp {
  const literal = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`);
}

/**
 * A function from a role's name and path to the reason why it must stay, or undefined.
 * Paths: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function roleProtection(own: readonly string[]) {
  const rules = [
    ...own.map((pattern) => ({ test: namePattern(pattern), reason: "one of Atelier's own roles" })),
    ...alwaysKept.map(({ pattern, reason }) => ({ test: namePattern(pattern), reason })),
  ];
  return (name: string, path = "/"): string | undefined => {
    if (path.startsWith("/aws-service-role/")) return "a service-linked role: AWS removes it with its service";
    if (path.startsWith("/aws-reserved/")) return "reserved by AWS";
    return rules.find((rule) => rule.test.test(name))?.reason;
  };
}
