import { SESClient, VerifyEmailIdentityCommand } from "@aws-sdk/client-ses";
import { beforeAll, expect, test } from "vitest";
import { CloudError, kindOf } from "@/server/aws/errors";
import { accountRequest, accountsIn, createAccount, describeOrganization } from "@/server/aws/organizations";
import { identityStatus, sendQuota, sendRawEmail } from "@/server/aws/ses";
import { forgetCredentials, inMember, memberCredentials } from "@/server/aws/sts";
import type { Env } from "@/server/env";
import { type Emulator, testEmulator } from "@/server/testing/emulator";
import { testEnv } from "@/server/testing/factories";

let aws: Emulator;
let env: Env;
beforeAll(async () => {
  aws = await testEmulator();
  process.env.AWS_ACCESS_KEY_ID = aws.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = aws.secretAccessKey;
  forgetCredentials();
  env = testEnv("postgresql://nobody@127.0.0.1:9/none", { AWS_ENDPOINT_URL: aws.endpoint });
});

test("a new account is asked for, followed by its request, and stands under the root of the Organization", async () => {
  const { requestId } = await createAccount(env, { name: "fresh", email: "fresh@atelier.example" });
  const request = await accountRequest(env, requestId);
  if (request.state !== "made") throw new Error(`The account is ${request.state}`);
  const { rootId, managementAccountId } = await describeOrganization(env);
  expect(managementAccountId).toBe(aws.managementAccountId);
  const found = (await accountsIn(env, rootId)).find(({ id }) => id === request.accountId);
  expect(found).toMatchObject({ name: "fresh", status: "ACTIVE", parentId: rootId });
});

test("a mail is sent from a verified identity with its id as a tag, and refused from one that is not", async () => {
  const credentials = { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey };
  const ses = new SESClient({ endpoint: aws.endpoint, region: env.AWS_REGION, credentials });
  await ses.send(new VerifyEmailIdentityCommand({ EmailAddress: "team@atelier.example" }));
  expect(await identityStatus(env, "team@atelier.example")).toBe("verified");
  expect(await identityStatus(env, "nobody@atelier.example")).toBe("unknown");
  expect(await sendQuota(env)).toEqual({ perDay: 200, perSecond: 1, sentLastDay: expect.any(Number) });
  const send = (from: string) => {
    const raw = Buffer.from(`From: ${from}\r\nTo: someone@customer.example\r\nSubject: Hello\r\n\r\nHello\r\n`);
    return sendRawEmail(env, { messageId: "msg_1", from, to: ["someone@customer.example"], raw }, async () => () => {});
  };
  expect((await send("team@atelier.example")).providerId).not.toBe("");
  const refused = await send("nobody@atelier.example").catch((error: unknown) => error);
  expect(kindOf(refused)).toBe("Refused");
});

test("credentials of an account are asked for once and shared, and asked for anew when AWS no longer takes them", async () => {
  const [account] = aws.accounts;
  const provider = memberCredentials(env, account!.id);
  const [one, two] = await Promise.all([provider(), memberCredentials(env, account!.id)()]);
  expect(two.accessKeyId).toBe(one.accessKeyId);
  const used: string[] = [];
  await inMember(env, account!.id, async (keys) => {
    const { accessKeyId } = await (keys as typeof provider)();
    used.push(accessKeyId);
    if (used.length === 1) throw new CloudError("UnknownKey", "ListBuckets", "InvalidClientTokenId");
  });
  expect(new Set(used).size).toBe(2);
});
