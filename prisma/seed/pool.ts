import { audit } from "@/server/audit";
import { roleArn } from "@/server/aws/iam";
import { loadServices } from "@/server/cleaner/services/index.generated";
import { recordActivity } from "@/server/insights/activity";
import { enqueue } from "@/server/jobs/queue";
import { queueMail } from "@/server/mail/outbox";
import { moveAccountRow, returnToPool } from "@/server/sandboxes/accounts";
import { type TakeBackStep, takeBackSteps } from "@/server/sandboxes/lifecycle";
import { after, clockwork, day, hour, type Stage } from "./stage";

/**
 * What happened to the demo's accounts before it started: the rows that vending, taking back and cleaning would have left.
 * Nothing here calls AWS; what happens from the start on is done by the worker.
 */

const second = 1000;
export type DemoAccount = { id: string; name: string };

/** Accounts that came into the pool a while ago and were found empty, and new ones that the worker cleans at once. */
export async function fillPool(
  stage: Stage,
  teamId: string,
  accounts: readonly DemoAccount[],
  fresh: number,
): Promise<{ id: string; awsAccountId: string }[]> {
  const rows: { id: string; awsAccountId: string }[] = [];
  for (const [index, account] of accounts.entries()) {
    const isNew = index >= accounts.length - fresh;
    const when = isNew ? stage.now : after(stage.now, -80 * day + index * 7 * 60 * second);
    const ctx = stage.at(when, clockwork);
    const id = ctx.newId("sandboxAccount");
    const data = { id, teamId, awsAccountId: account.id, name: account.name, state: "cleaning" as const };
    await stage.db.sandboxAccount.create({ data: { ...data, stateSince: when, createdAt: when } });
    await audit(ctx, stage.db, { teamId, action: "account.added", entity: "sandboxAccount", entityId: id });
    rows.push({ id, awsAccountId: account.id });
    if (isNew) await enqueue(ctx, stage.db, "sandboxes.clean", { accountId: id, cause: "new_account" });
    else await cleaned(stage, when, { id, teamId }, { cause: "new_account", leaseId: null, left: [] });
  }
  return rows;
}

type Found = { type: string; region: string; resourceId: string };

/** What attendees leave behind, a little different for each. */
function leftovers(seed: number): Found[] {
  const region = seed % 2 ? "eu-central-1" : "eu-west-1";
  const mark = (0x3a1c + seed * 0x1f7).toString(16);
  const all: Found[] = [
    { type: "s3/bucket", region: "global", resourceId: `orders-${mark}` },
    { type: "lambda/function", region, resourceId: "order-intake" },
    { type: "dynamodb/table", region, resourceId: "orders" },
    { type: "sqs/queue", region, resourceId: `https://sqs.${region}.amazonaws.com/orders` },
    { type: "logs/log-group", region, resourceId: "/aws/lambda/order-intake" },
    { type: "ec2/instance", region: "eu-west-1", resourceId: `i-0${mark}5d2e8b71` },
    { type: "iam/role", region: "global", resourceId: "order-intake-role" },
  ];
  return all.filter((_, index) => (index + seed) % 3 !== 0);
}

type Why = { cause: "new_account" | "closing" | "by_hand"; leaseId: string | null; left: Found[]; stuck?: string };

/** A run of the cleaner and its evidence; the account goes back to the pool, or is set aside when something is stuck. */
async function cleaned(
  stage: Stage,
  startedAt: Date,
  account: { id: string; teamId: string },
  why: Why,
): Promise<Date> {
  const { teamId } = account;
  const endedAt = after(startedAt, (why.left.length > 0 ? 150 : 55) * second);
  const id = stage.at(startedAt, clockwork).newId("cleanup");
  const cells = await cellsOfPass();
  const passes = why.left.length > 0 ? 3 : 2;
  const remaining = why.stuck ? 1 : 0;
  await stage.db.cleanup.create({
    data: {
      ...{ id, teamId, accountId: account.id, leaseId: why.leaseId, cause: why.cause },
      state: why.stuck ? "dirty" : "clean",
      reason: why.stuck ?? "Two full passes found nothing",
      pass: passes,
      regions: demoRegions,
      checksPerPass: cells.length,
      found: why.left.length,
      removed: why.left.length - remaining,
      remaining,
      calls: cells.length * passes + why.left.length * 4,
      ...{ startedAt, heartbeatAt: endedAt, endedAt },
    },
  });
  const isFound = (cell: Cell) => why.left.filter((one) => one.type === cell.type && one.region === cell.region);
  await stage.db.cleanupCheck.createMany({
    data: Array.from({ length: passes }, (_, index) =>
      cells.map((cell) => {
        const there = isFound(cell);
        // What is stuck is the first that was found; the rest is gone after the first pass.
        const count = index === 0 ? there.length : there.filter((one) => why.stuck && one === why.left[0]).length;
        return { cleanupId: id, teamId, pass: index + 1, ...cell, outcome: count > 0 ? "found" : "empty", count };
      }),
    ).flat(),
  });
  await stage.db.cleanupResource.createMany({
    data: why.left.map((one, index) => {
      const stays = why.stuck && index === 0;
      const end = stays ? { outcome: "failed", reason: why.stuck, pass: passes } : { outcome: "removed", pass: 1 };
      return { cleanupId: id, teamId, ...one, ...end };
    }),
  });
  const ctx = stage.at(endedAt, clockwork);
  if (!why.stuck) await returnToPool(ctx, stage.db, account);
  return endedAt;
}

export const demoRegions = ["eu-central-1", "eu-west-1", "us-east-1"];
type Cell = { service: string; type: string; region: string };
let knownCells: Cell[] | undefined;

/** Every type in every region, as the cleaner looks at them. */
async function cellsOfPass(): Promise<Cell[]> {
  knownCells ??= (await loadServices()).flatMap((service) =>
    service.types.flatMap((type) =>
      (service.scope === "global" ? ["global"] : demoRegions).map((region) => ({
        service: service.id,
        type: `${service.id}/${type.id}`,
        region,
      })),
    ),
  );
  return knownCells;
}

/** The leases of a workshop that opened in the past, as vending left them: usable, and told. */
export async function vended(stage: Stage, openedAt: Date, workshopId: string): Promise<void> {
  const leases = await stage.db.lease.findMany({ where: { workshopId }, include: { account: true } });
  for (const [index, lease] of leases.entries()) {
    const when = after(openedAt, (4 + index) * second);
    const ctx = stage.at(when, clockwork);
    const { id, teamId, registrationId } = lease;
    await stage.db.lease.update({
      where: { id },
      data: {
        state: "ready",
        readyAt: when,
        canaryAllowedAt: when,
        roleArn: roleArn(lease.account.awsAccountId, lease.roleName),
      },
    });
    await audit(ctx, stage.db, { teamId, action: "lease.ready", entity: "lease", entityId: id });
    if (!registrationId) continue;
    const to = { teamId, workshopId, registrationId, recipientKey: registrationId };
    await queueMail(ctx, stage.db, { kind: "access_ready", occurrence: id, ...to });
  }
}

/** Who came on the day: everybody of these opened the console some minutes after the start. */
export async function came(stage: Stage, startsAt: Date, registrationIds: readonly string[]): Promise<void> {
  for (const [index, id] of registrationIds.entries()) {
    const when = after(startsAt, (7 + index * 2) * 60 * second);
    const registration = await stage.db.registration.update({ where: { id }, data: { consoleOpenedAt: when } });
    const { teamId, workshopId, inviteId, memberId, customerId } = registration;
    const fact = { teamId, workshopId, inviteId, memberId, customerId };
    await recordActivity(stage.at(when, clockwork), stage.db, { kind: "console_opened", ...fact });
  }
}

/**
 * The steps of a workshop that closed in the past, for each of its leases: done, but for the last of `failing`, whose cleaning
 * waits for somebody to try again.
 */
export async function takenBack(
  stage: Stage,
  closedAt: Date,
  workshopId: string,
  failing: { reason: string } | null = null,
): Promise<Date> {
  const leases = await stage.db.lease.findMany({ where: { workshopId }, orderBy: { id: "asc" } });
  let last = closedAt;
  for (const [index, lease] of leases.entries()) {
    const fails = failing !== null && index === leases.length - 1;
    const begin = after(closedAt, (3 + index * 4) * second);
    const account = { id: lease.accountId, teamId: lease.teamId };
    const moved = stage.at(after(begin, 2 * second), clockwork);
    const place = { accountId: account.id, teamId: account.teamId, detail: { leaseId: lease.id } };
    await moveAccountRow(moved, stage.db, { ...place, from: ["leased"], to: "cleaning" });
    const provedAt = after(begin, 25 * second);
    const data = { revokedAt: after(begin, 5 * second), provedAt, state: "revoked" as const };
    await stage.db.lease.update({ where: { id: lease.id }, data });
    await audit(stage.at(provedAt, clockwork), stage.db, {
      ...{ teamId: lease.teamId, action: "lease.revocation_proved", entity: "lease", entityId: lease.id },
      detail: { session: "seen_allowed", userKeys: 0 },
    });
    const ends = fails
      ? after(provedAt, 2 * hour)
      : await cleaned(stage, provedAt, account, { cause: "closing", leaseId: lease.id, left: leftovers(index + 1) });
    await stepsOf(stage, lease.id, { begin, provedAt, ends }, fails ? failing.reason : null);
    if (fails) continue;
    if (ends > last) last = ends;
    await stage.db.lease.update({ where: { id: lease.id }, data: { state: "ended", endedAt: ends } });
    await audit(stage.at(ends, clockwork), stage.db, {
      ...{ teamId: lease.teamId, action: "lease.ended", entity: "lease", entityId: lease.id },
    });
  }
  return last;
}

type Times = { begin: Date; provedAt: Date; ends: Date };

async function stepsOf(stage: Stage, leaseId: string, times: Times, failure: string | null): Promise<void> {
  const { begin, provedAt, ends } = times;
  const moments: Record<TakeBackStep, [Date, Date]> = {
    move: [begin, after(begin, 2 * second)],
    revoke: [after(begin, 2 * second), after(begin, 5 * second)],
    prove: [after(begin, 5 * second), provedAt],
    clean: [provedAt, ends],
    return: [ends, after(ends, second)],
  };
  for (const name of takeBackSteps) {
    const [startedAt, endedAt] = moments[name];
    if (failure && name === "return") return;
    const failed = failure !== null && name === "clean";
    const end = failed
      ? { state: "failed" as const, attempts: 21, lastError: failure }
      : { state: "done" as const, attempts: 1 };
    await stage.db.closingStep.updateMany({ where: { leaseId, name }, data: { ...end, startedAt, endedAt } });
  }
}

/** An account that was set aside: its last cleanup could not remove something. Cleaning it again is all that is needed. */
export async function setAside(stage: Stage, when: Date, account: { id: string; teamId: string }): Promise<void> {
  const reason =
    "1 resource could not be removed: the bucket team-photos-2019 answered with an error for two hours (503 SlowDown).";
  const ctx = stage.at(when, clockwork);
  const move = { accountId: account.id, teamId: account.teamId };
  await moveAccountRow(ctx, stage.db, { ...move, from: ["available"], to: "cleaning" });
  const left = [{ type: "s3/bucket", region: "global", resourceId: "team-photos-2019" }, ...leftovers(4)];
  const ends = await cleaned(stage, when, account, { cause: "by_hand", leaseId: null, left, stuck: reason });
  const data = {
    quarantineReason: `${reason} Look at its last cleanup for what is left and why, then clean the account again.`,
  };
  await moveAccountRow(stage.at(ends, clockwork), stage.db, { ...move, from: ["cleaning"], to: "quarantined", data });
}
