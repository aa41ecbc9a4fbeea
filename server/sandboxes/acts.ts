import type { SandboxAccount } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import { enqueue } from "@/server/jobs/queue";
import { allowMember } from "@/server/permissions";
import { moveAccountRow, serveWaitingWorkshops } from "@/server/sandboxes/accounts";
import { enqueueClean } from "@/server/sandboxes/cleaning";
import { accountActs, actReasons, type ReleaseReason, type RetireReason } from "@/server/sandboxes/lifecycle";
import { placeAccount, requireCloud } from "@/server/sandboxes/units";

/** What members do with accounts of the pool by hand. Each is one conditional update with its audit entry. */

const refusal = "This account cannot be changed so in its present state. The page shows what it is now.";

type Account = SandboxAccount & { leases: { id: string }[] };

async function findAccount(ctx: Context, accountId: string, teamId: string): Promise<Account> {
  const account = await ctx.db.sandboxAccount.findFirst({
    where: { id: accountId, teamId },
    include: { leases: { where: { endedAt: null }, select: { id: true } } },
  });
  if (!account) throw notFound("account");
  if (account.leases.length > 0)
    throw new DomainError("conflict", "This account is lent. It is emptied when its workshop closes.");
  return account;
}

/** Empties an account that nobody holds (again). */
export async function cleanAccount(ctx: Context, input: { accountId: string }): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "cleanup.run");
  await sendToCleaning(ctx, { ...input, teamId, act: "clean" });
}

/** Takes a retired account into the pool again; it is emptied before anybody gets it. */
export async function bringBackAccount(ctx: Context, input: { accountId: string }): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "pool.edit");
  await sendToCleaning(ctx, { ...input, teamId, act: "bringBack" });
}

async function sendToCleaning(ctx: Context, of: { accountId: string; teamId: string; act: "clean" | "bringBack" }) {
  const { teamId, act } = of;
  requireCloud(ctx);
  const { id: accountId } = await findAccount(ctx, of.accountId, teamId);
  await ctx.db.$transaction(async (tx) => {
    const moved = await moveAccountRow(ctx, tx, { accountId, teamId, from: accountActs[act], to: "cleaning" });
    if (!moved) throw new DomainError("conflict", refusal);
    await enqueueClean(ctx, tx, accountId);
  });
}

/** Asks for a sync of the team's accounts with AWS now; it runs in the background and the pool's page shows what it found. */
export async function checkPool(ctx: Context): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "pool.edit");
  requireCloud(ctx);
  await ctx.db.$transaction((tx) => enqueue(ctx, tx, "sandboxes.reconcile", { teamId }, { priority: 10 }));
}

/** Ends the cooldown of an account early: it was found to be empty before, and may be lent from now on. */
export async function endCooldown(ctx: Context, input: { accountId: string }): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "pool.edit");
  const { id: accountId, problem } = await findAccount(ctx, input.accountId, teamId);
  if (problem) throw new DomainError("not_ready", problem);
  await ctx.db.$transaction(async (tx) => {
    const move = { accountId, teamId, from: accountActs.endCooldown, to: "available" } as const;
    if (!(await moveAccountRow(ctx, tx, move))) throw new DomainError("conflict", refusal);
    await serveWaitingWorkshops(ctx, tx, teamId);
  });
}

type Reasoned<R extends string> = { accountId: string; why: R; note?: string };

/**
 * Returns a quarantined account to the pool on an admin's word; the reason stands in its history. `not_ready` while anything
 * else speaks against it: never found to be empty, an earlier holder who may still get in, or a problem of the last sync.
 */
export async function releaseAccount(ctx: Context, input: Reasoned<ReleaseReason>): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "pool.edit");
  requireCloud(ctx);
  const account = await findAccount(ctx, input.accountId, teamId);
  const { id: accountId } = account;
  const detail = await reasonOf(ctx, "release", input, account);
  await refuseUnsafe(ctx, account);
  await ctx.db.$transaction(async (tx) => {
    const move = { accountId, teamId, from: accountActs.release, to: "available", detail } as const;
    if (!(await moveAccountRow(ctx, tx, move))) throw new DomainError("conflict", refusal);
    await serveWaitingWorkshops(ctx, tx, teamId);
  });
  await placeAccount(ctx, accountId);
}

async function refuseUnsafe(ctx: Context, { id, teamId, lastCleanedAt, problem }: Account): Promise<void> {
  if (problem) throw new DomainError("not_ready", problem);
  if (!lastCleanedAt)
    throw new DomainError(
      "not_ready",
      "This account was never found to be empty, so it cannot be lent. Clean it first.",
    );
  const last = await ctx.db.lease.findFirst({ where: { accountId: id, teamId }, orderBy: { reservedAt: "desc" } });
  if (last?.endedAt && !last.provedAt && lastCleanedAt < last.endedAt)
    throw new DomainError(
      "not_ready",
      "It is not proved that whoever had this account before can no longer enter it. Clean it first.",
    );
}

/** Takes an account out of the pool; it stays in AWS where it is. An admin can bring it back. */
export async function retireAccount(ctx: Context, input: Reasoned<RetireReason>): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "pool.edit");
  const account = await findAccount(ctx, input.accountId, teamId);
  const { id: accountId } = account;
  const detail = await reasonOf(ctx, "retire", input, account);
  await ctx.db.$transaction(async (tx) => {
    const move = { accountId, teamId, from: accountActs.retire, to: "retired", detail } as const;
    if (!(await moveAccountRow(ctx, tx, move))) throw new DomainError("conflict", refusal);
  });
}

const invalid = (field: string, message: string) =>
  new DomainError("invalid", message, { fields: { [field]: message } });

/**
 * A reason for the history, where nothing can be deleted: one of the list, and at most a short note that may name no attendee
 * of the account.
 */
async function reasonOf<A extends keyof typeof actReasons>(
  ctx: Context,
  act: A,
  input: Reasoned<string>,
  account: Account,
): Promise<{ why: string; note?: string }> {
  const { why } = input;
  const note = (input.note ?? "").trim();
  if (!Object.hasOwn(actReasons[act], why)) throw invalid("why", "Choose a reason.");
  if (why === "other" && !note) throw invalid("note", "Say why.");
  if (note.length > 200) throw invalid("note", "200 characters at most.");
  if (!note) return { why };
  const holders = await ctx.db.person.findMany({
    where: {
      teamId: account.teamId,
      registrations: { some: { anonymizedAt: null, leases: { some: { accountId: account.id } } } },
    },
    select: { name: true },
  });
  const words = new Set(wordsOf(note));
  const named = holders.some(({ name }) => wordsOf(name ?? "").some((word) => word.length > 2 && words.has(word)));
  if (named || /\S@\S/.test(note))
    throw invalid("note", "Leave out names and addresses of attendees: this stays in the history for good.");
  return { why, note };
}

/** Words without case and accents. */
function wordsOf(text: string): string[] {
  const plain = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.match(/\p{L}+/gu) ?? [];
}

export type ActedOnMany = { done: number; refused: { accountId: string; message: string }[] };

async function onEach(ids: readonly string[], act: (accountId: string) => Promise<void>): Promise<ActedOnMany> {
  const result: ActedOnMany = { done: 0, refused: [] };
  for (const accountId of new Set(ids)) {
    try {
      await act(accountId);
      result.done += 1;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      result.refused.push({ accountId, message: error.message });
    }
  }
  return result;
}

/** Empties several accounts; one that cannot be is named and stops no other. */
export async function cleanAccounts(ctx: Context, input: { accountIds: readonly string[] }): Promise<ActedOnMany> {
  allowMember(ctx.actor, "cleanup.run");
  requireCloud(ctx);
  return onEach(input.accountIds, (accountId) => cleanAccount(ctx, { accountId }));
}

/** Retires several accounts for one reason; one that cannot be is named and stops no other. */
export async function retireAccounts(
  ctx: Context,
  input: { accountIds: readonly string[]; why: RetireReason; note?: string },
): Promise<ActedOnMany> {
  allowMember(ctx.actor, "pool.edit");
  const { accountIds, ...reason } = input;
  return onEach(accountIds, (accountId) => retireAccount(ctx, { accountId, ...reason }));
}
