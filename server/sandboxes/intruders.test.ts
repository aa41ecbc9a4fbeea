import {
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  UploadSSHPublicKeyCommand,
} from "@aws-sdk/client-iam";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CallProxy, startProxy } from "@/bench/lib/proxy";
import { listProviders } from "@/server/aws/iam-doors";
import { memberCredentials } from "@/server/aws/sts";
import { closedGuardrails } from "@/server/sandboxes/guardrails";
import { intruderWords, readIntruders, trustOf } from "@/server/sandboxes/intruders";
import { evaluate } from "@/server/sandboxes/policy-evaluator";
import { reserveLeases, startTakingBack, takeBack, temporaryKeys, vend } from "@/server/sandboxes/sandboxes";
import { attendee, makePool, openedWorkshop, startTestCloud, type TestCloud } from "@/server/sandboxes/test-pool";

let cloud: TestCloud;
let proxy: CallProxy;

beforeAll(async () => {
  cloud = await startTestCloud({ accounts: 1 });
  proxy = await startProxy(cloud.emulator.endpoint);
});
afterAll(async () => {
  await proxy.close();
  await cloud.close();
});

const own = "111122223333";
const trust = (Principal: unknown, more: object = {}) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole", ...more }],
  });

test.each([
  ["a service of AWS", trust({ Service: "lambda.amazonaws.com" }), "services"],
  ["a refusal", trust("*", { Effect: "Deny" }), "services"],
  ["the account itself", trust({ AWS: own }), "inside"],
  ["a user of the account", trust({ Service: "ec2.amazonaws.com", AWS: [`arn:aws:iam::${own}:user/me`] }), "inside"],
  ["another account", trust({ AWS: [`arn:aws:iam::${own}:root`, "arn:aws:iam::999900001111:root"] }), "outside"],
  ["another account's number alone", trust({ AWS: "999900001111" }), "outside"],
  ["anybody", trust("*"), "outside"],
  [
    "anybody, on a condition",
    trust({ AWS: "*" }, { Condition: { StringEquals: { "sts:ExternalId": "x" } } }),
    "outside",
  ],
  ["a principal that is gone", trust({ AWS: "AIDACKCEVSQ6C2EXAMPLE" }), "outside"],
  ["everybody but one", JSON.stringify({ Statement: { Effect: "Allow", NotPrincipal: { AWS: own } } }), "outside"],
  ["an identity provider", trust({ Federated: `arn:aws:iam::${own}:saml-provider/mine` }), "outside"],
  ["web identities", trust({ Federated: "cognito-identity.amazonaws.com" }), "outside"],
  [
    "certificates, by Roles Anywhere",
    trust({ Service: ["ec2.amazonaws.com", "rolesanywhere.amazonaws.com"] }),
    "outside",
  ],
  ["what cannot be read", "{", "outside"],
] as const)("a role that trusts %s is seen for what it is", (_, policy, expected) => {
  expect(trustOf(policy, new Set([own]))).toBe(expected);
});

test("in the closing unit no function, instance, user or provider of an attendee can act, and Atelier's role can", () => {
  const policy = closedGuardrails("OrganizationAccountAccessRole");
  const says = (principal: string, action: string) =>
    evaluate(policy, { action, resource: "*", context: { "aws:PrincipalArn": `arn:aws:iam::${own}:${principal}` } });
  const theirs = [
    "role/my-function",
    "role/service-role/my-function-role-x1",
    "role/my-instance",
    "user/mine",
    "role/evil/OrganizationAccountAccessRole",
    "user/OrganizationAccountAccessRole",
    "role/AtelierLease-01",
    "root",
  ];
  const acts = [
    "sts:AssumeRole",
    "s3:GetObject",
    "ec2:RunInstances",
    "iam:CreateUser",
    "lambda:InvokeFunction",
    "kms:Decrypt",
  ];
  for (const principal of theirs)
    for (const act of acts) expect([principal, act, says(principal, act)]).toEqual([principal, act, "denied"]);
  expect(says("role/OrganizationAccountAccessRole", "iam:DeleteUser")).toBe("not_allowed");
});

const client = (keys: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) => ({
  endpoint: cloud.emulator.endpoint,
  region: "eu-west-1",
  credentials: keys,
  maxAttempts: 1,
});

/** What somebody who wants to stay makes: a user with key, password and SSH key, two roles with live sessions, a provider. */
async function digIn(keys: Parameters<typeof client>[0]) {
  const iam = new IAMClient(client(keys));
  const UserName = "night-watch";
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(new CreateLoginProfileCommand({ UserName, Password: "correct-Horse-7-battery" }));
  const SSHPublicKeyBody = `ssh-rsa ${Buffer.alloc(279, 7).toString("base64")} me`;
  await iam.send(new UploadSSHPublicKeyCommand({ UserName, SSHPublicKeyBody }));
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const Url = "https://tokens.example.com";
  await iam.send(
    new CreateOpenIDConnectProviderCommand({ Url, ThumbprintList: ["a".repeat(40)], ClientIDList: ["x"] }),
  );
  const RoleName = "come-back";
  const AssumeRolePolicyDocument = trust({ AWS: "*" });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  const all = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "all", PolicyDocument: JSON.stringify(all) }));
  const assume = new AssumeRoleCommand({ RoleArn: Role!.Arn, RoleSessionName: "me" });
  const { Credentials: session } = await new STSClient(client(keys)).send(assume);
  return {
    user: { accessKeyId: key!.AccessKeyId!, secretAccessKey: key!.SecretAccessKey! },
    session: {
      accessKeyId: session!.AccessKeyId!,
      secretAccessKey: session!.SecretAccessKey!,
      sessionToken: session!.SessionToken!,
    },
  };
}

test("what an attendee made to stay in is refused as soon as the step of revoking is done, and the timeline names it", async () => {
  const pool = await makePool(cloud, 1);
  const { workshop, registrations } = await openedWorkshop(cloud, pool, 1);
  await cloud.db.$transaction((tx) => reserveLeases(cloud.system, tx, { workshopId: workshop.id }));
  const lease = await cloud.db.lease.findFirstOrThrow({
    where: { workshopId: workshop.id },
    include: { account: true },
  });
  await vend(cloud.system, { leaseId: lease.id });
  const dug = await digIn(await temporaryKeys(cloud.as(attendee(registrations[0]!)), {}));
  const buckets = () => new S3Client({ ...client(dug.session), forcePathStyle: true }).send(new ListBucketsCommand({}));
  await buckets();

  await cloud.db.workshop.update({ where: { id: workshop.id }, data: { state: "closing" } });
  await cloud.db.$transaction((tx) => startTakingBack(cloud.system, tx, { workshopId: workshop.id }));
  // Neither proof nor cleaning: only what moving and revoking do.
  let full = true;
  proxy.fault = ({ operation, body }) => {
    if (operation === "ListAccountAliases") return { kind: "cut", when: "before" };
    if (!full || operation !== "PutRolePolicy" || !body.includes("come-back")) return undefined;
    // The role's policies were filled to the limit, so that no denial has room.
    full = false;
    const error = "<Error><Type>Sender</Type><Code>LimitExceeded</Code><Message>10240</Message></Error>";
    return { kind: "answer", status: 409, body: `<ErrorResponse>${error}</ErrorResponse>` };
  };
  const began = performance.now();
  const proxied = cloud.as(
    { kind: "system", by: "clock" },
    { env: { ...cloud.env, AWS_ENDPOINT_URL: proxy.endpoint } },
  );
  await expect(takeBack(proxied, { leaseId: lease.id })).rejects.toThrow("not proved");

  const step = await cloud.db.closingStep.findFirstOrThrow({ where: { leaseId: lease.id, name: "revoke" } });
  expect([step.state, full]).toEqual(["done", false]);
  await expect(buckets()).rejects.toMatchObject({ name: "AccessDenied" });
  const asUser = new STSClient(client(dug.user)).send(new GetCallerIdentityCommand({}));
  await expect(asUser).rejects.toMatchObject({ name: "InvalidClientTokenId" });
  expect(await listProviders(cloud.env, memberCredentials(cloud.env, lease.account.awsAccountId))).toEqual([]);
  expect(intruderWords(readIntruders(step.detail))).toBe(
    "1 access key, 1 password, 1 other credential, 1 user, 1 role that trusted somebody outside and 1 identity provider that the attendee made were disabled: night-watch, come-back, tokens.example.com",
  );
  expect(performance.now() - began).toBeLessThan(60_000);
}, 60_000);
