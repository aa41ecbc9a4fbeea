import { CloudFormationClient, DeleteStackCommand, ListStacksCommand } from "@aws-sdk/client-cloudformation";
import pino from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type CallProxy, startProxy } from "@/bench/lib/proxy";
import { memberCredentials } from "@/server/aws/sts";
import type { Context } from "@/server/context";
import type { SystemActor } from "@/server/permissions";
import { myWorkshop } from "@/server/registrations/registrations";
import {
  leaseForMember,
  makeStack,
  ownStackOutputs,
  reserveLeases,
  retryStacks,
  startTakingBack,
  vend,
} from "@/server/sandboxes/sandboxes";
import { attendee, makePool, openedWorkshop, startTestCloud, type TestCloud } from "@/server/sandboxes/test-pool";
import { makeMember, makeProfile, makeTeam } from "@/server/testing/factories";
import { runJobs } from "@/server/testing/jobs";
import { liveBoard } from "@/server/workshops/views";

const template = JSON.stringify({
  Parameters: { TopicName: { Type: "String" } },
  Resources: { Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: { Ref: "TopicName" } } } },
  Outputs: { Name: { Value: { Ref: "TopicName" }, Description: "Where to send" } },
});
const yaml = "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\nOutputs:\n  Url:\n    Value: !Ref Queue\n";

let cloud: TestCloud;
let proxy: CallProxy;
let pool: Awaited<ReturnType<typeof makePool>>;
/** What the job runs with: by way of the proxy, and with a log that is kept. */
let worker: Context<SystemActor>;
const logged: string[] = [];
beforeAll(async () => {
  cloud = await startTestCloud({ accounts: 12 });
  proxy = await startProxy(cloud.emulator.endpoint);
  pool = await makePool(cloud, 12);
  const log = pino({ level: "trace" }, { write: (line) => logged.push(line) });
  const env = { ...cloud.env, AWS_ENDPOINT_URL: proxy.endpoint };
  worker = { ...cloud.as({ kind: "system", by: "clock" }, { env }), log };
});
afterAll(async () => {
  await proxy.close();
  await cloud.close();
});
beforeEach(() => proxy.reset());
afterEach(() => {
  proxy.fault = undefined;
});

/** Ready leases of a workshop whose profile has a start-up stack; their jobs are still to run. */
async function ready(count: number, stack: { template?: string; parameters?: Record<string, string> } = {}) {
  const profile = await makeProfile(cloud.db, pool.team.id, {
    stackTemplate: stack.template ?? template,
    stackParameters: stack.parameters ?? (stack.template ? {} : { TopicName: "greetings" }),
  });
  const { workshop, registrations } = await openedWorkshop(cloud, { team: pool.team, profile }, count);
  await cloud.db.$transaction((tx) => reserveLeases(cloud.system, tx, { workshopId: workshop.id }));
  const leases = await cloud.db.lease.findMany({
    where: { workshopId: workshop.id },
    include: { account: true },
    orderBy: { id: "asc" },
  });
  for (const { id } of leases) await vend(cloud.system, { leaseId: id });
  return { workshop, registrations, leases };
}

const stackOf = (leaseId: string) =>
  cloud.db.lease.findUniqueOrThrow({
    where: { id: leaseId },
    select: { state: true, stackState: true, stackError: true, stackOutputs: true },
  });

const cloudFormation = (awsAccountId: string) =>
  new CloudFormationClient({
    endpoint: cloud.emulator.endpoint,
    region: "eu-west-1",
    credentials: memberCredentials(cloud.env, awsAccountId),
  });

async function stacksIn(awsAccountId: string): Promise<string[]> {
  const { StackSummaries: found } = await cloudFormation(awsAccountId).send(new ListStacksCommand({}));
  return (found ?? []).filter((one) => one.StackStatus !== "DELETE_COMPLETE").map((one) => `${one.StackStatus}`);
}

/** Answers of CloudFormation for what the emulator cannot be brought to say. */
const xml = (operation: string, result: string) =>
  `<${operation}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><${operation}Result>${result}</${operation}Result></${operation}Response>`;
const stackIs = (status: string) =>
  xml(
    "DescribeStacks",
    `<Stacks><member><StackId>arn:one</StackId><StackName>atelier-start</StackName><CreationTime>2026-05-04T10:00:00Z</CreationTime><StackStatus>${status}</StackStatus></member></Stacks>`,
  );
const event = (id: string, resource: string, status: string, why: string) =>
  `<member><StackId>arn:one</StackId><EventId>${id}</EventId><StackName>atelier-start</StackName><Timestamp>2026-05-04T10:00:00Z</Timestamp><LogicalResourceId>${resource}</LogicalResourceId><ResourceStatus>${status}</ResourceStatus><ResourceStatusReason>${why}</ResourceStatusReason></member>`;

test("each account gets its own stack once its access is there, and the outputs; the lease is ready meanwhile", async () => {
  const { leases } = await ready(2);
  for (const { id } of leases) expect(await stackOf(id)).toMatchObject({ state: "ready", stackState: "pending" });
  await runJobs(worker, ["sandboxes.stack"]);
  for (const { id, account } of leases) {
    expect(await stacksIn(account.awsAccountId)).toEqual(["CREATE_COMPLETE"]);
    const { stackState, stackOutputs } = await stackOf(id);
    expect(stackState).toBe("done");
    const output = { key: "Name", value: "greetings", description: "Where to send" };
    expect(stackOutputs).toEqual([output]);
  }
  expect(proxy.byOperation().CreateStack).toBe(2);
});

test("outputs are for the holder alone: a browser that is not verified, and other members, see none", async () => {
  const { workshop, registrations, leases } = await ready(1);
  const my = (verified: boolean) => myWorkshop(cloud.as(attendee(registrations[0]!, verified)));
  expect((await my(true)).stack).toEqual({ state: "pending", outputs: [] });
  await runJobs(worker, ["sandboxes.stack"]);
  const output = { key: "Name", value: "greetings", description: "Where to send" };
  expect((await my(true)).stack).toEqual({ state: "done", outputs: [output] });
  expect((await my(false)).stack).toBeNull();
  const architect = await makeMember(cloud.db, pool.team.id, "solutions_architect");
  const presenter = await makeMember(cloud.db, pool.team.id, "solutions_architect");
  const board = await liveBoard(cloud.as(architect.actor), { workshopId: workshop.id });
  expect(board[0]!.lease).toMatchObject({ stack: { state: "done", error: null } });
  expect(JSON.stringify(board)).not.toContain("greetings");
  const { leaseId } = await leaseForMember(cloud.as(presenter.actor), { workshopId: workshop.id, holder: "presenter" });
  await vend(cloud.system, { leaseId });
  await runJobs(worker, ["sandboxes.stack"]);
  const own = (actor: typeof presenter.actor) => ownStackOutputs(cloud.as(actor), { workshopId: workshop.id });
  expect(await own(presenter.actor)).toEqual([{ leaseId, outputs: [output] }]);
  expect(await own(architect.actor)).toEqual([]);

  const kept = await cloud.db.auditEntry.findMany({ select: { action: true, detail: true } });
  expect(JSON.stringify([kept, logged])).not.toContain("greetings");

  await cloud.db.lease.update({ where: { id: leases[0]!.id }, data: { frozenAt: new Date() } });
  expect(await my(true)).toMatchObject({ sandbox: "frozen", stack: null });
});

test("a profile without a stack plans none; a template in YAML works as one in JSON", async () => {
  const { workshop } = await openedWorkshop(cloud, pool, 1);
  await cloud.db.$transaction((tx) => reserveLeases(cloud.system, tx, { workshopId: workshop.id }));
  const plain = await cloud.db.lease.findFirstOrThrow({ where: { workshopId: workshop.id } });
  await vend(cloud.system, { leaseId: plain.id });
  expect((await stackOf(plain.id)).stackState).toBeNull();
  const { leases } = await ready(1, { template: yaml });
  await runJobs(worker, ["sandboxes.stack"]);
  expect(await stackOf(leases[0]!.id)).toMatchObject({ stackState: "done", stackOutputs: [{ key: "Url" }] });
});

test("a job that dies after any of its calls, and two at once, end in one stack that is done", async () => {
  const { leases } = await ready(1);
  const [lease] = leases;
  for (let dieAt = 1; dieAt <= 3; dieAt++) {
    proxy.reset();
    proxy.fault = ({ number }) =>
      number < dieAt ? undefined : { kind: "cut", when: number === dieAt ? "after" : "before" };
    await makeStack(worker, { leaseId: lease!.id }).catch(() => undefined);
  }
  proxy.fault = undefined;
  await Promise.all([makeStack(worker, { leaseId: lease!.id }), makeStack(worker, { leaseId: lease!.id })]);
  await runJobs(worker, ["sandboxes.stack"]);
  expect(await stackOf(lease!.id)).toMatchObject({ stackState: "done", stackError: null });
  expect(await stacksIn(lease!.account.awsAccountId)).toEqual(["CREATE_COMPLETE"]);
});

test("a stack that fails says why in CloudFormation's words for its account, the others go on, and trying again deletes it first", async () => {
  const { workshop, leases } = await ready(2);
  const admin = await makeMember(cloud.db, pool.team.id, "solutions_architect");
  const events = [
    event("3", "Other", "CREATE_FAILED", "Resource creation cancelled"),
    event("2", "Bucket", "CREATE_FAILED", "That name is taken"),
    event("1", "Role", "CREATE_COMPLETE", ""),
  ];
  proxy.fault = ({ body }) => {
    if (body.includes("Action=DescribeStackEvents"))
      return {
        kind: "answer",
        status: 200,
        body: xml("DescribeStackEvents", `<StackEvents>${events.join("")}</StackEvents>`),
      };
    return body.includes("Action=DescribeStacks")
      ? { kind: "answer", status: 200, body: stackIs("CREATE_FAILED") }
      : undefined;
  };
  await cloud.db.lease.update({ where: { id: leases[0]!.id }, data: { stackState: "creating" } });
  await makeStack(worker, { leaseId: leases[0]!.id });
  expect(await stackOf(leases[0]!.id)).toMatchObject({
    stackState: "failed",
    stackError: "Bucket: That name is taken",
  });
  proxy.fault = undefined;
  await runJobs(worker, ["sandboxes.stack"]);
  expect((await stackOf(leases[1]!.id)).stackState).toBe("done");

  const [one] = leases;
  await expect(
    retryStacks(cloud.as(admin.actor), { workshopId: workshop.id, leaseId: leases[1]!.id }),
  ).rejects.toMatchObject({ code: "conflict" });
  expect(await retryStacks(cloud.as(admin.actor), { workshopId: workshop.id })).toEqual({ stacks: 1 });
  // The failed one is still there at the first look.
  proxy.reset();
  let looks = 0;
  proxy.fault = ({ body }) =>
    body.includes("Action=DescribeStacks") && ++looks === 1
      ? { kind: "answer", status: 200, body: stackIs("ROLLBACK_COMPLETE") }
      : undefined;
  await runJobs(worker, ["sandboxes.stack"]);
  expect(proxy.byOperation().DeleteStack).toBe(1);
  expect(await stackOf(one!.id)).toMatchObject({ stackState: "done", stackError: null });
});

test("a template that CloudFormation refuses fails at once with its words, not after eight tries", async () => {
  const { leases } = await ready(1, { template, parameters: {} });
  proxy.fault = ({ body }) =>
    body.includes("Action=CreateStack")
      ? {
          kind: "answer",
          status: 400,
          body: '<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Parameters: [TopicName] must have values</Message></Error></ErrorResponse>',
        }
      : undefined;
  await runJobs(worker, ["sandboxes.stack"]);
  expect(await stackOf(leases[0]!.id)).toMatchObject({
    stackState: "failed",
    stackError: "Parameters: [TopicName] must have values",
  });
  expect(proxy.byOperation().CreateStack).toBe(1);
});

test("nothing is left in an account that is being taken back while its stack is asked for", async () => {
  const { workshop, leases } = await ready(1);
  const [lease] = leases;
  proxy.fault = async ({ body }) => {
    if (body.includes("Action=CreateStack"))
      await cloud.db.$transaction((tx) => startTakingBack(cloud.system, tx, { workshopId: workshop.id }));
    return undefined;
  };
  await makeStack(worker, { leaseId: lease!.id });
  proxy.fault = undefined;
  expect(await stacksIn(lease!.account.awsAccountId)).toEqual([]);
  await makeStack(worker, { leaseId: lease!.id });
  expect(await stacksIn(lease!.account.awsAccountId)).toEqual([]);
});

test("a stack that is deleted while it is made counts as failed, and only members of the team make it again", async () => {
  const { workshop, leases } = await ready(1);
  const [lease] = leases;
  await makeStack(worker, { leaseId: lease!.id });
  await cloudFormation(lease!.account.awsAccountId).send(new DeleteStackCommand({ StackName: "atelier-start" }));
  await makeStack(worker, { leaseId: lease!.id });
  expect(await stackOf(lease!.id)).toMatchObject({
    stackState: "failed",
    stackError: expect.stringContaining("deleted"),
  });
  const manager = await makeMember(cloud.db, pool.team.id, "account_manager");
  await expect(retryStacks(cloud.as(manager.actor), { workshopId: workshop.id })).rejects.toMatchObject({
    code: "not_found",
  });
  const elsewhere = await makeMember(cloud.db, (await makeTeam(cloud.db)).id, "admin");
  await expect(retryStacks(cloud.as(elsewhere.actor), { workshopId: workshop.id })).rejects.toMatchObject({
    code: "not_found",
  });
});
