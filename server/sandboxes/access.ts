import { audit } from "@/server/audit";
import { CloudError } from "@/server/aws/errors";
import { accountSignInUrl, consoleSignInUrl } from "@/server/aws/federation";
import { leaseCredentials, type SessionKeys } from "@/server/aws/sts";
import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import { type ActivityKind, recordActivity } from "@/server/insights/activity";
import { allowMember } from "@/server/permissions";
import { limit } from "@/server/rate-limit";
import { type CredentialKind, openSecret } from "@/server/sandboxes/credentials";
import { readKey, renewKey, renewPassword } from "@/server/sandboxes/lease-user";
import { requireCloud } from "@/server/sandboxes/units";

/**
 * Entering a sandbox: links and keys are made at the click, for the holder alone, and stored nowhere. The password and the key
 * of an IAM user wait encrypted until their holder looks at them, once.
 */

const withWorkshop = {
  account: { select: { awsAccountId: true } },
  credentials: { where: { revokedAt: null } },
  workshop: { select: { state: true, sandboxProfile: { select: { regions: true } } } },
  registration: { select: { inviteId: true, memberId: true, customerId: true, consoleOpenedAt: true } },
} as const;

export type AccessInput = { registrationId?: string; leaseId?: string };

async function findLease(
  ctx: Context,
  where: { id?: string; registrationId?: string; memberId?: string; teamId: string },
) {
  // The newest: one that it took the place of may still be on its way back.
  const orderBy = [{ reservedAt: "desc" as const }, { id: "desc" as const }];
  return ctx.db.lease.findFirst({ where: { ...where, endedAt: null }, orderBy, include: withWorkshop });
}
type FoundLease = NonNullable<Awaited<ReturnType<typeof findLease>>>;

const closedWords: Record<string, string> = {
  draft: "This workshop is not open yet.",
  registration: "This workshop is not open yet. Your account is made ready shortly before it starts.",
  closing: "This workshop has closed, and its accounts are being emptied.",
  closed: "This workshop has closed, and its accounts were emptied.",
  cancelled: "This workshop was cancelled.",
};

/** The lease that the actor may enter now; otherwise an error that says what stands in the way. */
async function leaseOfActor(ctx: Context, input: AccessInput): Promise<FoundLease & { roleArn: string }> {
  requireCloud(ctx);
  const lease = await (ctx.actor.kind === "attendee" ? attendeesLease(ctx, input) : membersLease(ctx, input));
  if (lease.state === "reserved")
    throw new DomainError("not_ready", "Your account is being made ready. This takes about a minute.", {
      retryAfterSeconds: 10,
      say: { key: "account_preparing" },
    });
  if (lease.state === "failed")
    throw new DomainError("not_ready", "Your account could not be made ready. Tell the people who run the workshop.", {
      say: { key: "account_failed" },
    });
  if (lease.state !== "ready" || !lease.roleArn)
    throw new DomainError("gone", "This account has been taken back and is being emptied.", {
      say: { key: "account_gone" },
    });
  if (lease.frozenAt)
    throw new DomainError(
      "not_ready",
      "This account has used up its budget and is frozen. Tell the people who run the workshop.",
      { say: { key: "account_frozen" } },
    );
  // Each click asks AWS and writes into the history for good; nobody needs it more often.
  await limit(ctx, "access", lease.id, { points: 60, seconds: 600 });
  return { ...lease, roleArn: lease.roleArn };
}

async function attendeesLease(ctx: Context, input: AccessInput): Promise<FoundLease> {
  if (ctx.actor.kind !== "attendee") throw notFound("sandbox");
  const { teamId, registrationId, verified } = ctx.actor;
  if (input.registrationId !== undefined && input.registrationId !== registrationId) throw notFound("sandbox");
  if (!verified)
    throw new DomainError("unverified", "Confirm that it is you before you enter the account.", {
      say: { key: "unverified" },
    });
  const registration = await ctx.db.registration.findFirst({
    where: { id: registrationId, teamId },
    select: { workshop: { select: { state: true } } },
  });
  if (!registration) throw notFound("sandbox");
  const closed = closedWords[registration.workshop.state];
  if (closed) throw new DomainError(isOver(registration.workshop.state) ? "gone" : "not_ready", closed);
  const lease = await findLease(ctx, { registrationId, teamId });
  if (!lease)
    throw new DomainError("not_ready", "There is no account for you yet. You get one as soon as one is free.", {
      retryAfterSeconds: 30,
      say: { key: "account_none" },
    });
  return lease;
}

async function membersLease(ctx: Context, input: AccessInput): Promise<FoundLease> {
  const actor = allowMember(ctx.actor, "sandbox.lease");
  if (!input.leaseId) throw notFound("sandbox");
  // Their own only: nobody enters an attendee's account, or a colleague's, by this road.
  const lease = await findLease(ctx, { id: input.leaseId, memberId: actor.memberId, teamId: actor.teamId });
  if (!lease) throw notFound("sandbox");
  const { state } = lease.workshop;
  if (isOver(state)) throw new DomainError("gone", closedWords[state] ?? "This workshop is over.");
  return lease;
}

function isOver(state: string): boolean {
  return state === "closing" || state === "closed" || state === "cancelled";
}

/** Keys of the lease's role, made now. */
async function mint(ctx: Context, lease: { id: string; roleArn: string }): Promise<SessionKeys> {
  return orInWords(ctx, lease.id, () => leaseCredentials(ctx.env, lease));
}

async function orInWords<T>(ctx: Context, leaseId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    ctx.log.warn({ leaseId, problem: error.message }, "access could not be made");
    const soon = error.kind === "Unavailable" || error.kind === "Throttled";
    throw new DomainError(
      "unavailable",
      soon
        ? "AWS did not answer. Try again in a moment."
        : "AWS does not let anybody into this account at the moment. Tell the people who run the workshop.",
      { retryAfterSeconds: 10, say: { key: soon ? "aws_silent" : "aws_refused" } },
    );
  }
}

async function recordEntry(
  ctx: Context,
  lease: FoundLease,
  kind: ActivityKind,
  action = `lease.${kind}`,
): Promise<void> {
  const { teamId, workshopId, registrationId, registration } = lease;
  await ctx.db.$transaction(async (tx) => {
    await audit(ctx, tx, { teamId, action, entity: "lease", entityId: lease.id });
    if (!registration || !registrationId) return;
    const { inviteId, memberId, customerId } = registration;
    await recordActivity(ctx, tx, { kind, teamId, workshopId, inviteId, memberId, customerId });
    if (kind === "console_opened")
      await tx.registration.updateMany({
        where: { id: registrationId, teamId, consoleOpenedAt: null },
        data: { consoleOpenedAt: ctx.clock.now() },
      });
  });
}

export type ConsoleLink = {
  /** Signs in whoever follows it: send it as a redirect, show and store it nowhere. Valid for 15 minutes. */
  url: string;
  /** When the console session ends (ISO 8601); another click makes a new one. */
  expiresAt: string;
  awsAccountId: string;
  region: string;
  /** Where a browser signs out of another account first. */
  signOutUrl: string;
};

/** A console link for the holder of a lease: an attendee's own (verified, workshop open), or a member's own. */
export async function consoleLink(ctx: Context, input: AccessInput): Promise<ConsoleLink> {
  const lease = await leaseOfActor(ctx, input);
  const keys = await mint(ctx, lease);
  const region = regionOf(ctx, lease);
  const destination = new URL(ctx.env.AWS_CONSOLE_URL);
  destination.searchParams.set("region", region);
  const target = { destination: destination.toString(), issuer: ctx.env.PUBLIC_URL };
  const url = await orInWords(ctx, lease.id, () => consoleSignInUrl(ctx.env, keys, target));
  await recordEntry(ctx, lease, "console_opened");
  const signOutUrl = new URL("/oauth?Action=logout", ctx.env.AWS_SIGNIN_URL).toString();
  const { awsAccountId } = lease.account;
  return { url, expiresAt: keys.expiration.toISOString(), awsAccountId, region, signOutUrl };
}

export type TemporaryKeys = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  /** ISO 8601. */
  expiresAt: string;
  awsAccountId: string;
  region: string;
  /** Only where AWS is an emulator: what tools need as AWS_ENDPOINT_URL. */
  endpointUrl: string | null;
};

/** Temporary keys for the holder of a lease, with the same rules. Who has an IAM user has its keys instead. */
export async function temporaryKeys(ctx: Context, input: AccessInput): Promise<TemporaryKeys> {
  const lease = await leaseOfActor(ctx, input);
  if (userOf(lease)) throw new DomainError("not_ready", "This account is entered as an IAM user, with its own keys.");
  const keys = await mint(ctx, lease);
  await recordEntry(ctx, lease, "keys_made");
  return {
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey,
    sessionToken: keys.sessionToken,
    expiresAt: keys.expiration.toISOString(),
    awsAccountId: lease.account.awsAccountId,
    region: regionOf(ctx, lease),
    endpointUrl: ctx.env.AWS_ENDPOINT_URL ?? null,
  };
}

function regionOf(ctx: Context, lease: FoundLease): string {
  return lease.workshop.sandboxProfile?.regions[0] ?? ctx.env.AWS_REGION;
}

// --- As an IAM user --------------------------------------------------------------------------------------------------

/** The IAM user that was vended for a lease, if it is of that kind. */
function userOf(lease: FoundLease): string | null {
  return lease.credentials.find(({ kind }) => kind === "user")?.reference ?? null;
}

/** A secret that is still to be shown, or was. */
export type SecretState = "to_show" | "shown";

export type MyAccess =
  | { kind: "role" }
  | {
      kind: "iam_user";
      awsAccountId: string;
      userName: string;
      /** The account's own sign-in page. */
      signInUrl: string;
      password: SecretState;
      accessKey: SecretState;
    };

/** How the attendee's ready account is entered; no secret is in it. Null while it cannot be, for whatever reason. */
export async function myAccess(ctx: Context, input: { registrationId: string }): Promise<MyAccess | null> {
  let lease: FoundLease;
  try {
    lease = await attendeesLease(ctx, input);
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
  if (lease.state !== "ready") return null;
  const userName = userOf(lease);
  if (!userName) return { kind: "role" };
  const { awsAccountId } = lease.account;
  const state = (kind: CredentialKind): SecretState =>
    lease.credentials.some((one) => one.kind === kind && one.sealed) ? "to_show" : "shown";
  return {
    kind: "iam_user",
    awsAccountId,
    userName,
    signInUrl: accountSignInUrl(ctx.env, awsAccountId),
    password: state("password"),
    accessKey: state("access_key"),
  };
}

/**
 * Where "open the console" leads: a link that signs in, or for an IAM user the sign-in page of the account. An emulator has no
 * such page, so there the stand-in is entered by the lease's role. With the rules of `consoleLink`.
 */
export async function consoleEntry(ctx: Context, input: AccessInput): Promise<{ url: string }> {
  if (ctx.env.AWS_ENDPOINT_URL) return consoleLink(ctx, input);
  const lease = await leaseOfActor(ctx, input);
  if (!userOf(lease)) return consoleLink(ctx, input);
  await recordEntry(ctx, lease, "console_opened");
  return { url: accountSignInUrl(ctx.env, lease.account.awsAccountId) };
}

export type ShownSecret =
  | { kind: "password"; password: string }
  | {
      kind: "access_key";
      accessKeyId: string;
      secretAccessKey: string;
      awsAccountId: string;
      region: string;
      /** Only where AWS is an emulator: what tools need as AWS_ENDPOINT_URL. */
      endpointUrl: string | null;
    };

export type SecretInput = { registrationId: string; secret: "password" | "access_key" };

async function usersLease(ctx: Context, input: SecretInput): Promise<FoundLease> {
  if (ctx.actor.kind !== "attendee") throw notFound("sandbox");
  const lease = await leaseOfActor(ctx, { registrationId: input.registrationId });
  if (!userOf(lease)) throw notFound("sandbox");
  return lease;
}

function shown(ctx: Context, lease: FoundLease, secret: SecretInput["secret"], text: string): ShownSecret {
  if (secret === "password") return { kind: "password", password: text };
  const { awsAccountId } = lease.account;
  const place = { awsAccountId, region: regionOf(ctx, lease), endpointUrl: ctx.env.AWS_ENDPOINT_URL ?? null };
  return { kind: "access_key", ...readKey(text), ...place };
}

/**
 * Shows the password or the access key of the attendee's IAM user, once: of two tabs one gets it, and from then on it is stored
 * nowhere. `conflict` where it was shown before.
 */
export async function showSecret(ctx: Context, input: SecretInput): Promise<ShownSecret> {
  const lease = await usersLease(ctx, input);
  const { secret } = input;
  const row = lease.credentials.find(({ kind, sealed }) => kind === secret && sealed);
  const lost = new DomainError(
    "conflict",
    "It was shown already, and it is shown once. If it is lost, make a new one.",
    { say: { key: "shown_once" } },
  );
  if (!row?.sealed) throw lost;
  const { sealed } = row;
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.credential.updateMany({
      where: { id: row.id, sealed, shownAt: null, revokedAt: null },
      data: { sealed: null, shownAt: ctx.clock.now() },
    });
    if (count === 0) throw lost;
  });
  await recordSecret(ctx, lease, secret, "shown");
  return shown(ctx, lease, secret, openSecret(ctx, secret, sealed));
}

/**
 * A new password or access key for an attendee who lost theirs: the old one ends first, and the new one is shown now and stored
 * nowhere.
 */
export async function newSecret(ctx: Context, input: SecretInput): Promise<ShownSecret> {
  const lease = await usersLease(ctx, input);
  await limit(ctx, "access-renewed", lease.id, { points: 10, seconds: 600 });
  const { secret } = input;
  const user = { id: lease.id, teamId: lease.teamId, awsAccountId: lease.account.awsAccountId };
  const text = await orInWords(ctx, lease.id, async () =>
    secret === "password" ? renewPassword(ctx, user) : JSON.stringify(await renewKey(ctx, user)),
  );
  await recordSecret(ctx, lease, secret, "renewed");
  return shown(ctx, lease, secret, text);
}

async function recordSecret(
  ctx: Context,
  lease: FoundLease,
  secret: SecretInput["secret"],
  what: "shown" | "renewed",
): Promise<void> {
  const { teamId, id } = lease;
  const action = `lease.${secret}_${what}`;
  if (secret === "access_key") return recordEntry(ctx, lease, "keys_made", action);
  await ctx.db.$transaction((tx) => audit(ctx, tx, { teamId, action, entity: "lease", entityId: id }));
}
