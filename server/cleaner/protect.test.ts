import { expect, it } from "vitest";
import { roleProtection } from "@/server/cleaner/protect";

const [self, ours, stranger] = ["111122223333", "444455556666", "999999999999"];
const protection = roleProtection(["Atelier*", "MemberRole"], new Set([self, ours]));

function trust(principal: unknown): string {
  const Statement = [{ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" }];
  return encodeURIComponent(JSON.stringify({ Version: "2012-10-17", Statement }));
}

it.each([
  ["the Organization's role", { name: "OrganizationAccountAccessRole" }],
  ["a role that was named whole", { name: "MemberRole", trust: trust({ AWS: `arn:aws:iam::${stranger}:root` }) }],
  ["a service-linked role", { name: "AWSServiceRoleForX", path: "/aws-service-role/x.amazonaws.com/" }],
  ["a role of Identity Center", { name: "AWSReservedSSO_A_1", path: "/aws-reserved/sso.amazonaws.com/eu-west-1/" }],
  [
    "a role by Atelier's pattern that trusts Atelier",
    { name: "AtelierLease-1", trust: trust({ AWS: `arn:aws:iam::${ours}:role/base` }) },
  ],
  [
    "a StackSet role that trusts its service",
    { name: "stacksets-exec-1", trust: trust({ Service: "member.org.stacksets.cloudformation.amazonaws.com" }) },
  ],
  ["a role that trusts an account by its bare id", { name: "AtelierLease-2", trust: trust({ AWS: [ours, self] }) }],
])("keeps %s", (_what, role) => {
  expect(protection(role)).toBeTypeOf("string");
});

it.each([
  ["a role of theirs", { name: "theirs", trust: trust({ AWS: ours }) }],
  ["a back door named like ours", { name: "AtelierLease-3", trust: trust({ AWS: `arn:aws:iam::${stranger}:root` }) }],
  [
    "one hidden among the trusted",
    { name: "AtelierLease-3", trust: trust({ AWS: [ours, `arn:aws:iam::${stranger}:user/x`] }) },
  ],
  ["one that trusts everybody", { name: "aws-controltower-x", trust: trust("*") }],
  ["one that trusts everybody's AWS", { name: "aws-controltower-x", trust: trust({ AWS: "*" }) }],
  [
    "one that trusts an outside identity provider",
    { name: "stacksets-exec-x", trust: trust({ Federated: "accounts.google.com" }) },
  ],
  [
    "one that claims Identity Center's name without its path",
    { name: "AWSReservedSSO_A_1", trust: trust({ AWS: ours }) },
  ],
  ["one whose trust cannot be read", { name: "AtelierLease-4", trust: "%7Bnot json" }],
  ["one whose trust is not told", { name: "AtelierLease-4" }],
])("does not keep %s", (_what, role) => {
  expect(protection(role)).toBeUndefined();
});
