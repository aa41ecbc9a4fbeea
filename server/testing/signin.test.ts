import { DeleteRolePolicyCommand, IAMClient } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEmulator } from "@/server/testing/emulator";
import { startConsole } from "@/server/testing/signin";

let aws: Awaited<ReturnType<typeof startEmulator>>;
let signin: Awaited<ReturnType<typeof startConsole>>;
beforeAll(async () => {
  aws = await startEmulator({ accounts: 1 });
  signin = await startConsole({ port: 0, endpoint: aws.endpoint, region: "eu-west-1" });
});
afterAll(async () => {
  await signin?.stop();
  await aws?.stop();
});

async function enter() {
  const settings = { endpoint: aws.endpoint, region: "eu-west-1", maxAttempts: 1 };
  const role = `arn:aws:iam::${aws.accounts[0]!.id}:role/OrganizationAccountAccessRole`;
  const sts = new STSClient({ ...settings, credentials: aws });
  const { Credentials: keys } = await sts.send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: "attendee" }));
  return {
    accessKeyId: keys!.AccessKeyId!,
    secretAccessKey: keys!.SecretAccessKey!,
    sessionToken: keys!.SessionToken!,
  };
}

/** A console link for these keys, as a program makes one on AWS. */
async function linkFor(keys: Awaited<ReturnType<typeof enter>>): Promise<string> {
  const session = { sessionId: keys.accessKeyId, sessionKey: keys.secretAccessKey, sessionToken: keys.sessionToken };
  const ask = new URLSearchParams({ Action: "getSigninToken", Session: JSON.stringify(session) });
  const { SigninToken } = (await (await fetch(`${signin.url}?${ask}`)).json()) as { SigninToken: string };
  return `${signin.url}?${new URLSearchParams({ Action: "login", Issuer: "x", Destination: "https://x", SigninToken })}`;
}

/** Follows a link as a browser does, and returns its cookie. */
async function follow(link: string): Promise<string> {
  const response = await fetch(link, { redirect: "manual" });
  expect(response.status).toBe(303);
  return response.headers.get("set-cookie")!.split(";")[0]!;
}

const origin = () => new URL(signin.url).origin;

test("a sign-in link opens the account once, and says so clearly the second time", async () => {
  const link = await linkFor(await enter());
  const cookie = await follow(link);
  const page = await fetch(`${origin()}/console`, { headers: { cookie } });
  // Else browsers would send the form of the page with "Origin: null".
  expect(page.headers.get("referrer-policy")).toBe("same-origin");
  const shown = await page.text();
  expect(shown).toContain("not the AWS console");
  expect(shown).toContain(aws.accounts[0]!.id);
  expect(shown).toContain("assumed-role/OrganizationAccountAccessRole/attendee");
  const again = await fetch(link, { redirect: "manual" });
  expect(again.status).toBe(400);
  expect(again.headers.get("set-cookie")).toBeNull();
});

test("its button makes one of each kind in the account; a form from another site makes nothing", async () => {
  const cookie = await follow(await linkFor(await enter()));
  const press = (from: string) =>
    fetch(`${origin()}/console/resources`, { method: "POST", headers: { cookie, origin: from } });
  expect((await press("https://elsewhere.example")).status).toBe(403);
  const made = await (await press(origin())).text();
  expect(made).not.toContain("not made");
  for (const name of [
    /workshop-\w{6}<\/li>/,
    /hello-\w{6}<\/li>/,
    /orders-\w{6}<\/li>/,
    /tasks-\w{6}<\/li>/,
    /front-\w{6} \(sg-/,
  ]) {
    expect(made).toMatch(name);
  }
});

test("the address at which AWS's console signs out ends the session here too", async () => {
  const cookie = await follow(await linkFor(await enter()));
  const out = await fetch(`${origin()}/oauth?Action=logout`, { headers: { cookie } });
  expect(out.status).toBe(200);
  expect((await fetch(`${origin()}/console`, { headers: { cookie } })).status).toBe(401);
});

test("once the permissions are gone the page says that access has ended", async () => {
  const keys = await enter();
  const cookie = await follow(await linkFor(keys));
  const iam = new IAMClient({ endpoint: aws.endpoint, region: "eu-west-1", credentials: keys, maxAttempts: 1 });
  const policy = { RoleName: "OrganizationAccountAccessRole", PolicyName: "AdministratorAccess" };
  await iam.send(new DeleteRolePolicyCommand(policy));
  const response = await fetch(`${origin()}/console`, { headers: { cookie } });
  expect(response.status).toBe(403);
  expect(await response.text()).toContain("Access to this account has ended.");
});
