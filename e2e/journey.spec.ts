import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeImagesCommand,
  EC2Client,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Locator, Page } from "@playwright/test";
import type pg from "pg";
import { expect, type Stack, test } from "./fixtures";
import { clientOf, listAccount, unitOf } from "./inventory";
import {
  confirmByMail,
  type Guest,
  linkIn,
  mailsOf,
  moveWorkshop,
  open,
  register,
  signIn,
  waitForMail,
  withDatabase,
} from "./people";

/**
 * The main job, from an empty form to an empty account: a workshop is drafted, people are invited, register, confirm, get an
 * account each and use it with the AWS SDK; it closes, the accounts are emptied, and the people are forgotten.
 */

const title = `Event-driven day ${randomBytes(3).toString("hex")}`;
const architect = "teo@iberia.example";
const manager = "ana@iberia.example";

// Words that occur nowhere else, so that finding one anywhere is proof that somebody was not forgotten.
const zyxandra: Guest = {
  name: "Zyxandra Quillfeather",
  email: "zyxandra.quillfeather@brimblewick.example",
  company: "Brimblewick Looms",
  role: "Warp whisperer",
};
const ottoline: Guest = {
  name: "Ottoline Vashtikov",
  email: "ottoline.vashtikov@hobsgate.example",
  company: "Hobsgate Apiaries",
  role: "Swarm cartographer",
};
const canaries = ["zyxandra", "quillfeather", "brimblewick", "warp whisperer"].concat(
  ...["ottoline", "vashtikov", "hobsgate", "swarm cartographer"],
);

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken: string; region: string; account: string };

/** The day after tomorrow as the date field writes it. */
function dayAfterTomorrow(): string {
  const day = new Date(Date.now() + 2 * 86_400_000);
  return day.toISOString().slice(0, 10).replaceAll("-", "/");
}

/** Chooses by keyboard in a list that filters as one types. */
async function choose(page: Page, field: Locator, name: string): Promise<void> {
  await field.click();
  await page.keyboard.type(name);
  await expect(page.getByRole("option")).toHaveCount(1);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
}

async function draftWorkshop(page: Page): Promise<string> {
  await open(page, "/workshops/new");
  await page.getByLabel("Title", { exact: true }).fill(title);
  await page.getByLabel("Abstract").fill("From a queue to a function to a table, and back.");
  await page.getByLabel("Seats", { exact: true }).fill("5");
  const next = page.getByRole("button", { name: "Next", exact: true });
  await next.click();
  await page.getByLabel("Day", { exact: true }).fill(dayAfterTomorrow());
  await page.getByLabel("Starts at").fill("09:30");
  await page.getByLabel("Ends at").fill("17:00");
  await page.getByLabel("Place", { exact: true }).fill("Calle de Alcalá 44, Madrid");
  await next.click();
  await page.getByRole("button", { name: "Add a point" }).click();
  await page.getByRole("textbox", { name: "From" }).fill("09:30");
  await page.getByRole("textbox", { name: "Title" }).fill("Way in");
  await next.click();
  // Who drafts is taken for the presenter until told otherwise.
  await expect(page.getByRole("button", { name: "Remove Teo Almeida" })).toBeVisible();
  await choose(page, page.getByRole("button", { name: /Add somebody who invites/ }), "Ana Ribeiro");
  await next.click();
  await expect(page.getByText("Nothing more is asked.")).toBeVisible();
  await next.click();
  await page.getByRole("radio", { name: /Serverless, three regions/ }).check();
  await next.click();
  await expect(page.getByText("An account, Serverless, three regions")).toBeVisible();
  await page.getByRole("button", { name: "Save draft" }).click();
  await page.waitForURL(/\/workshops\/wks_\w+$/);
  return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}

/** Presses "Open the console" and answers what the stand-in page shows of the account. */
async function openConsole(page: Page): Promise<string> {
  const opened = page.context().waitForEvent("page");
  await page.getByRole("button", { name: "Open the console" }).click();
  const tab = await opened;
  await tab.waitForURL(/\/console/);
  const text = (await tab.locator("body").textContent()) ?? "";
  await tab.close();
  return text;
}

async function showKeys(page: Page): Promise<Keys> {
  await page.getByRole("button", { name: "Show keys" }).click();
  const sheet = page.locator("pre").first();
  await expect(sheet).toContainText("AWS_SESSION_TOKEN");
  const text = (await sheet.textContent()) ?? "";
  const value = (name: string) => new RegExp(`export ${name}="([^"]+)"`).exec(text)?.[1] ?? "";
  const legend = (await page.getByText(/^Account \d{12}/).textContent()) ?? "";
  return {
    accessKeyId: value("AWS_ACCESS_KEY_ID"),
    secretAccessKey: value("AWS_SECRET_ACCESS_KEY"),
    sessionToken: value("AWS_SESSION_TOKEN"),
    region: value("AWS_REGION"),
    account: /\d{12}/.exec(legend)?.[0] ?? "",
  };
}

/** What an attendee builds in a day: a bucket with objects, a machine, two groups that refer to each other, a function, a table. */
async function build(stack: Stack, keys: Keys): Promise<void> {
  const client = clientOf(stack, keys, keys.region);
  const s3 = new S3Client(client);
  const bucket = `orders-${randomBytes(6).toString("hex")}`;
  const configuration = { LocationConstraint: keys.region as "eu-west-1" };
  await s3.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: configuration }));
  for (const key of ["one.json", "two.json"])
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "{}" }));
  await machineAndGroups(new EC2Client(client));
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
  const iam = new IAMClient(client);
  const { Role: role } = await iam.send(
    new CreateRoleCommand({ RoleName: "order-service", AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  await new LambdaClient(client).send(
    new CreateFunctionCommand({
      FunctionName: "take-order",
      Role: role?.Arn ?? "",
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: Buffer.from("PK\u0005\u0006".padEnd(22, "\0"), "latin1") },
    }),
  );
  await new DynamoDBClient(client).send(
    new CreateTableCommand({
      TableName: "orders",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
}

async function machineAndGroups(ec2: EC2Client): Promise<void> {
  const group = async (name: string) => {
    const made = await ec2.send(new CreateSecurityGroupCommand({ GroupName: name, Description: name }));
    return made.GroupId ?? "";
  };
  const [web, data] = [await group("web"), await group("data")];
  const allow = (from: string, to: string) =>
    ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: to,
        IpPermissions: [{ IpProtocol: "tcp", FromPort: 443, ToPort: 443, UserIdGroupPairs: [{ GroupId: from }] }],
      }),
    );
  await allow(web, data);
  await allow(data, web);
  const { Images: images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ["amazon"] }));
  await ec2.send(
    new RunInstancesCommand({
      ImageId: images[0]?.ImageId ?? "ami-12c6146b",
      InstanceType: "t3.micro",
      MinCount: 1,
      MaxCount: 1,
      SecurityGroupIds: [web, data],
    }),
  );
}

/** What AWS answers to keys: "allowed", or the name of the refusal. */
async function answerTo(stack: Stack, keys: Keys): Promise<string> {
  try {
    await new S3Client(clientOf(stack, keys, keys.region)).send(new ListBucketsCommand());
    return "allowed";
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

const refusals = ["AccessDenied", "InvalidAccessKeyId", "InvalidClientTokenId"];

/** Every table of every schema with the rows that hold one of the words, as "schema.table: row". */
async function searchDatabase(db: pg.Client, words: string[]): Promise<{ tables: number; hits: string[] }> {
  const { rows: tables } = await db.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const hits: string[] = [];
  for (const { name } of tables) {
    const { rows } = await db.query<{ row: string }>(
      `select t::text as row from ${name} t where t::text ilike any ($1)`,
      [words.map((word) => `%${word}%`)],
    );
    hits.push(...rows.map(({ row }) => `${name}: ${row}`));
  }
  return { tables: tables.length, hits };
}

const holds = (text: string) => canaries.some((word) => text.toLowerCase().includes(word));

/** Mails and log files that hold one of the words. */
async function searchFiles(stack: Stack): Promise<string[]> {
  const mails = await mailsOf(stack);
  const logs = join(stack.folder, "logs");
  return [
    ...mails.filter((mail) => holds(JSON.stringify(mail))).map((mail) => mail.file),
    ...readdirSync(logs).filter((name) => holds(readFileSync(join(logs, name), "utf8"))),
  ];
}

/** The figures of a workshop as its rows say them. */
async function figuresOf(db: pg.Client, workshopId: string) {
  const { rows } = await db.query(
    `select w."seatsTaken", w.capacity, count(*)::int as registered, count(*) filter (where r.state = 'attended')::int as attended,
     count(distinct r."memberId")::int as managers from "Workshop" w join "Registration" r on r."workshopId" = w.id
     where w.id = $1 group by w.id`,
    [workshopId],
  );
  return rows[0] as Record<string, number>;
}

test("a workshop runs from draft to closed, its accounts are empty again, and its people are forgotten", async ({
  page,
  stack,
  newPerson,
}) => {
  test.setTimeout(400_000);
  let workshopId = "";
  let invitation = "";
  const ids = { zyxandra: "", ottoline: "" };
  let keys: Keys | undefined;

  await test.step("An architect signs in with a code from the mail and drafts a workshop", async () => {
    await signIn(page, stack, architect);
    workshopId = await draftWorkshop(page);
    await expect(page.getByText("Nothing is missing.")).toBeVisible();
  });

  await test.step("Registration opens, and the account manager gets a link by mail and on screen", async () => {
    await moveWorkshop(page, "Open registration");
    const kit = await waitForMail(stack, { to: manager, subject: new RegExp(title) });
    invitation = linkIn(kit, "i");
    const context = await newPerson({ permissions: ["clipboard-read", "clipboard-write"] });
    const ana = await context.newPage();
    await signIn(ana, stack, manager);
    await open(ana, `/workshops/${workshopId}/invitations`);
    await ana
      .getByRole("button", { name: /Copy link for/ })
      .first()
      .click();
    await expect(ana.getByText("Link copied")).toBeVisible();
    await ana.getByRole("button", { name: /Acts on the link of Ana Ribeiro/ }).click();
    await ana.getByRole("menuitem", { name: "Ready text to forward" }).click();
    await expect(ana.getByRole("dialog")).toContainText(invitation);
  });

  const phone = { viewport: { width: 390, height: 844 }, acceptDownloads: true };
  const zyxandras = await (await newPerson(phone)).newPage();
  const ottolines = await (await newPerson({ ...phone, javaScriptEnabled: false })).newPage();

  await test.step("Two customers register on a phone, one without JavaScript, and confirm by mail", async () => {
    await register(zyxandras, invitation, zyxandra);
    ids.zyxandra = await confirmByMail(zyxandras, stack, zyxandra.email);
    await register(ottolines, invitation, ottoline);
    ids.ottoline = await confirmByMail(ottolines, stack, ottoline.email);
    for (const one of [zyxandras, ottolines]) {
      await expect(one.getByRole("heading", { name: "You are in" })).toBeVisible();
      const download = one.waitForEvent("download");
      await one.getByRole("link", { name: "Add to calendar" }).click();
      const entry = readFileSync(await (await download).path(), "utf8");
      expect(entry).toContain("BEGIN:VEVENT");
      expect(entry).toContain(title);
    }
    const confirmed = await waitForMail(stack, { to: zyxandra.email, subject: /^You're in/ });
    expect(confirmed.calendar).toContain("METHOD:REQUEST");
  });

  await test.step("The architect opens the workshop, and the board fills", async () => {
    await open(page, `/workshops/${workshopId}`);
    await moveWorkshop(page, "Open workshop");
    await page.waitForURL(/\/live$/);
    await expect(page.getByText(zyxandra.name)).toBeVisible();
    await expect(page.getByText("2/2")).toBeVisible({ timeout: 60_000 });
  });

  await test.step("The attendees get in: console and keys, with and without JavaScript", async () => {
    const access = await waitForMail(stack, { to: zyxandra.email, subject: /^Your AWS account is ready/ });
    expect(access.text).not.toMatch(/ASIA|AKIA|SessionToken|SigninToken/);
    await zyxandras.goto(linkIn(access, "enter"));
    await zyxandras.getByRole("button", { name: "Open my workshop" }).click();
    await expect(zyxandras.getByRole("heading", { name: "Your account is ready" })).toBeVisible();
    const shown = await openConsole(zyxandras);
    keys = await showKeys(zyxandras);
    expect(shown).toContain(keys.account);
    await ottolines.goto(`/my/${ids.ottoline}`);
    const others = await showKeys(ottolines);
    expect(await openConsole(ottolines)).toContain(others.account);
    expect(others.account).not.toBe(keys.account);
  });
  if (!keys) throw new Error("no keys were shown");
  const vended = keys;

  await test.step("With the keys and the SDK, an attendee builds what is built in a workshop", async () => {
    const caller = await new STSClient(clientOf(stack, vended, vended.region)).send(new GetCallerIdentityCommand());
    expect(caller.Account).toBe(vended.account);
    expect(holds(caller.Arn ?? "")).toBe(false);
    await build(stack, vended);
    const list = (await listAccount(stack, vended.account)).join("\n");
    for (const what of [
      "bucket orders-",
      "instance i-",
      "group web",
      "group data",
      "function take-order",
      "table orders",
    ])
      expect(list).toContain(what);
  });

  await test.step("The workshop closes: the timeline ends with both accounts back in the pool", async () => {
    await open(page, `/workshops/${workshopId}`);
    await moveWorkshop(page, "Close workshop");
    await page.waitForURL(/\/closing$/);
    await expect(page.getByText("2 of 2 accounts are over").first()).toBeVisible({ timeout: 150_000 });
    await expect(page.getByText("Access proved to be gone for 2 of 2").first()).toBeVisible();
    await expect(page.getByText("Every account is back in the pool or quarantined").first()).toBeVisible();
    await expect
      .poll(() => withDatabase(stack, (db) => stateOf(db, workshopId)), { timeout: 30_000 })
      .toEqual({ workshop: "closed", accounts: "available, available" });
  });

  await test.step("The same keys are refused, and the account is empty in the eyes of somebody else", async () => {
    expect(refusals).toContain(await answerTo(stack, vended));
    expect(await listAccount(stack, vended.account)).toEqual([]);
    await expect.poll(() => unitOf(stack, vended.account)).toBe("ready");
  });

  await test.step("Anonymized at a click: no word of the people is left, and every figure stays", async () => {
    await open(page, `/workshops/${workshopId}`);
    const before = await withDatabase(stack, (db) => figuresOf(db, workshopId));
    expect(before).toMatchObject({ registered: 2, attended: 2, seatsTaken: 2 });
    // The search finds them as long as they are there, so finding nothing later means something.
    const there = await withDatabase(stack, (db) => searchDatabase(db, canaries));
    expect(there.hits.length).toBeGreaterThan(0);
    await expect(figure(page, "Attended")).toHaveText("2");
    await page.getByRole("button", { name: "Anonymize now" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Anonymize 2 people" }).click();
    await expect(page.getByText(/The attendees were made anonymous/)).toBeVisible({ timeout: 60_000 });
    await expect(figure(page, "Attended")).toHaveText("2");
    await expect
      .poll(() => withDatabase(stack, async (db) => (await searchDatabase(db, canaries)).hits), { timeout: 30_000 })
      .toEqual([]);
    expect(there.tables).toBeGreaterThan(30);
    expect(await searchFiles(stack)).toEqual([]);
    expect(await withDatabase(stack, (db) => figuresOf(db, workshopId))).toEqual(before);
    await open(page, `/workshops/${workshopId}/registrations`);
    await expect(page.getByText("Anonymous")).toHaveCount(2);
    await zyxandras.goto(`/my/${ids.zyxandra}`);
    expect(holds((await zyxandras.locator("body").textContent()) ?? "")).toBe(false);
  });
});

/** A figure of the box "What happened". */
function figure(page: Page, label: string): Locator {
  return page.locator(`xpath=//dt[normalize-space()="${label}"]/following-sibling::dd[1]`).first();
}

async function stateOf(db: pg.Client, workshopId: string) {
  const { rows } = await db.query<{ workshop: string; accounts: string }>(
    `select w.state as workshop, string_agg(a.state::text, ', ') as accounts from "Workshop" w
     join "Lease" l on l."workshopId" = w.id join "SandboxAccount" a on a.id = l."accountId" where w.id = $1 group by w.id`,
    [workshopId],
  );
  return rows[0];
}
