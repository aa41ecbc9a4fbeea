import type { AccountRequest } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import { CloudError } from "@/server/aws/errors";
import {
  accountRequest,
  accountRequests,
  allAccounts,
  createAccount,
  describeOrganization,
  moveAccount,
  type OrganizationMember,
  organizationMember,
  refusalOf,
} from "@/server/aws/organizations";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { enqueue, enqueueAll } from "@/server/jobs/queue";
import type { JobRun } from "@/server/jobs/registry";
import { allowMember } from "@/server/permissions";
import { addAccount } from "@/server/sandboxes/accounts";
import { requireCloud, unitsOf } from "@/server/sandboxes/units";
import { inWords } from "@/server/sandboxes/vending";

/**
 * Making new accounts of the Organization for a team's pool: one row and one job for each. CreateAccount has no idempotency
 * token, so before each call the job looks whether AWS knows the account already; a killed worker makes none twice.
 */

/** AWS lets an Organization make five at a time; two are left to others who make accounts in it. */
const atOnce = 3;
/** A request that AWS works on for longer holds up no other. */
const slowMilliseconds = 2 * 3_600_000;
/** How far AWS's clock may be from ours where times are compared. */
const skewMilliseconds = 10 * 60_000;
const mostOpen = 200;
const seconds = { turn: 20, poll: 10, refused: 120 } as const;

// --- Asking for accounts ---------------------------------------------------------------------------------------------

/** Address and name of the n-th account. */
function numbered(pattern: string, prefix: string, n: number): { email: string; name: string } {
  return { email: pattern.replace("{n}", String(n)).toLowerCase(), name: `${prefix}-${String(n).padStart(3, "0")}` };
}

/** The number in an address of the pattern; 0 for any other. */
function numberIn(pattern: string, email: string): number {
  const [before = "", after = ""] = pattern.toLowerCase().split("{n}");
  const middle = email.slice(before.length, email.length - after.length);
  return email === `${before}${middle}${after}` && /^[1-9]\d{0,8}$/.test(middle) ? Number(middle) : 0;
}

/** Numbers are given out one after another. */
async function lockNumbers(tx: Tx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('account-numbers', 0))`;
}

/** The last number that any team has given out with this pattern. */
async function lastNumber(db: Context["db"] | Tx, pattern: string): Promise<number> {
  const [before = "", after = ""] = pattern.toLowerCase().split("{n}");
  const rows = await db.accountRequest.findMany({
    where: { email: { startsWith: before, endsWith: after } },
    select: { email: true },
  });
  return rows.reduce((last, { email }) => Math.max(last, numberIn(pattern, email)), 0);
}

/**
 * Asks for `count` new accounts, named after the prefix and the number of their address. They are made in the background, a
 * few at a time, and are emptied before anybody gets them. `not_ready` without an address pattern or organizational units.
 */
export async function requestAccounts(
  ctx: Context,
  input: { count: number; prefix: string },
): Promise<{ requested: number }> {
  const { teamId, memberId } = allowMember(ctx.actor, "pool.edit");
  requireCloud(ctx);
  const { count, prefix } = input;
  await ctx.db.$transaction(async (tx) => {
    const team = await tx.team.findUniqueOrThrow({ where: { id: teamId } });
    const pattern = team.accountEmailPattern;
    if (!pattern) throw new DomainError("not_ready", "Set the addresses of new accounts in the team's settings first.");
    if (!unitsOf(team)) throw new DomainError("not_ready", "The team's organizational units are not set up yet.");
    await lockNumbers(tx);
    const open = await tx.accountRequest.count({ where: { teamId, state: { in: ["queued", "creating"] } } });
    if (open + count > mostOpen)
      throw new DomainError("too_many", `${open} accounts are being made already; at most ${mostOpen} at a time.`);
    const last = await lastNumber(tx, pattern);
    const rows = Array.from({ length: count }, (_, index) => ({
      id: ctx.newId("accountRequest"),
      teamId,
      ...numbered(pattern, prefix, last + 1 + index),
      requestedById: memberId,
      createdAt: ctx.clock.now(),
    }));
    await tx.accountRequest.createMany({ data: rows });
    const detail = { accounts: count };
    await audit(ctx, tx, { teamId, action: "pool.accounts_requested", entity: "team", entityId: teamId, detail });
    const jobs = rows.map(({ id }) => ({ requestId: id }));
    await enqueueAll(ctx, tx, "sandboxes.make-account", jobs);
  });
  return { requested: count };
}

async function failedRequest(ctx: Context, requestId: string, teamId: string): Promise<AccountRequest> {
  const request = await ctx.db.accountRequest.findFirst({ where: { id: requestId, teamId, dismissedAt: null } });
  if (!request) throw notFound("request");
  return request;
}

const notFailed = () => new DomainError("conflict", "This request has not failed, or is being tried again already.");

const addressTaken = "EMAIL_ALREADY_EXISTS";

/** Tries a failed request again; with the next address, where AWS says that its own is taken. */
export async function retryAccountRequest(ctx: Context, input: { requestId: string }): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "pool.edit");
  requireCloud(ctx);
  const request = await failedRequest(ctx, input.requestId, teamId);
  // The job reads this and takes the next number, unless the account turns out to be the one asked for.
  const lastError = request.lastError === addressTaken ? addressTaken : null;
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.accountRequest.updateMany({
      where: { id: request.id, state: "failed", dismissedAt: null },
      data: { state: "queued", createRequestId: null, lastError, startedAt: null, endedAt: null },
    });
    if (count === 0) throw notFailed();
    await audit(ctx, tx, {
      ...{ teamId, action: "account_request.retried", entity: "accountRequest", entityId: request.id },
    });
    await enqueue(ctx, tx, "sandboxes.make-account", { requestId: request.id });
  });
}

/** Puts a failed request out of sight; its address is not taken again. */
export async function dismissAccountRequest(ctx: Context, input: { requestId: string }): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "pool.edit");
  const { id } = await failedRequest(ctx, input.requestId, teamId);
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.accountRequest.updateMany({
      where: { id, state: "failed", dismissedAt: null },
      data: { dismissedAt: ctx.clock.now() },
    });
    if (count === 0) throw notFailed();
    await audit(ctx, tx, { teamId, action: "account_request.dismissed", entity: "accountRequest", entityId: id });
  });
}

/** Gives a request the next number whose address is not among the taken ones. */
async function renumber(tx: Tx, request: AccountRequest, taken: ReadonlySet<string>): Promise<void> {
  const team = await tx.team.findUniqueOrThrow({ where: { id: request.teamId } });
  const pattern = team.accountEmailPattern;
  if (!pattern) throw new DomainError("not_ready", "Set the addresses of new accounts in the team's settings first.");
  await lockNumbers(tx);
  const prefix = request.name.replace(/-\d+$/, "");
  for (let n = (await lastNumber(tx, pattern)) + 1; ; n++) {
    const next = numbered(pattern, prefix, n);
    if (taken.has(next.email)) continue;
    await tx.accountRequest.update({ where: { id: request.id }, data: next });
    return;
  }
}

// --- Making one ------------------------------------------------------------------------------------------------------

/**
 * Job: takes one request a step further and enqueues itself until it has ended: waits for its turn, asks AWS once, follows
 * AWS's answer, and takes the account into the pool. Can run twice and beside itself.
 */
export async function makeAccount(ctx: Context, input: { requestId: string }, run?: JobRun): Promise<void> {
  if (ctx.actor.kind !== "system") throw notFound("page");
  if (ctx.env.ATELIER_CLOUD_OFF) return;
  const { requestId } = input;
  if (!(await takeTurn(ctx, requestId))) return;
  try {
    const asked = await askOnce(ctx, requestId);
    if (asked === null) return;
    const end = "accountId" in asked ? asked : await follow(ctx, requestId, asked.createRequestId);
    if (end) await takeIn(ctx, requestId, end.accountId);
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    await refused(ctx, requestId, error, run);
  }
}

async function again(ctx: Context, requestId: string, startAfter: number, tx?: Tx): Promise<void> {
  const send = (to: Tx) => enqueue(ctx, to, "sandboxes.make-account", { requestId }, { startAfter });
  await (tx ? send(tx) : ctx.db.$transaction(send));
}

/** Moves a queued request to `creating` where AWS is not busy with others; false where this job has nothing to do now. */
async function takeTurn(ctx: Context, id: string): Promise<boolean> {
  return ctx.db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('account-turns', 0))`;
    const request = await tx.accountRequest.findUnique({ where: { id } });
    if (request?.state !== "queued") return request?.state === "creating";
    const now = ctx.clock.now();
    const since = new Date(now.getTime() - slowMilliseconds);
    const busy = await tx.accountRequest.count({ where: { state: "creating", startedAt: { gt: since } } });
    if (busy >= atOnce) {
      await again(ctx, id, seconds.turn, tx);
      return false;
    }
    await tx.accountRequest.update({ where: { id }, data: { state: "creating", startedAt: now } });
    return true;
  });
}

type Asked = { createRequestId: string } | { accountId: string };

/**
 * Asks AWS for the account unless that was done before. The row stays locked during the call, so that two runs never ask at
 * the same time; a killed one lets go of it, and the next finds in AWS what it did. Null while another run is at it.
 */
async function askOnce(ctx: Context, id: string): Promise<Asked | null> {
  return ctx.db.$transaction(
    async (tx) => {
      const [locked] = await tx.$queryRaw<{ id: string }[]>`
        SELECT "id" FROM "AccountRequest" WHERE "id" = ${id} AND "state" = 'creating' FOR UPDATE SKIP LOCKED`;
      if (!locked) return null;
      let request = await tx.accountRequest.findUniqueOrThrow({ where: { id } });
      if (request.createRequestId) return { createRequestId: request.createRequestId };
      const members = await allAccounts(ctx.env);
      const known = await findMade(ctx, request, members);
      if (known && "accountId" in known) return known;
      const emails = new Set(members.map(({ email }) => email));
      if (!known && (emails.has(request.email) || request.lastError === addressTaken)) {
        await renumber(tx, request, emails.add(request.email));
        request = await tx.accountRequest.findUniqueOrThrow({ where: { id } });
      }
      const createRequestId = known?.createRequestId ?? (await createAccount(ctx.env, request)).requestId;
      await tx.accountRequest.update({ where: { id }, data: { createRequestId, lastError: null } });
      return { createRequestId };
    },
    { timeout: 180_000 },
  );
}

/**
 * What AWS knows of a request that may have been sent before: the account itself, by address, name and age (an older one, or
 * one of another name, is somebody else's and never taken), else the request for it, by name and age.
 */
async function findMade(
  ctx: Context,
  request: AccountRequest,
  members: readonly OrganizationMember[],
): Promise<Asked | null> {
  const since = new Date(request.createdAt.getTime() - skewMilliseconds);
  const member = members.find(({ email }) => email === request.email);
  if (member) return isOurs(request, member, since) ? { accountId: member.id } : null;
  const names = new Map(members.map((one) => [one.id, one.email]));
  const asked = (await accountRequests(ctx.env)).find(
    ({ name, requestedAt, accountId }) =>
      name === request.name &&
      requestedAt >= since &&
      (accountId === null || !names.has(accountId) || names.get(accountId) === request.email),
  );
  return asked ? { createRequestId: asked.requestId } : null;
}

function isOurs(request: AccountRequest, member: OrganizationMember, since: Date): boolean {
  const { email, name, joinedMethod, joinedAt } = member;
  return email === request.email && name === request.name && joinedMethod === "CREATED" && joinedAt >= since;
}

/** Asks what became of it: the account, or null where it is still being made (asked again later) or has failed. */
async function follow(ctx: Context, id: string, createRequestId: string): Promise<{ accountId: string } | null> {
  const answer = await accountRequest(ctx.env, createRequestId);
  if (answer.state === "made") return { accountId: answer.accountId };
  if (answer.state === "in_progress") {
    await again(ctx, id, seconds.poll);
    return null;
  }
  const request = await ctx.db.accountRequest.findUniqueOrThrow({ where: { id } });
  if (answer.reason === addressTaken) {
    // An earlier call may have made it whose answer was lost, and which AWS listed too late.
    const known = await findMade(ctx, request, await allAccounts(ctx.env));
    if (known && "accountId" in known) return known;
  }
  if (passing.has(answer.reason)) await backToQueue(ctx, id, answer.reason);
  else await fail(ctx, request, answer.reason);
  return null;
}

/** Reasons that pass by themselves: the request waits and goes again. */
const passing = new Set([
  "CONCURRENT_ACCOUNT_MODIFICATION",
  "ConcurrentModification",
  "FinalizingOrganization",
  "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
]);

async function refused(ctx: Context, id: string, error: CloudError, run?: JobRun): Promise<void> {
  const reason = refusalOf(error);
  const request = await ctx.db.accountRequest.findUniqueOrThrow({ where: { id } });
  if (error.kind === "NotFound" && error.operation === "DescribeCreateAccountStatus")
    return forgottenByAws(ctx, request, error);
  if (passing.has(reason)) return backToQueue(ctx, id, reason);
  // No answer, or too many calls: what AWS did is looked up by the next try.
  const transient = error.kind === "Throttled" || error.kind === "Unavailable" || error.kind === "Expired";
  if (!transient || run?.lastTry) return fail(ctx, request, transient ? inWords(error) : reason);
  await ctx.db.accountRequest.updateMany({ where: { id, state: "creating" }, data: { lastError: inWords(error) } });
  throw error;
}

/** AWS forgets no request that it has listed for a while; a new one may be unknown for a moment. */
async function forgottenByAws(ctx: Context, request: AccountRequest, error: CloudError): Promise<void> {
  const age = ctx.clock.now().getTime() - (request.startedAt ?? request.createdAt).getTime();
  if (age > skewMilliseconds) return fail(ctx, request, refusalOf(error));
  await again(ctx, request.id, seconds.poll);
}

async function backToQueue(ctx: Context, id: string, reason: string): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.accountRequest.updateMany({
      where: { id, state: "creating" },
      data: { state: "queued", createRequestId: null, startedAt: null, lastError: reason },
    });
    if (count > 0) await again(ctx, id, seconds.refused, tx);
  });
}

async function fail(ctx: Context, request: AccountRequest, reason: string): Promise<void> {
  const { id, teamId } = request;
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.accountRequest.updateMany({
      where: { id, state: "creating" },
      data: { state: "failed", lastError: reason, endedAt: ctx.clock.now() },
    });
    if (count === 0) return;
    const detail = { reason };
    await audit(ctx, tx, { teamId, action: "account_request.failed", entity: "accountRequest", entityId: id, detail });
  });
}

/** Moves the made account into the team's unit and takes it into the pool, to be emptied. */
async function takeIn(ctx: Context, id: string, awsAccountId: string): Promise<void> {
  const request = await ctx.db.accountRequest.findUniqueOrThrow({ where: { id }, include: { team: true } });
  const { teamId } = request;
  const units = unitsOf(request.team);
  if (!units) return fail(ctx, request, "NO_UNITS");
  const [member, { managementAccountId }, row] = await Promise.all([
    organizationMember(ctx.env, awsAccountId),
    describeOrganization(ctx.env),
    ctx.db.sandboxAccount.findUnique({ where: { awsAccountId }, select: { teamId: true } }),
  ]);
  if (member.email !== request.email || awsAccountId === managementAccountId) return fail(ctx, request, "NOT_OURS");
  if (row && row.teamId !== teamId) return fail(ctx, request, "OTHER_TEAM");
  if (!row) await moveAccount(ctx.env, { accountId: awsAccountId, to: units.closing });
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.accountRequest.updateMany({
      where: { id, state: "creating" },
      data: { state: "created", awsAccountId, lastError: null, endedAt: ctx.clock.now() },
    });
    if (count === 0) return;
    // A sync may have taken it in meanwhile.
    await addAccount(ctx, tx, teamId, { awsAccountId, name: request.name, parentId: units.closing });
    const detail = { awsAccountId };
    await audit(ctx, tx, { teamId, action: "account_request.created", entity: "accountRequest", entityId: id, detail });
  });
}

/** Nothing is seen of a request for this long only when its job is lost. */
const lostMilliseconds = 15 * 60_000;

/** Starts the requests of a team again whose job was lost with the queue. Answers how many. */
export async function resumeMaking(ctx: Context, teamId: string): Promise<number> {
  const before = new Date(ctx.clock.now().getTime() - lostMilliseconds);
  const open = await ctx.db.accountRequest.findMany({
    where: { teamId, state: { in: ["queued", "creating"] }, createdAt: { lt: before } },
    select: { id: true },
  });
  const waiting = await ctx.db.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT data->>'requestId' AS "id" FROM pgboss.job
    WHERE name = 'sandboxes.make-account' AND state IN ('created', 'retry', 'active')`;
  const known = new Set(waiting.map(({ id }) => id));
  const lost = open.filter(({ id }) => !known.has(id)).map(({ id }) => ({ requestId: id }));
  await ctx.db.$transaction((tx) => enqueueAll(ctx, tx, "sandboxes.make-account", lost));
  return lost.length;
}

// --- What the pool's page shows --------------------------------------------------------------------------------------

export type AccountRequestView = {
  id: string;
  name: string;
  email: string;
  state: "queued" | "creating" | "failed";
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  /** What AWS said, and what to do about it; null while all is well. */
  problem: string | null;
};

export type MakingView = {
  /** Pattern of the addresses; null where the team has none yet. */
  pattern: string | null;
  /** The number of the next account. */
  next: number;
  /** Not ended yet, and failed ones that nobody dismissed: the failed first, then in the order of asking. */
  requests: AccountRequestView[];
  /** Made within the last day. */
  madeLately: number;
};

/** The requests for accounts of the member's team. */
export async function makingOf(ctx: Context, team: { id: string; accountEmailPattern: string | null }) {
  const { id: teamId, accountEmailPattern: pattern } = team;
  const since = new Date(ctx.clock.now().getTime() - 24 * 3_600_000);
  const [rows, madeLately, last] = await Promise.all([
    ctx.db.accountRequest.findMany({
      where: { teamId, state: { not: "created" }, dismissedAt: null },
      orderBy: [{ createdAt: "asc" }, { name: "asc" }],
      take: 500,
    }),
    ctx.db.accountRequest.count({ where: { teamId, state: "created", endedAt: { gte: since } } }),
    pattern ? lastNumber(ctx.db, pattern) : 0,
  ]);
  const failedFirst = [...rows].sort((a, b) => Number(b.state === "failed") - Number(a.state === "failed"));
  const view: MakingView = {
    pattern,
    next: last + 1,
    requests: failedFirst.map((row) => ({
      id: row.id,
      name: row.name,
      email: row.email,
      state: row.state as AccountRequestView["state"],
      createdAt: row.createdAt.toISOString(),
      startedAt: row.startedAt?.toISOString() ?? null,
      endedAt: row.endedAt?.toISOString() ?? null,
      problem: problemOf(ctx, row),
    })),
    madeLately,
  };
  return view;
}

function problemOf(ctx: Context, row: AccountRequest): string | null {
  if (row.lastError) return makingFailures[row.lastError] ?? unknownFailure(row);
  const age = row.startedAt ? ctx.clock.now().getTime() - row.startedAt.getTime() : 0;
  if (row.state === "creating" && age > 3_600_000)
    return "AWS works on it for more than an hour, which is unusual. It is asked again by itself; AWS support can say what it waits for.";
  return null;
}

function unknownFailure({ lastError, state }: AccountRequest): string {
  const said = `${lastError}`.replace(/[.]$/, "");
  return state === "failed" ? `AWS did not make it: ${said}. Try again; ask AWS support if it stays so.` : `${said}.`;
}

const payment =
  "The payment method of the management account does not pass. Put it right in AWS Billing, then try again.";
const business =
  "AWS has not finished checking the business of the management account. AWS support says what is missing.";
const limit =
  "The Organization has as many accounts as it may have. Ask for more in AWS Service Quotas (Organizations, maximum number of accounts), then try again.";

/** What AWS's reasons mean, and what helps. API_CreateAccountStatus.html (FailureReason) and API_CreateAccount.html (Errors). */
const makingFailures: Record<string, string> = {
  EMAIL_ALREADY_EXISTS: "An AWS account uses this address already. Another try takes the next number.",
  ACCOUNT_LIMIT_EXCEEDED: limit,
  ACCOUNT_NUMBER_LIMIT_EXCEEDED: limit,
  ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED:
    "AWS makes no more accounts for now, since many were made lately. It goes on by itself.",
  CONCURRENT_ACCOUNT_MODIFICATION: "Something else changes the Organization at the moment. It goes on by itself.",
  ConcurrentModification: "Something else changes the Organization at the moment. It goes on by itself.",
  FinalizingOrganization: "AWS is still setting the Organization up, which takes up to an hour. It goes on by itself.",
  INVALID_EMAIL:
    "AWS does not take this address. Correct the pattern in the team's settings, dismiss this and ask anew.",
  INVALID_ADDRESS: "The address of the management account's company does not pass. Correct it in AWS, then try again.",
  INVALID_PAYMENT_INSTRUMENT: payment,
  MISSING_PAYMENT_INSTRUMENT: payment,
  INVALID_IDENTITY_FOR_BUSINESS_VALIDATION: business,
  FAILED_BUSINESS_VALIDATION: business,
  MISSING_BUSINESS_VALIDATION: business,
  PENDING_BUSINESS_VALIDATION: business,
  UNKNOWN_BUSINESS_VALIDATION: business,
  INTERNAL_FAILURE: "Something failed at AWS. Try again; ask AWS support if it fails again.",
  AccessDenied:
    "Atelier may not make accounts: its role in the management account needs organizations:CreateAccount. Then try again.",
  CreateAccountStatusNotFound:
    "AWS does not know its own request any more. Look into AWS Organizations whether the account is there, then try again.",
  NO_UNITS: "The team's organizational units are not set up any more. Set them up again, then try again.",
  NOT_OURS: "AWS answered with an account of another address, so it was left alone. Look into AWS Organizations.",
  OTHER_TEAM: "The account was made, and the pool of another team took it in meanwhile.",
};
