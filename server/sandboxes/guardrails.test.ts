import { expect, test } from "vitest";
import { canaryAction } from "@/server/aws/iam";
import {
  baseGuardrails,
  closedGuardrails,
  leasePolicy,
  leaseRoleName,
  leaseTrust,
  leaseUserName,
  type Policy,
  profileGuardrails,
  servicePolicyLimit,
  storedPolicy,
  userPolicyLimit,
} from "@/server/sandboxes/guardrails";
import { evaluate } from "@/server/sandboxes/policy-evaluator";

const memberRole = "OrganizationAccountAccessRole";
const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const atelier = role(memberRole);
const attendee = role("AtelierLease-0rk4abc");
const theirUser = "arn:aws:iam::123456789012:user/mine";
const lentUser = `arn:aws:iam::123456789012:user/${leaseUserName}`;
/** Whoever may act in a lent account: the lease's role, the IAM user that is lent, and what the attendee makes. */
const holders = {
  "the lease's role": attendee,
  "the lent IAM user": lentUser,
  "a user that the attendee made": theirUser,
  "a role that the attendee made": role("theirs"),
  "a session of a federated user": "arn:aws:sts::123456789012:federated-user/bob",
  "the root user": "arn:aws:iam::123456789012:root",
};
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

test.each(Object.entries(holders))("%s stays in the profile's regions and services", (_name, principal) => {
  const allowed = ["s3:CreateBucket", "lambda:InvokeFunction"];
  for (const action of allowed) expect(ask(profile, principal, action), action).not.toBe("denied");
  for (const action of allowed) expect(ask(profile, principal, action, "*", "us-west-2"), action).toBe("denied");
  for (const action of ["ec2:RunInstances", "iam:CreateUser", "s3-outposts:CreateBucket", "lambdacore:Any"])
    expect(ask(profile, principal, action), action).toBe("denied");
  expect(ask(profile, principal, "S3:CREATEBUCKET")).not.toBe("denied");
  // Services without a region carry us-east-1, whatever the profile says; so does the call that proves the end of access.
  expect(ask(profile, principal, "sts:GetCallerIdentity", "*", "us-east-1")).not.toBe("denied");
  expect(ask(profile, principal, canaryAction, "*", "us-east-1")).not.toBe("denied");
  const withIam = profileGuardrails(memberRole, { regions: ["eu-west-1"], services: ["iam"] }, canaryAction)!;
  expect(ask(withIam, principal, "iam:CreateUser", theirUser, "us-east-1")).not.toBe("denied");
});

test("a profile that limits only regions, or only services, leaves the other open; one that limits neither has no document", () => {
  const regions = profileGuardrails(memberRole, { regions: ["eu-west-1"], services: [] }, canaryAction)!;
  expect(ask(regions, attendee, "ec2:RunInstances")).not.toBe("denied");
  expect(ask(regions, attendee, "ec2:RunInstances", "*", "us-west-2")).toBe("denied");
  const services = profileGuardrails(memberRole, { regions: [], services: ["s3"] }, canaryAction)!;
  expect(ask(services, attendee, "s3:CreateBucket", "*", "us-west-2")).not.toBe("denied");
  expect(ask(services, attendee, "ec2:RunInstances")).toBe("denied");
  expect(profileGuardrails(memberRole, { regions: [], services: [] }, canaryAction)).toBeNull();
});

test("Atelier's own role is spared by every document, in any region and for any service", () => {
  const asked = [
    ["ec2:TerminateInstances", "*"],
    ["iam:DeleteRole", attendee],
    ["iam:DeleteLoginProfile", lentUser],
    ["iam:CreateAccessKey", lentUser],
    ["cloudformation:CreateStack", "*"],
    ["ec2:PurchaseReservedInstancesOffering", "*"],
  ] as const;
  for (const document of [base, closed, profile])
    for (const [action, target] of asked)
      expect(ask(document, atelier, action, target, "us-west-2"), action).not.toBe("denied");
});

test("the IAM user that is lent can be looked at and not changed, by itself or by anybody whom the attendee makes", () => {
  const changes = [
    "iam:CreateAccessKey",
    "iam:UpdateAccessKey",
    "iam:DeleteAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    "iam:ChangePassword",
    "iam:PutUserPolicy",
    "iam:AttachUserPolicy",
    "iam:DeleteUserPolicy",
    "iam:DetachUserPolicy",
    "iam:PutUserPermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
    "iam:UpdateUser",
    "iam:TagUser",
    "iam:DeleteUser",
    "iam:CreateUser",
    "iam:EnableMFADevice",
    "iam:UploadSSHPublicKey",
    "iam:CreateServiceSpecificCredential",
  ];
  const all = { Statement: { Effect: "Allow", Action: "*", Resource: "*" } };
  const own: Policy = JSON.parse(leasePolicy(all, memberRole, canaryAction, "iam_user"));
  for (const action of changes) {
    for (const [name, principal] of Object.entries(holders))
      expect(ask(base, principal, action, lentUser), `${name} ${action}`).toBe("denied");
    // Also where the service control policy is missing.
    expect(ask(own, lentUser, action, lentUser), action).toBe("denied");
  }
  for (const action of ["iam:GetUser", "iam:ListAccessKeys"]) {
    expect(ask(base, lentUser, action, lentUser), action).not.toBe("denied");
    expect(ask(own, lentUser, action, lentUser), action).toBe("allowed");
  }
  // A user of the attendee's own is theirs, under the same guard rails.
  for (const action of ["iam:CreateUser", "iam:CreateAccessKey", "iam:AttachUserPolicy"])
    expect(ask(base, lentUser, action, theirUser), action).not.toBe("denied");
});

test("the lent IAM user makes no sessions that would outlive its keys; a role's holder is not kept from it", () => {
  const all = { Statement: { Effect: "Allow", Action: "*", Resource: "*" } };
  const user: Policy = JSON.parse(leasePolicy(all, memberRole, canaryAction, "iam_user"));
  for (const action of ["sts:GetSessionToken", "sts:GetFederationToken"])
    expect(ask(user, lentUser, action), action).toBe("denied");
  expect(ask(user, lentUser, "sts:GetCallerIdentity")).toBe("allowed");
  expect(ask(user, lentUser, "sts:AssumeRole", atelier)).toBe("allowed");
  expect(ask(base, lentUser, "sts:AssumeRole", atelier)).toBe("denied");
  const long = { Statement: [{ Effect: "Allow", Action: ["x".repeat(userPolicyLimit)], Resource: "*" }] };
  expect(() => leasePolicy(long, memberRole, canaryAction)).not.toThrow();
  expect(() => leasePolicy(long, memberRole, canaryAction, "iam_user")).toThrow("an IAM user takes 2048");
});

test("nobody in a lent account commits to a purchase, or takes it out of the Organization", () => {
  const refused = [
    "ec2:PurchaseHostReservation",
    "ec2:PurchaseCapacityBlock",
    "elasticache:PurchaseReservedCacheNodesOffering",
    "redshift:PurchaseReservedNodeOffering",
    "dynamodb:PurchaseReservedCapacityOfferings",
    "bedrock:CreateProvisionedModelThroughput",
    "sagemaker:CreateTrainingPlan",
    "snowball:CreateJob",
    "route53domains:TransferDomain",
    "organizations:LeaveOrganization",
    "account:CloseAccount",
    "iam:CreateAccountAlias",
  ];
  for (const [name, principal] of Object.entries(holders))
    for (const action of refused) expect(ask(base, principal, action), `${name} ${action}`).toBe("denied");
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
