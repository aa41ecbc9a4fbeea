import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { CreateRoleCommand, IAMClient, ListUsersCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, expect, it } from "vitest";
import { accessPath } from "@/server/aws/access";
import { assumeRoleCredentials, type Credentials, clientOptions } from "@/server/aws/clients";
import { wayInto } from "@/server/cleaner/accounts";
import { cloudOf } from "@/server/cleaner/command-io";
import { accessTrust } from "@/server/cleaner/credentials";
import { commandLine } from "@/server/cleaner/test-command";
import { startEmulator } from "@/server/testing/emulator";

/** A sign-in page of this machine, in place of AWS's: the emulator has none. */
const signIn = createServer((_request, response) => response.end(JSON.stringify({ SigninToken: "one-use" })));
let signInUrl: string;
let aws: Awaited<ReturnType<typeof startEmulator>>;
let line: ReturnType<typeof commandLine>;
beforeAll(async () => {
  aws = await startEmulator({ accounts: 2, regions: ["eu-west-1"] });
  line = commandLine(aws);
  await new Promise<void>((listening) => signIn.listen(0, "127.0.0.1", listening));
  signInUrl = `http://127.0.0.1:${(signIn.address() as AddressInfo).port}/federation`;
});
afterAll(async () => {
  signIn.close();
  await aws?.stop();
});

const id = (index: number) => aws.accounts[index]?.id ?? "";
const iam = (credentials: Credentials) =>
  new IAMClient(clientOptions({ region: "eu-west-1", credentials, endpoint: aws.endpoint, attempts: 1 }));
/** How AWS answers to a call with these keys. */
const answerTo = (credentials: Credentials) =>
  iam(credentials)
    .send(new ListUsersCommand({}))
    .then(
      () => "allowed",
      (error: Error) => error.name,
    );
const into = (account: string) => {
  const io = { args: [], env: line.env, out: () => {}, err: () => {}, terminal: false };
  return wayInto(cloudOf(io, "OrganizationAccountAccessRole"), account);
};

async function generate(account: string, ...more: string[]) {
  const env = { ...line.env, AWS_SIGNIN_URL: signInUrl };
  const said = await line.command(["credentials", "generate", "--account", account, "--json", ...more], { env });
  expect(said).toMatchObject({ code: 0, err: "" });
  return JSON.parse(said.out);
}

it("makes a role's session that works until it is revoked, is found from any machine, and leaves nothing behind", async () => {
  const access = await generate(id(0));
  expect(access).toMatchObject({
    kind: "role",
    account: id(0),
    console: expect.stringContaining("SigninToken=one-use"),
  });
  expect(Date.parse(access.expires) - Date.now()).toBeGreaterThan(3_500_000);
  expect(Date.parse(access.expires) - Date.now()).toBeLessThanOrEqual(3_600_000);
  expect(await answerTo(access)).toBe("allowed");
  const status = await line.command(["status", "--account", id(0)]);
  expect(status.out).toContain(`role ${access.principal} until`);

  const elsewhere = { ...line.env, ATELIER_CLEANER_STATE: join(line.folder, "another-machine") };
  const revoked = await line.command(["credentials", "revoke", "--account", id(0)], { env: elsewhere });
  expect(revoked).toMatchObject({
    code: 0,
    out: expect.stringContaining(`role ${access.principal}: a session that was`),
  });
  expect(await answerTo(access)).not.toBe("allowed");
  const again = await line.command(["credentials", "revoke", "--account", id(0)]);
  expect(again).toMatchObject({ code: 0, out: expect.stringContaining("Nothing that credentials generate made") });
});

it("makes an IAM user with a password and keys, whose keys AWS no longer knows once it is revoked", async () => {
  const access = await generate(id(0), "--user", "--hours", "48");
  expect(access).toMatchObject({ kind: "user", principal: expect.stringMatching(/^AtelierCli-/) });
  expect(access.password.length).toBeGreaterThan(20);
  expect(await answerTo(access)).toBe("allowed");

  const revoked = await line.command(["credentials", "revoke", "--account", id(0), "--json"]);
  expect(revoked.code).toBe(0);
  expect(JSON.parse(revoked.out).ended).toEqual([
    {
      kind: "user",
      principal: access.principal,
      proved: true,
      evidence: expect.stringContaining("1 keys unknown to AWS"),
    },
  ]);
  expect(await answerTo(access)).toBe("InvalidClientTokenId");
  const left = await iam(into(id(0))).send(new ListUsersCommand({}));
  expect(left.Users).toEqual([]);
  const status = await line.command(["status", "--account", id(0), "--json"]);
  expect(JSON.parse(status.out)[0].access).toEqual([]);
});

it("keeps no secret of what it made", async () => {
  const access = await generate(id(1), "--user");
  const folder = join(line.env.ATELIER_CLEANER_STATE, "access", id(1));
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  expect(files.join()).toContain(access.principal);
  expect(files.join()).not.toContain(access.secretAccessKey);
  expect(files.join()).not.toContain(access.password);
});

it("has the access that was made removed by a run too, and says before that it is out", async () => {
  const access = await generate(id(1));
  const run = await line.command(["run", "--account", id(1), "--yes", id(1), "--service", "iam", "--gap", "0"]);
  expect(run).toMatchObject({
    code: 0,
    err: expect.stringContaining(`Access is out to ${id(1)}: role ${access.principal}`),
  });
  expect(await answerTo(access)).not.toBe("allowed");
});

it("ends the sessions of a role that somebody made by hand", async () => {
  const client = iam(into(id(0)));
  const anything = (more: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", ...more }] });
  const trust = anything({ Action: "sts:AssumeRole", Principal: { AWS: aws.basePrincipalArn } });
  const made = await client.send(new CreateRoleCommand({ RoleName: "by-hand", AssumeRolePolicyDocument: trust }));
  const PolicyDocument = anything({ Resource: "*" });
  await client.send(new PutRolePolicyCommand({ RoleName: "by-hand", PolicyName: "all", PolicyDocument }));
  const session = await assumeRoleCredentials({
    roleArn: made.Role?.Arn ?? "",
    sessionName: "somebody",
    region: "eu-west-1",
    endpoint: aws.endpoint,
    credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey },
  });
  expect(await answerTo(session)).toBe("allowed");
  const revoked = await line.command(["credentials", "revoke", "--account", id(0), "--sessions-of", "by-hand"]);
  expect(revoked).toMatchObject({
    code: 0,
    out: expect.stringContaining("sessions by-hand: a session that was allowed"),
  });
  expect(await answerTo(session)).toBe("AccessDenied");
});

it("does not call a revocation proved where no session could have been allowed before", async () => {
  const trust = JSON.stringify({ Version: "2012-10-17", Statement: [] });
  const role = { RoleName: "atelier-cli-bare", Path: accessPath, AssumeRolePolicyDocument: trust };
  await iam(into(id(0))).send(new CreateRoleCommand(role));
  const revoked = await line.command(["credentials", "revoke", "--account", id(0)]);
  expect(revoked).toMatchObject({ code: 1, out: expect.stringContaining("NOT PROVED  role atelier-cli-bare") });
  const again = await line.command(["credentials", "revoke", "--account", id(0)]);
  expect(again.out).toContain("Nothing that credentials generate made");
});

it("lets nobody but who typed assume the role, and only until its time", () => {
  const until = new Date("2030-01-01T12:00:00Z");
  const [own] = accessTrust("arn:aws:iam::111111111111:role/ops", until).Statement;
  expect(own).toMatchObject({
    Principal: { AWS: "arn:aws:iam::111111111111:role/ops" },
    Condition: { DateLessThan: { "aws:CurrentTime": "2030-01-01T12:00:00.000Z" } },
  });
  // IAM takes no session for a principal, and the role's path is not in the session's name.
  const [sso] = accessTrust("arn:aws:iam::111111111111:role/AWSReservedSSO_Admin_0123456789abcdef", until).Statement;
  expect(sso?.Condition).toMatchObject({
    ArnLike: {
      "aws:PrincipalArn":
        "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_0123456789abcdef",
    },
    DateLessThan: { "aws:CurrentTime": "2030-01-01T12:00:00.000Z" },
  });
});
