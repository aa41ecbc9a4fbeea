import { expect, test } from "vitest";
import { canaryAction } from "@/server/aws/iam";
import {
  baseGuardrails,
  closedGuardrails,
  leasePolicy,
  leaseRoleName,
  leaseTrust,
  type Policy,
  profileGuardrails,
  servicePolicyLimit,
  storedPolicy,
} from "@/server/sandboxes/guardrails";
import { evaluate } from "@/server/sandboxes/policy-evaluator";

const memberRole = "OrganizationAccountAccessRole";
const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const atelier = role(memberRole);
const attendee = role("AtelierLease-0rk4abc");
const theirUser = "arn:aws:iam::123456789012:user/mine";
const base = baseGuardrails(memberRole);
const closed = closedGuardrails(memberRole);
const profile = profileGuardrails(memberRole, { regions: ["eu-west-1"], services: ["s3", "lambda"] }, canaryAction)!;

function ask(policy: Policy, principal: string, action: string, resource = "*", region = "eu-west-1") {
  return evaluate(policy, {
    action,
    resource,
    context: { "aws:PrincipalArn": principal, "aws:RequestedRegion": region },
  });
}

test("nobody in an account but Atelier touches Atelier's role and the roles of leases", () => {
  for (const action of [
    "iam:DeleteRole",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
    "iam:PassRole",
    "sts:AssumeRole",
  ])
    for (const target of [atelier, attendee]) {
      expect(ask(base, attendee, action, target), `${action} ${target}`).toBe("denied");
      expect(ask(base, theirUser, action, target)).toBe("denied");
      expect(ask(base, atelier, action, target)).not.toBe("denied");
    }
  expect(ask(base, attendee, "iam:CreateRole", role("theirs"))).not.toBe("denied");
  expect(ask(base, attendee, "sts:AssumeRole", role("theirs"))).not.toBe("denied");
});

test("a role that only looks like Atelier's is not spared", () => {
  const lookalikes = [
    role(`team/${memberRole}`),
    role(`${memberRole}2`),
    `arn:aws:iam::123456789012:user/${memberRole}`,
    "arn:aws:iam::123456789012:root",
  ];
  for (const principal of lookalikes)
    for (const document of [base, closed])
      expect(ask(document, principal, "iam:DeleteRole", attendee), principal).toBe("denied");
});

test("nobody leaves the Organization, buys, or changes the account; ordinary work goes on", () => {
  const refused = [
    "organizations:LeaveOrganization",
    "account:EnableRegion",
    "account:CloseAccount",
    "account:PutContactInformation",
    "ec2:PurchaseReservedInstancesOffering",
    "rds:PurchaseReservedDBInstancesOffering",
    "savingsplans:CreateSavingsPlan",
    "route53domains:RegisterDomain",
    "aws-marketplace:Subscribe",
    "shield:CreateSubscription",
  ];
  for (const action of refused) expect(ask(base, attendee, action), action).toBe("denied");
  for (const action of ["ec2:RunInstances", "s3:CreateBucket", "organizations:DescribeOrganization", "iam:CreateUser"])
    expect(ask(base, attendee, action), action).not.toBe("denied");
});

test("in the closing unit everything is denied to everybody but Atelier", () => {
  for (const principal of [attendee, theirUser, "arn:aws:iam::123456789012:root", role("theirs")])
    for (const action of ["s3:ListAllMyBuckets", "sts:AssumeRole", "iam:CreateAccessKey", canaryAction])
      expect(ask(closed, principal, action)).toBe("denied");
  expect(ask(closed, atelier, "ec2:TerminateInstances")).not.toBe("denied");
});

test("a profile keeps attendees to its regions and services, and lets global services, the canary and Atelier through", () => {
  expect(ask(profile, attendee, "s3:CreateBucket")).not.toBe("denied");
  expect(ask(profile, attendee, "s3:CreateBucket", "*", "us-west-2")).toBe("denied");
  expect(ask(profile, attendee, "ec2:RunInstances")).toBe("denied");
  expect(ask(profile, attendee, "sts:GetCallerIdentity", "*", "us-east-1")).not.toBe("denied");
  expect(ask(profile, attendee, canaryAction, "*", "us-east-1")).not.toBe("denied");
  expect(ask(profile, atelier, "ec2:TerminateInstances", "*", "us-west-2")).not.toBe("denied");
  const open = { regions: [], services: [] };
  expect(profileGuardrails(memberRole, open, canaryAction)).toBeNull();
});

test("every document fits AWS's limit, also with a long list of regions and services", () => {
  const regions = Array.from({ length: 17 }, (_, index) => `ap-southeast-${index}`);
  const services = Array.from({ length: 60 }, (_, index) => `some-longer-service-${index}`);
  const wide = profileGuardrails(memberRole, { regions, services }, canaryAction)!;
  for (const document of [base, closed, profile, wide])
    expect(storedPolicy("x", document).content.length).toBeLessThanOrEqual(servicePolicyLimit);
  const endless = { regions: [], services: services.flatMap((one) => [one, `${one}-a`, `${one}-b`, `${one}-c`]) };
  expect(() => storedPolicy("x", profileGuardrails(memberRole, endless, canaryAction)!)).toThrow("AWS takes 5120");
});

test("a lease's role trusts one principal by its ARN, and anything wider is refused", () => {
  const trust = leaseTrust("arn:aws:iam::999999999999:role/atelier");
  expect(trust.Statement).toEqual([
    { Effect: "Allow", Principal: { AWS: "arn:aws:iam::999999999999:role/atelier" }, Action: "sts:AssumeRole" },
  ]);
  const wider = [
    "*",
    "arn:aws:iam::*:root",
    "arn:aws:iam::999999999999:root",
    "arn:aws:iam::999999999999:role/*",
    "999999999999",
  ];
  for (const principal of wider) expect(() => leaseTrust(principal), principal).toThrow("must trust one role");
});

test("a lease's role may what its profile says and the canary's call, and never touches Atelier's roles", () => {
  const all = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } };
  const wide: Policy = JSON.parse(leasePolicy(all, memberRole, canaryAction));
  expect(ask(wide, attendee, "ec2:RunInstances")).toBe("allowed");
  expect(ask(wide, attendee, "iam:PutRolePolicy", attendee)).toBe("denied");
  const some = { Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] };
  const narrow: Policy = JSON.parse(leasePolicy(some, memberRole, canaryAction));
  expect(ask(narrow, attendee, canaryAction)).toBe("allowed");
  expect(ask(narrow, attendee, "iam:CreateUser")).toBe("not_allowed");
  expect(() => leasePolicy({ Statement: [] }, memberRole, canaryAction)).toThrow();
  expect(() =>
    leasePolicy({ Statement: [{ Effect: "Allow", Action: "x".repeat(11_000) }] }, memberRole, canaryAction),
  ).toThrow("a role takes 10240");
});

test("the name of a lease's role fits IAM and says nothing but the lease", () => {
  expect(leaseRoleName("lse_0rk4abcdefghjkmnpqrstvwxyz")).toBe("AtelierLease-0rk4abcdefghjkmnpqrstvwxyz");
  expect(leaseRoleName(`lse_${"0".repeat(26)}`).length).toBeLessThanOrEqual(64);
});
