import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

/**
 * The demo's stand-in for two things that no emulator has: the AWS federation endpoint, and the console behind it. A process
 * of its own, on 127.0.0.1 only:
 *
 *   node dist/emulator-console.mjs --port 4600 --endpoint http://127.0.0.1:4566 --region eu-west-1
 *
 * It speaks the protocol of https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html:
 * `GET /federation?Action=getSigninToken&Session={"sessionId","sessionKey","sessionToken"}` answers `{"SigninToken"}`, and
 * `GET /federation?Action=login&Issuer&Destination&SigninToken` signs the browser in. Unlike AWS, the destination is always
 * the page below, which shows with those very credentials what is in the account, and can make something in it.
 */

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken: string };
type Settings = { endpoint: string; region: string };
type Cloud = Settings & { forcePathStyle: true; maxAttempts: number; credentials: Keys };

/** A sign-in token is good for 15 minutes, as on AWS, and here also only once. */
const tokenMinutes = 15;
const cookieName = "atelier-demo-console";
/** What AWS and the emulator answer when keys or permissions are gone. The emulator answers 500 once the role is deleted. */
const endedCodes = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "UnauthorizedOperation",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidClientTokenId",
  "InvalidAccessKeyId",
  "UnrecognizedClientException",
  "AuthFailure",
  "InvalidSecurity",
  "AWS.SimpleQueueService.AccessDenied",
]);

/** Starts the stand-in and returns its address and a way to stop it. `port` 0 takes any free one. */
export async function startConsole(
  options: Settings & { port: number },
): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer(handler(options));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/federation`, stop: () => stop(server) };
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

function handler(settings: Settings) {
  const tokens = new Map<string, { keys: Keys; until: number }>();
  const sessions = new Map<string, Keys>();
  return async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const session = sessions.get(cookie(request) ?? "");
    const route = `${request.method} ${url.pathname}`;
    const action = url.searchParams.get("Action");
    if (route === "GET /federation" && action === "getSigninToken") return giveToken(url, tokens, response);
    if (route === "GET /federation" && action === "login") return signIn(url, tokens, sessions, response);
    // The console's own address for signing out, as on AWS, and the one of this page.
    if ((route === "GET /oauth" || route === "GET /federation") && action === "logout") {
      sessions.delete(cookie(request) ?? "");
      response.setHeader("set-cookie", `${cookieName}=; Path=/; Max-Age=0`);
      return page(response, 200, "Signed out", "<p>This browser is signed out of the stand-in console.</p>");
    }
    if (url.pathname !== "/console" && url.pathname !== "/console/resources") {
      return page(response, 404, "Nothing here", "<p>Open the console from your workshop's page.</p>");
    }
    if (!session) return page(response, 401, "Not signed in", "<p>Open the console from your workshop's page.</p>");
    const cloud: Cloud = { ...settings, forcePathStyle: true, maxAttempts: 1, credentials: session };
    if (route === "GET /console") return showAccount(cloud, response, []);
    if (route !== "POST /console/resources")
      return page(response, 405, "Not possible", "<p>Go back and try again.</p>");
    if (request.headers.origin !== `http://${request.headers.host}`) {
      return page(response, 403, "Refused", "<p>This form was not sent from the page that it belongs to.</p>");
    }
    return showAccount(cloud, response, await makeResources(cloud));
  };
}

function cookie(request: IncomingMessage): string | undefined {
  for (const part of (request.headers.cookie ?? "").split(";")) {
    const [name, value] = part.trim().split("=");
    if (name === cookieName) return value;
  }
  return undefined;
}

function giveToken(url: URL, tokens: Map<string, { keys: Keys; until: number }>, response: ServerResponse): void {
  let given: Record<string, unknown> = {};
  try {
    given = JSON.parse(url.searchParams.get("Session") ?? "{}") as Record<string, unknown>;
  } catch {
    // Answered below, like a session with a part missing.
  }
  const { sessionId, sessionKey, sessionToken } = given;
  if (typeof sessionId !== "string" || typeof sessionKey !== "string" || typeof sessionToken !== "string") {
    response
      .writeHead(400, { "content-type": "text/plain" })
      .end("Session must hold sessionId, sessionKey and sessionToken.");
    return;
  }
  const token = randomBytes(48).toString("base64url");
  const now = performance.now();
  for (const [known, { until }] of tokens) if (until < now) tokens.delete(known);
  const keys = { accessKeyId: sessionId, secretAccessKey: sessionKey, sessionToken };
  tokens.set(token, { keys, until: now + tokenMinutes * 60_000 });
  response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify({ SigninToken: token }));
}

function signIn(
  url: URL,
  tokens: Map<string, { keys: Keys; until: number }>,
  sessions: Map<string, Keys>,
  response: ServerResponse,
): void {
  const token = url.searchParams.get("SigninToken") ?? "";
  const entry = tokens.get(token);
  tokens.delete(token);
  if (!entry || entry.until < performance.now()) {
    const text =
      "<p>This sign-in link was used already or has expired. Open the console again from your workshop's page.</p>";
    page(response, 400, "This link is no longer good", text);
    return;
  }
  const session = randomBytes(32).toString("base64url");
  sessions.set(session, entry.keys);
  response.setHeader("set-cookie", `${cookieName}=${session}; Path=/; HttpOnly; SameSite=Lax`);
  response.writeHead(303, { location: "/console", "referrer-policy": "no-referrer" }).end();
}

/** One line of what is in the account, or why it could not be read. */
type Look = { title: string; items: string[]; refused?: string };

async function look(title: string, ask: () => Promise<(string | undefined)[]>): Promise<Look> {
  try {
    return { title, items: (await ask()).filter((item) => item !== undefined) };
  } catch (error) {
    return { title, items: [], refused: codeOf(error) };
  }
}

function codeOf(error: unknown): string {
  const { name, $metadata: answer } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  if (answer?.httpStatusCode === undefined) return "no answer";
  return answer.httpStatusCode >= 500 ? "gone" : (name ?? "refused");
}

function lookAround(cloud: Cloud): Promise<Look[]> {
  const ec2 = new EC2Client(cloud);
  return Promise.all([
    look("Buckets", async () =>
      ((await new S3Client(cloud).send(new ListBucketsCommand({}))).Buckets ?? []).map((b) => b.Name),
    ),
    look("Functions", async () =>
      ((await new LambdaClient(cloud).send(new ListFunctionsCommand({}))).Functions ?? []).map((f) => f.FunctionName),
    ),
    look("Tables", async () => (await new DynamoDBClient(cloud).send(new ListTablesCommand({}))).TableNames ?? []),
    look("Instances", async () =>
      ((await ec2.send(new DescribeInstancesCommand({}))).Reservations ?? [])
        .flatMap((reservation) => reservation.Instances ?? [])
        .filter((instance) => instance.State?.Name !== "terminated")
        .map((instance) => `${instance.InstanceId} (${instance.State?.Name})`),
    ),
    look("Security groups", async () =>
      ((await ec2.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups ?? [])
        .filter((group) => group.GroupName !== "default")
        .map((group) => `${group.GroupName} (${group.GroupId})`),
    ),
    look("Queues", async () => (await new SQSClient(cloud).send(new ListQueuesCommand({}))).QueueUrls ?? []),
  ]);
}

async function showAccount(cloud: Cloud, response: ServerResponse, made: string[]): Promise<void> {
  const [identity, looks] = await Promise.all([
    new STSClient(cloud).send(new GetCallerIdentityCommand({})).catch((error: unknown) => codeOf(error)),
    lookAround(cloud),
  ]);
  const refusals = looks.map((one) => one.refused);
  if (identity === "no answer") {
    return page(
      response,
      502,
      "No answer",
      "<p>The emulator does not answer. Start the demo again, then open the console again.</p>",
    );
  }
  const ended = (code: string | undefined) => code === "gone" || endedCodes.has(code ?? "");
  if (typeof identity === "string" || refusals.every(ended)) {
    const text = "<p>Access to this account has ended.</p><p>What was in it is being removed.</p>";
    return page(response, 403, "Access has ended", text);
  }
  const facts = [
    ["Account", identity.Account ?? ""],
    ["Signed in as", identity.Arn ?? ""],
    ["Region", cloud.region],
  ];
  const lists = looks.map(({ title, items, refused }) => {
    const body = refused
      ? `<p class="quiet">Not allowed here (${escapeHtml(refused)}).</p>`
      : items.length
        ? `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ul>`
        : '<p class="quiet">None.</p>';
    return `<section><h2>${escapeHtml(title)} <span class="count">${refused ? "" : items.length}</span></h2>${body}</section>`;
  });
  page(
    response,
    200,
    `Account ${identity.Account ?? ""}`,
    `<dl>${facts.map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value ?? "")}</dd>`).join("")}</dl>
    ${made.length ? `<div class="made" role="status"><ul>${made.map((line) => `<li>${escapeHtml(line)}</li>`).join("")}</ul></div>` : ""}
    <form method="post" action="/console/resources"><button>Make a few resources</button>
    <a href="/federation?Action=logout">Sign out</a></form>
    <div class="grid">${lists.join("")}</div>`,
  );
}

/** A function's code: a zip with one file, whose handler answers "Hello". */
const functionZip =
  "UEsDBBQAAAAAAAAAIVw0xMANLAAAACwAAAAJAAAAaW5kZXgubWpzZXhwb3J0IGNvbnN0IGhhbmRsZXIgPSBhc3luYyAoKSA9PiAiSGVsbG8iOwpQ" +
  "SwECFAMUAAAAAAAAACFcNMTADSwAAAAsAAAACQAAAAAAAAAAAAAAgAEAAAAAaW5kZXgubWpzUEsFBgAAAAABAAEANwAAAFMAAAAAAA==";

/** Makes one of each kind that the cleaner has to find, and returns a line for each: what was made, or why not. */
async function makeResources(cloud: Cloud): Promise<string[]> {
  const mark = randomBytes(3).toString("hex");
  const attempt = async (what: string, make: () => Promise<unknown>) => {
    try {
      await make();
      return `${what} made`;
    } catch (error) {
      return `${what} not made: ${codeOf(error)}`;
    }
  };
  return Promise.all([
    attempt(`Bucket workshop-${mark} with three objects`, () => makeBucket(cloud, `workshop-${mark}`)),
    attempt(`Security groups front-${mark} and back-${mark}, which refer to each other`, () => makeGroups(cloud, mark)),
    attempt("Instance", () =>
      new EC2Client(cloud).send(
        new RunInstancesCommand({ ImageId: "ami-12c6146b", InstanceType: "t3.micro", MinCount: 1, MaxCount: 1 }),
      ),
    ),
    attempt(`Function hello-${mark}`, () => makeFunction(cloud, mark)),
    attempt(`Table orders-${mark}`, () =>
      new DynamoDBClient(cloud).send(
        new CreateTableCommand({
          TableName: `orders-${mark}`,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        }),
      ),
    ),
    attempt(`Queue tasks-${mark}`, () =>
      new SQSClient(cloud).send(new CreateQueueCommand({ QueueName: `tasks-${mark}` })),
    ),
  ]);
}

async function makeBucket(cloud: Cloud, Bucket: string): Promise<void> {
  const s3 = new S3Client(cloud);
  const elsewhere = cloud.region !== "us-east-1";
  await s3.send(
    new CreateBucketCommand({
      Bucket,
      ...(elsewhere ? { CreateBucketConfiguration: { LocationConstraint: cloud.region as "eu-west-1" } } : {}),
    }),
  );
  for (const Key of ["notes.txt", "photos/one.txt", "photos/two.txt"]) {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: `This is ${Key}.` }));
  }
}

async function makeGroups(cloud: Cloud, mark: string): Promise<void> {
  const ec2 = new EC2Client(cloud);
  const make = async (GroupName: string) =>
    (await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: "Made from the demo's console" })))
      .GroupId;
  const [front, back] = [await make(`front-${mark}`), await make(`back-${mark}`)];
  const allow = (GroupId: string | undefined, from: string | undefined) =>
    ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId,
        IpPermissions: [{ IpProtocol: "tcp", FromPort: 443, ToPort: 443, UserIdGroupPairs: [{ GroupId: from }] }],
      }),
    );
  await allow(front, back);
  await allow(back, front);
}

async function makeFunction(cloud: Cloud, mark: string): Promise<void> {
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
  const role = await new IAMClient(cloud).send(
    new CreateRoleCommand({ RoleName: `hello-${mark}`, AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  await new LambdaClient(cloud).send(
    new CreateFunctionCommand({
      FunctionName: `hello-${mark}`,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: role.Role?.Arn,
      Code: { ZipFile: Buffer.from(functionZip, "base64") },
    }),
  );
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
:root { color-scheme: light dark; --line: light-dark(#d5d9e0, #3a4250); --quiet: light-dark(#5b6472, #9aa4b2); }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.55 system-ui, sans-serif; background: light-dark(#f6f7f9, #14181f); }
.banner { background: light-dark(#7a3b00, #ffb870); color: light-dark(#fff, #1d1206); padding: .6rem 1.25rem; font-weight: 600; }
main { max-width: 60rem; margin: 0 auto; padding: 1.25rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1rem; margin: 0 0 .4rem; } .count, .quiet { color: var(--quiet); font-weight: 400; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; overflow-wrap: anywhere; } dd { margin: 0; font-family: ui-monospace, monospace; }
dt { color: var(--quiet); } ul { margin: 0; padding-left: 1.1rem; overflow-wrap: anywhere; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); gap: 1rem; margin-top: 1.25rem; }
section, .made { background: light-dark(#fff, #1c222c); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1rem; margin: 0; }
.made { margin: 1rem 0; } section p { margin: 0; }
form { display: flex; gap: 1rem; align-items: center; flex-wrap: wrap; margin-top: 1rem; }
button { font: inherit; font-weight: 600; padding: .55rem 1.1rem; border: 0; border-radius: .5rem; background: #1a5fb4; color: #fff; cursor: pointer; }
a { color: light-dark(#1a5fb4, #8ab8f5); }
`;

function page(response: ServerResponse, status: number, title: string, body: string): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    // With "no-referrer" a browser sends its forms with "Origin: null", which is refused; the token's page is a redirect.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "content-security-policy":
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; img-src data:",
  });
  response.end(`<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)} · stand-in console</title>
<link rel="icon" href="data:,"><style>${style}</style></head><body>
<div class="banner">Stand-in of the demo: not the AWS console</div><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: "string" }, endpoint: { type: "string" }, region: { type: "string" } },
  });
  const endpoint = new URL(values.endpoint ?? "");
  if (!["127.0.0.1", "localhost", "[::1]"].includes(endpoint.hostname))
    throw new Error("The endpoint must be on this machine.");
  const { url } = await startConsole({
    port: Number(values.port ?? 0),
    endpoint: endpoint.origin,
    region: values.region ?? "eu-west-1",
  });
  console.log(`READY ${url}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
