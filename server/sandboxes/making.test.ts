import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { CreateAccountCommand, ListAccountsCommand, OrganizationsClient } from "@aws-sdk/client-organizations";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle } from "@/scripts/bundle.mjs";
import { accountsUnder, parentOf } from "@/server/aws/organizations";
import {
  dismissAccountRequest,
  makeAccount,
  poolOverview,
  reconcile,
  requestAccounts,
  retryAccountRequest,
  setUpOrganization,
} from "@/server/sandboxes/sandboxes";
import { startTestCloud, type TestCloud } from "@/server/sandboxes/test-pool";
import { makeMember, makeTeam } from "@/server/testing/factories";
import { startFaultProxy } from "@/server/testing/faults";
import { runJobs } from "@/server/testing/jobs";

let cloud: TestCloud;
let organizations: OrganizationsClient;
beforeAll(async () => {
  cloud = await startTestCloud({ accounts: 1 });
  organizations = new OrganizationsClient({
    endpoint: cloud.emulator.endpoint,
    region: "us-east-1",
    credentials: cloud.emulator,
  });
});
afterAll(() => cloud.close());

let teams = 0;

/** A team with its units and addresses of its own; `ask` leaves requests in the order of their numbers. */
async function teamThatMakes() {
  teams += 1;
  const accountEmailPattern = `aws+${teams}-{n}@example.com`;
  const team = await makeTeam(cloud.db, { accountEmailPattern });
  const { units } = await setUpOrganization(cloud.system, { teamId: team.id });
  const admin = cloud.as((await makeMember(cloud.db, team.id, "admin")).actor);
  const requests = () => cloud.db.accountRequest.findMany({ where: { teamId: team.id }, orderBy: { name: "asc" } });
  const ask = async (count: number, prefix = "lab") => {
    await requestAccounts(admin, { count, prefix });
    return requests();
  };
  return { team, units, admin, ask, requests, email: (n: number) => `aws+${teams}-${n}@example.com` };
}

async function inAws(email: string) {
  const { Accounts } = await organizations.send(new ListAccountsCommand({}));
  return Accounts!.filter((account) => account.Email === email);
}

test("an asked-for account is made, stands in the team's unit, and is emptied before it is available", async () => {
  const { team, units, admin, ask, email } = await teamThatMakes();
  const [request] = await ask(1);
  expect(request).toMatchObject({ name: "lab-001", email: email(1), state: "queued" });
  await runJobs(cloud.system, ["sandboxes.make-account"]);
  const [account] = await cloud.db.sandboxAccount.findMany({ where: { teamId: team.id } });
  expect(account).toMatchObject({ state: "cleaning", lastCleanedAt: null, name: "lab-001" });
  expect(await inAws(email(1))).toMatchObject([{ Id: account!.awsAccountId, Name: "lab-001" }]);
  expect(await parentOf(cloud.env, account!.awsAccountId)).toBe(units.closing);
  const [jobs] = await cloud.db.$queryRaw<{ count: bigint }[]>`
    SELECT count(*) FROM pgboss.job WHERE name = 'sandboxes.clean' AND data->>'accountId' = ${account!.id}`;
  expect(jobs!.count).toBe(1n);
  // Its job may run again, and the sync finds nothing to add.
  await makeAccount(cloud.system, { requestId: request!.id });
  expect(await reconcile(cloud.system, { teamId: team.id })).toMatchObject({ added: 0, refused: [] });
  expect(await accountsUnder(cloud.env, units.root)).toHaveLength(1);
  expect((await poolOverview(admin)).making).toMatchObject({ requests: [], madeLately: 1, next: 2 });
  await runJobs(cloud.system, ["sandboxes.clean"]);
  const [after] = await cloud.db.sandboxAccount.findMany({ where: { teamId: team.id } });
  expect(after).toMatchObject({ state: "available", lastCleanedAt: expect.any(Date) });
  expect(await parentOf(cloud.env, account!.awsAccountId)).toBe(units.ready);
});

/** Lets everything through, but `lost` is called in place of passing on the answer of CreateAccount. */
async function startLossyProxy(target: string, lost: (destroy: () => void) => void) {
  const server = createServer((incoming, answer) => {
    const { hostname, port } = new URL(target);
    const { method, url: path, headers } = incoming;
    const creates = String(headers["x-amz-target"]).endsWith(".CreateAccount");
    const outgoing = httpRequest({ hostname, port, method, path, headers }, (response) => {
      if (creates) return void response.resume().on("end", () => lost(() => answer.destroy()));
      answer.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(answer);
    });
    incoming.pipe(outgoing);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { endpoint, stop: () => new Promise((done) => server.close(done).closeAllConnections()) };
}

test("a worker killed with -9 between CreateAccount and its answer: the next one finds the account and makes no second", async () => {
  const { team, ask, requests, email } = await teamThatMakes();
  const [request] = await ask(1);
  const script = await bundle("server/testing/make-account.ts", resolve(".atelier/bundles/make-account.mjs"));
  let kill = () => {};
  const proxy = await startLossyProxy(cloud.emulator.endpoint, () => kill());
  const child = spawn(process.execPath, [script, cloud.env.DATABASE_URL, proxy.endpoint, request!.id], {
    stdio: "ignore",
    env: { ...process.env, ATELIER_BASE_PRINCIPAL_ARN: cloud.emulator.basePrincipalArn },
  });
  kill = () => child.kill("SIGKILL");
  const [, signal] = await once(child, "exit");
  await proxy.stop();
  expect(signal).toBe("SIGKILL");
  expect(await inAws(email(1))).toHaveLength(1);
  expect(await requests()).toMatchObject([{ state: "creating", createRequestId: null }]);
  await expect
    .poll(async () => {
      await makeAccount(cloud.system, { requestId: request!.id });
      return (await requests())[0]!.state;
    })
    .toBe("created");
  const [made, ...others] = await inAws(email(1));
  expect(others).toEqual([]);
  expect(await cloud.db.sandboxAccount.findMany({ where: { teamId: team.id } })).toMatchObject([
    { awsAccountId: made!.Id, state: "cleaning" },
  ]);
  // Nothing but the look-up prevents it: the emulator makes two accounts of one address.
  await organizations.send(new CreateAccountCommand({ AccountName: "lab-001", Email: email(1) }));
  expect(await inAws(email(1))).toHaveLength(2);
}, 60_000);

test("a lost answer of CreateAccount is looked up, not asked for again, also after the request had failed for it", async () => {
  const { admin, ask, requests, email } = await teamThatMakes();
  const [request] = await ask(1);
  const proxy = await startLossyProxy(cloud.emulator.endpoint, (destroy) => destroy());
  const env = { ...cloud.env, AWS_ENDPOINT_URL: proxy.endpoint };
  const lossy = cloud.as(cloud.system.actor, { env });
  const job = (lastTry: boolean) => ({ lastTry, signal: new AbortController().signal });
  await expect(makeAccount(lossy, { requestId: request!.id }, job(false))).rejects.toThrow("did not answer");
  expect(await inAws(email(1))).toHaveLength(1);
  await cloud.db.accountRequest.update({
    where: { id: request!.id },
    data: { state: "failed", lastError: "No answer" },
  });
  await proxy.stop();
  await retryAccountRequest(admin, { requestId: request!.id });
  await makeAccount(cloud.system, { requestId: request!.id });
  expect(await requests()).toMatchObject([{ state: "created", email: email(1) }]);
  expect(await inAws(email(1))).toHaveLength(1);
});

type Answer = { status: number; body: object };

/** Answers calls of one operation in place of the emulator, one answer after another; the last stays. */
async function startAnswering(target: string, operation: string, answers: readonly Answer[]) {
  const left = [...answers];
  const server = createServer((incoming, answer) => {
    const { hostname, port } = new URL(target);
    const { method, url: path, headers } = incoming;
    if (String(headers["x-amz-target"]).endsWith(`.${operation}`)) {
      const { status, body } = (left.length > 1 ? left.shift() : left[0])!;
      incoming.resume();
      return void answer.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
    }
    const outgoing = httpRequest({ hostname, port, method, path, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(answer);
    });
    incoming.pipe(outgoing);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ctx = cloud.as(cloud.system.actor, { env: { ...cloud.env, AWS_ENDPOINT_URL: endpoint } });
  return { ctx, stop: () => new Promise((done) => server.close(done).closeAllConnections()) };
}

const status = (CreateAccountStatus: object): Answer => ({ status: 200, body: { CreateAccountStatus } });
const refusal = (__type: string, more: object = {}): Answer => ({
  status: 400,
  body: { __type, message: "no", ...more },
});

test("an account that AWS still makes is asked about later; one whose address is in use takes the next number on a retry", async () => {
  const { admin, ask, requests, email } = await teamThatMakes();
  const [request] = await ask(1);
  const requestId = request!.id;
  // As AWS answers where the address belongs to an account outside of the Organization.
  const outside = await startAnswering(cloud.emulator.endpoint, "CreateAccount", [status({ Id: "car-00000001" })]);
  await expect(makeAccount(outside.ctx, { requestId })).resolves.toBeUndefined();
  await outside.stop();
  const aws = await startAnswering(cloud.emulator.endpoint, "DescribeCreateAccountStatus", [
    status({ Id: "car-00000001", State: "IN_PROGRESS" }),
    status({ Id: "car-00000001", State: "FAILED", FailureReason: "EMAIL_ALREADY_EXISTS" }),
  ]);
  await makeAccount(aws.ctx, { requestId });
  expect(await requests()).toMatchObject([{ state: "creating", createRequestId: "car-00000001" }]);
  await makeAccount(aws.ctx, { requestId });
  await aws.stop();
  expect((await poolOverview(admin)).making!.requests).toMatchObject([
    { state: "failed", email: email(1), problem: expect.stringContaining("takes the next number") },
  ]);
  await retryAccountRequest(admin, { requestId });
  await makeAccount(cloud.system, { requestId });
  expect(await requests()).toMatchObject([{ state: "created", name: "lab-002", email: email(2), lastError: null }]);
});

test("what passes by itself goes back to the queue; a full Organization is said with what helps", async () => {
  const { admin, ask, requests } = await teamThatMakes();
  const [request] = await ask(1);
  const aws = await startAnswering(cloud.emulator.endpoint, "CreateAccount", [
    refusal("FinalizingOrganizationException"),
    refusal("ConstraintViolationException", { Reason: "ACCOUNT_NUMBER_LIMIT_EXCEEDED" }),
  ]);
  const problem = async () => (await poolOverview(admin)).making!.requests[0]!.problem;
  await makeAccount(aws.ctx, { requestId: request!.id });
  expect(await requests()).toMatchObject([{ state: "queued", startedAt: null }]);
  expect(await problem()).toContain("It goes on by itself");
  await makeAccount(aws.ctx, { requestId: request!.id });
  await aws.stop();
  expect(await requests()).toMatchObject([{ state: "failed" }]);
  expect(await problem()).toContain("Service Quotas");
});

test("two workers on one request ask AWS once", async () => {
  const { ask, requests, email } = await teamThatMakes();
  const [request] = await ask(1);
  await Promise.all([1, 2, 3].map(() => makeAccount(cloud.system, { requestId: request!.id })));
  await makeAccount(cloud.system, { requestId: request!.id });
  expect(await requests()).toMatchObject([{ state: "created" }]);
  expect(await inAws(email(1))).toHaveLength(1);
});

test("an account that has the address already is somebody else's: it is left alone, and the next number is taken", async () => {
  const { team, ask, requests, email } = await teamThatMakes();
  const theirs = await organizations.send(new CreateAccountCommand({ AccountName: "payroll", Email: email(1) }));
  const [request] = await ask(1);
  await makeAccount(cloud.system, { requestId: request!.id });
  expect(await requests()).toMatchObject([{ state: "created", name: "lab-002", email: email(2) }]);
  const rows = await cloud.db.sandboxAccount.findMany({ where: { teamId: team.id } });
  expect(rows.map(({ awsAccountId }) => awsAccountId)).not.toContain(theirs.CreateAccountStatus!.AccountId);
  expect(rows).toHaveLength(1);
});

test("no more than three are asked for at a time; the others wait for their turn, and all are made", async () => {
  const { ask, requests } = await teamThatMakes();
  const asked = await ask(5);
  // Three that AWS is working on.
  const busy = { state: "creating", createRequestId: "car-1", startedAt: new Date() };
  const ids = asked.map(({ id }) => id);
  await cloud.db.accountRequest.updateMany({ where: { id: { in: ids.slice(0, 3) } }, data: busy });
  await makeAccount(cloud.system, { requestId: ids[3]! });
  expect((await requests()).map(({ state }) => state)).toEqual([
    "creating",
    "creating",
    "creating",
    "queued",
    "queued",
  ]);
  const [again] = await cloud.db.$queryRaw<{ count: bigint }[]>`
    SELECT count(*) FROM pgboss.job WHERE name = 'sandboxes.make-account' AND data->>'requestId' = ${ids[3]}
      AND start_after > now()`;
  expect(again!.count).toBe(1n);
  const free = { state: "queued", createRequestId: null, startedAt: null };
  await cloud.db.accountRequest.updateMany({ where: { id: { in: ids } }, data: free });
  for (const requestId of ids) await makeAccount(cloud.system, { requestId });
  expect((await requests()).map(({ state }) => state)).toEqual(Array(5).fill("created"));
});

test("what AWS refuses ends in words with what helps; a retry makes it, and a dismissed one is out of sight", async () => {
  const { admin, ask, requests } = await teamThatMakes();
  const [one, two] = await ask(2);
  const proxy = await startFaultProxy(cloud.emulator.endpoint);
  proxy.use((call) => (call.operation === "CreateAccount" ? "denied" : undefined));
  const denied = cloud.as(cloud.system.actor, { env: { ...cloud.env, AWS_ENDPOINT_URL: proxy.endpoint } });
  for (const { id } of [one!, two!]) await makeAccount(denied, { requestId: id });
  await proxy.stop();
  const { making } = await poolOverview(admin);
  expect(making!.requests.map(({ state }) => state)).toEqual(["failed", "failed"]);
  expect(making!.requests[0]!.problem).toContain("needs organizations:CreateAccount");
  const stranger = cloud.as((await makeMember(cloud.db, (await makeTeam(cloud.db)).id, "admin")).actor);
  for (const act of [retryAccountRequest, dismissAccountRequest])
    await expect(act(stranger, { requestId: one!.id })).rejects.toMatchObject({ code: "not_found" });
  await retryAccountRequest(admin, { requestId: one!.id });
  await makeAccount(cloud.system, { requestId: one!.id });
  await dismissAccountRequest(admin, { requestId: two!.id });
  await expect(retryAccountRequest(admin, { requestId: two!.id })).rejects.toMatchObject({ code: "not_found" });
  expect(await requests()).toMatchObject([{ state: "created" }, { state: "failed" }]);
  expect((await poolOverview(admin)).making).toMatchObject({ requests: [], next: 3 });
});

test("only an admin asks for accounts, and only with a pattern of addresses", async () => {
  const team = await makeTeam(cloud.db);
  const architect = cloud.as((await makeMember(cloud.db, team.id, "solutions_architect")).actor);
  const admin = cloud.as((await makeMember(cloud.db, team.id, "admin")).actor);
  const input = { count: 1, prefix: "lab" };
  await expect(requestAccounts(architect, input)).rejects.toMatchObject({ code: "not_found" });
  await expect(requestAccounts(admin, input)).rejects.toMatchObject({ code: "not_ready" });
  expect((await poolOverview(architect)).making).toBeNull();
});
