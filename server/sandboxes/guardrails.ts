import { createHash } from "node:crypto";
import { z } from "zod";

/**
 * Every policy document that Atelier writes: service control policies of a team's units, and trust and permissions of a
 * lease's role. Pure, so that a policy evaluator can test them: the emulator stores service control policies and does not
 * enforce them. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
 */

/**
 * AWS's limits in characters: for a service control policy, and for all inline policies of a role or of a user together.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
 */
export const servicePolicyLimit = 5_120;
export const rolePolicyLimit = 10_240;
export const userPolicyLimit = 2_048;

export const leaseRolePrefix = "AtelierLease-";
/** Name of the IAM user that is lent by profiles of that kind. One for an account, since an account has one holder. */
export const leaseUserName = "attendee";

/** Name of a lease's role: the lease's id without its prefix, so that it says nothing about anybody. */
export function leaseRoleName(leaseId: string): string {
  return `${leaseRolePrefix}${leaseId.replace(/^lse_/, "")}`;
}

export type Statement = {
  Sid?: string;
  Effect: "Allow" | "Deny";
  Principal?: { AWS: string };
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
};
export type Policy = { Version: "2012-10-17"; Statement: Statement[] };

const policyOf = (Statement: Statement[]): Policy => ({ Version: "2012-10-17", Statement });

/** Spares Atelier's own role in the accounts, so that the cleaner sees and may do everything. */
const unlessAtelier = (memberRole: string) => ({
  ArnNotLike: { "aws:PrincipalArn": `arn:*:iam::*:role/${memberRole}` },
});

const ownRoles = (memberRole: string) => [`arn:*:iam::*:role/${memberRole}`, `arn:*:iam::*:role/${leaseRolePrefix}*`];
const ownUser = `arn:*:iam::*:user/${leaseUserName}`;
const looking = ["iam:Get*", "iam:List*"];

const purchases = [
  "aws-marketplace:AcceptAgreement*",
  "aws-marketplace:CreateAgreementRequest",
  "aws-marketplace:Subscribe",
  "bedrock:CreateProvisionedModelThroughput",
  "dynamodb:PurchaseReservedCapacityOfferings",
  "ec2:AcceptReservedInstancesExchangeQuote",
  "ec2:CreateReservedInstancesListing",
  "ec2:ModifyReservedInstances",
  "ec2:Purchase*",
  "eks:CreateEksAnywhereSubscription",
  "elasticache:PurchaseReservedCacheNodesOffering",
  "es:PurchaseReserved*",
  "glacier:PurchaseProvisionedCapacity",
  "mediaconnect:PurchaseOffering",
  "medialive:PurchaseOffering",
  "memorydb:PurchaseReservedNodesOffering",
  "outposts:CreateOrder",
  "rds:PurchaseReservedDBInstancesOffering",
  "redshift-serverless:CreateReservation",
  "redshift:AcceptReservedNodeExchange",
  "redshift:PurchaseReservedNodeOffering",
  "route53domains:Accept*",
  "route53domains:RegisterDomain",
  "route53domains:RenewDomain",
  "route53domains:TransferDomain*",
  "sagemaker:CreateTrainingPlan",
  "savingsplans:CreateSavingsPlan",
  "shield:CreateSubscription",
  "snowball:Create*",
];

const accountSettings = [
  "account:AcceptPrimaryEmailUpdate",
  "account:CloseAccount",
  "account:DeleteAlternateContact",
  "account:DisableRegion",
  "account:EnableRegion",
  "account:Put*",
  "account:StartPrimaryEmailUpdate",
  "billing:Update*",
  "iam:CreateAccountAlias",
  "iam:DeleteAccountAlias",
  "iam:DeleteAccountPasswordPolicy",
  "iam:UpdateAccountPasswordPolicy",
  "organizations:LeaveOrganization",
  "payments:Create*",
  "payments:Update*",
  "s3:PutAccountPublicAccessBlock",
];

/** On every account of a team: Atelier's roles cannot be touched, the account stays as it is, and nothing is bought. */
export function baseGuardrails(memberRole: string): Policy {
  const everywhere = { Resource: "*", Condition: unlessAtelier(memberRole) };
  return policyOf([
    {
      Sid: "KeepAtelierRoles",
      Effect: "Deny",
      Action: ["iam:*", "sts:AssumeRole"],
      Resource: ownRoles(memberRole),
      Condition: unlessAtelier(memberRole),
    },
    {
      // Its holder may look at it, as consoles and tools do, and not change its password, keys, policies or tags.
      Sid: "KeepAtelierUser",
      Effect: "Deny",
      NotAction: looking,
      Resource: ownUser,
      Condition: unlessAtelier(memberRole),
    },
    { Sid: "KeepAccount", Effect: "Deny", Action: accountSettings, ...everywhere },
    { Sid: "BuyNothing", Effect: "Deny", Action: purchases, ...everywhere },
  ]);
}

/** On accounts that are being emptied or set aside: nobody but Atelier does anything. */
export function closedGuardrails(memberRole: string): Policy {
  return policyOf([
    { Sid: "Closed", Effect: "Deny", Action: "*", Resource: "*", Condition: unlessAtelier(memberRole) },
  ]);
}

/** Services without a region of their own: their calls carry us-east-1 wherever they come from. */
const globalServices = [
  "account:*",
  "budgets:*",
  "ce:*",
  "cloudfront:*",
  "ec2:DescribeRegions",
  "globalaccelerator:*",
  "health:*",
  "iam:*",
  "organizations:*",
  "pricing:*",
  "route53:*",
  "s3:GetBucketLocation",
  "s3:ListAllMyBuckets",
  "shield:*",
  "sts:*",
  "support:*",
  "trustedadvisor:*",
  "waf:*",
  "wafv2:*",
];

/** What stays open under a list of services: knowing who one is, and the canary's call. */
const always = (canary: string) => [canary, "sts:*", "ec2:DescribeRegions", "account:ListRegions"];

/** On leased accounts of a sandbox profile: its regions and services. Null where the profile limits neither. */
export function profileGuardrails(
  memberRole: string,
  profile: { regions: readonly string[]; services: readonly string[] },
  canary: string,
): Policy | null {
  const statements: Statement[] = [];
  const condition = unlessAtelier(memberRole);
  if (profile.regions.length > 0)
    statements.push({
      Sid: "RegionsOfProfile",
      Effect: "Deny",
      NotAction: globalServices,
      Resource: "*",
      Condition: { ...condition, StringNotEquals: { "aws:RequestedRegion": [...profile.regions].sort() } },
    });
  if (profile.services.length > 0)
    statements.push({
      Sid: "ServicesOfProfile",
      Effect: "Deny",
      NotAction: [...new Set([...profile.services.map((service) => `${service}:*`), ...always(canary)])].sort(),
      Resource: "*",
      Condition: condition,
    });
  return statements.length > 0 ? policyOf(statements) : null;
}

/** Who may assume a lease's role: the base principal by its ARN and nobody else. */
export function leaseTrust(basePrincipal: string): Policy {
  if (!/^arn:[\w-]+:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/.test(basePrincipal))
    throw new Error(`A lease's role must trust one role or user by its ARN, not "${basePrincipal}"`);
  return policyOf([{ Effect: "Allow", Principal: { AWS: basePrincipal }, Action: "sts:AssumeRole" }]);
}

const statement = z.looseObject({ Effect: z.enum(["Allow", "Deny"]) });
const identityPolicy = z.object({
  Statement: z.union([statement.transform((one) => [one]), z.array(statement).min(1)]),
});

/** The kinds of credential that a lease can have. */
export type LeaseCredential = "role" | "iam_user";

/**
 * What a lease's role or IAM user may: the profile's policy, and the canary's call; and never Atelier's own roles and user,
 * also where a service control policy is missing. A user makes no sessions of its own, which would outlive its keys. Throws
 * where the profile's policy is no policy or too long.
 */
export function leasePolicy(
  profilePolicy: unknown,
  memberRole: string,
  canary: string,
  kind: LeaseCredential = "role",
): string {
  const parsed = identityPolicy.safeParse(profilePolicy);
  if (!parsed.success) throw new Error("The sandbox profile has no IAM policy, so its accounts cannot be lent");
  const own = parsed.data.Statement;
  const text = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      ...own,
      { Sid: "AtelierCanary", Effect: "Allow", Action: canary, Resource: "*" },
      { Sid: "AtelierRoles", Effect: "Deny", Action: "iam:*", Resource: ownRoles(memberRole) },
      { Sid: "AtelierUser", Effect: "Deny", NotAction: looking, Resource: ownUser },
      ...(kind === "iam_user" ? [{ Sid: "AtelierSessions", Effect: "Deny", Action: userSessions, Resource: "*" }] : []),
    ],
  });
  const [limit, holder] = kind === "role" ? [rolePolicyLimit, "a role"] : [userPolicyLimit, "an IAM user"];
  const length = text.length + denialRoom;
  if (length > limit)
    throw new Error(
      `The sandbox profile's policy has ${length} characters with Atelier's part; ${holder} takes ${limit}`,
    );
  return text;
}

/** Kept free for the denial that is put beside it when access is taken away: it counts for the same limit. */
const denialRoom = 120;

/** How an IAM user would turn its keys into sessions. */
const userSessions = ["sts:GetFederationToken", "sts:GetSessionToken"];

/** A service control policy ready to be stored. The name of a profile's is the profile's id, so that it can be renamed. */
export function storedPolicy(name: string, policy: Policy): { name: string; description: string; content: string } {
  const content = JSON.stringify(policy);
  if (content.length > servicePolicyLimit)
    throw new Error(`The policy ${name} has ${content.length} characters; AWS takes ${servicePolicyLimit}`);
  const short = createHash("sha256").update(content).digest("hex").slice(0, 8);
  return { name, description: `Guard rails made by Atelier (${short})`, content };
}
