import type { z } from "zod";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { codeHash, localCodes, makeCode } from "@/server/identity/local";
import { type Audience, type CodeProvider, codeProvider } from "@/server/identity/provider";
import { codeSchema, emailSchema } from "@/server/identity/schemas";
import { createSession } from "@/server/identity/session";
import { hashToken, keyedHash } from "@/server/ids";
import { queueMail } from "@/server/mail/outbox";
import { allowMember, attributedScope, type MemberActor } from "@/server/permissions";
import { limit } from "@/server/rate-limit";
import { seal, unseal } from "@/server/secrets";

/**
 * Proving an address with a code: members sign in with it, customers verify a browser with it, and a facilitator can read
 * one out in the room. A code works once, for ten minutes, for five tries; asking for a new one ends the old.
 */

export { listSessions, sessionActor } from "@/server/identity/session";

const minute = 60_000;
export const codeMinutes = 10;
const maxTries = 5;
const day = 24 * 60 * minute;

/** Outside of the process: tests pass their own. */
export type Outside = {
  provider(ctx: Context, audience: Audience): CodeProvider;
  wait(milliseconds: number): Promise<void>;
};

const outside: Outside = {
  provider: codeProvider,
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** Runs the work and answers, or fails, no sooner than after so many milliseconds. */
async function noSoonerThan<T>(milliseconds: number, { wait }: Outside, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    return await work();
  } finally {
    const left = milliseconds - (performance.now() - started);
    if (left > 0) await wait(left);
  }
}

/** Checks one typed field; `invalid` names it. */
function parse<S extends z.ZodType>(schema: S, field: string, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const message = parsed.error.issues[0]?.message ?? "This cannot be read.";
  throw new DomainError("invalid", message, { fields: { [field]: message } });
}

// --- Attempts --------------------------------------------------------------------------------------------------------

type AttemptAudience = Audience | "facilitator";

type NewAttempt = {
  audience: AttemptAudience;
  email: string;
  identityId?: string;
  registrationId?: string;
  providerState?: string | null;
};

const stateSecret = "sign-in-attempt";

/** Writes a new attempt and ends the older ones of the same address, audience and registration. */
async function createAttempt(ctx: Context, tx: Tx, { email, providerState, ...attempt }: NewAttempt) {
  const now = ctx.clock.now();
  const emailHash = keyedHash(ctx.env.ATELIER_SECRET_KEY, "sign-in-address", email);
  const { audience, registrationId = null } = attempt;
  await tx.signInAttempt.updateMany({
    where: { emailHash, audience, registrationId, usedAt: null, expiresAt: { gt: now } },
    data: { expiresAt: now },
  });
  return tx.signInAttempt.create({
    data: {
      ...attempt,
      id: ctx.newId("attempt"),
      emailHash,
      providerState: providerState ? seal(ctx.env.ATELIER_SECRET_KEY, stateSecret, providerState) : null,
      createdAt: now,
      expiresAt: new Date(now.getTime() + codeMinutes * minute),
    },
  });
}

const codeOver = () =>
  new DomainError("gone", "This code no longer works. Ask for a new one.", { say: { key: "code_over" } });

/** Takes one of the attempt's tries and checks the code; returns the provider's subject, or throws in words. */
async function checkCode(ctx: Context, provider: CodeProvider, attemptId: string, code: string) {
  const live = { id: attemptId, usedAt: null, expiresAt: { gt: ctx.clock.now() } };
  const [attempt] = await ctx.db.signInAttempt.updateManyAndReturn({
    where: { ...live, tries: { lt: maxTries } },
    data: { tries: { increment: 1 } },
  });
  if (!attempt) throw codeOver();
  const key = ctx.env.ATELIER_SECRET_KEY;
  const providerState = attempt.providerState && unseal(key, stateSecret, attempt.providerState);
  const checked = await provider.check(ctx, { ...attempt, providerState }, code);
  if (checked.outcome === "right") return checked.subject;
  if (checked.outcome === "over") throw codeOver();
  if (checked.outcome === "busy") {
    await ctx.db.signInAttempt.updateMany({ where: live, data: { tries: { decrement: 1 } } });
    throw new DomainError("unavailable", "The code could not be checked just now. Try it again in a minute.", {
      say: { key: "code_unavailable" },
    });
  }
  if (checked.providerState) {
    const renewed = seal(key, stateSecret, checked.providerState);
    await ctx.db.signInAttempt.updateMany({ where: live, data: { providerState: renewed } });
  }
  throw wrongCode(maxTries - attempt.tries);
}

function wrongCode(triesLeft: number): DomainError {
  if (triesLeft <= 0)
    return new DomainError("gone", "This is not the code either, and it was the last try. Ask for a new one.", {
      say: { key: "code_last" },
    });
  const left = triesLeft === 1 ? "One try is left." : `${triesLeft} tries are left.`;
  return new DomainError("invalid", `This is not the code that was sent. ${left}`, {
    fields: { code: `This is not the code that was sent. ${left}` },
    say: { key: "code_wrong", values: { left: triesLeft } },
  });
}

/** Uses up an attempt in the caller's transaction: of two at the same time, one gets `gone`. */
async function useAttempt(ctx: Context, tx: Tx, attemptId: string): Promise<void> {
  const used = await tx.signInAttempt.updateMany({
    where: { id: attemptId, usedAt: null },
    data: { usedAt: ctx.clock.now(), codeHash: null, providerState: null },
  });
  if (used.count === 0) throw codeOver();
}

/**
 * Makes the code of an attempt when its mail is sent, and keeps only its hash; a second call replaces the first code. Throws
 * `gone` when the attempt is over: the mail has no sense any more.
 */
export async function mintCode(ctx: Context, input: { attemptId: string }): Promise<string> {
  const code = makeCode();
  const minted = await ctx.db.signInAttempt.updateMany({
    where: { id: input.attemptId, usedAt: null, expiresAt: { gt: ctx.clock.now() } },
    data: { codeHash: codeHash(ctx, input.attemptId, code) },
  });
  if (minted.count === 0) throw codeOver();
  return code;
}

// --- Members sign in -------------------------------------------------------------------------------------------------

export type CodeAsked = { attemptId: string; codeLength: number };

/** By client only a high flood limit: a whole room shares one address. */
async function limitFlood(ctx: Context, clientAddress = "direct"): Promise<void> {
  await limit(ctx, "code-flood", clientAddress, { points: 600, seconds: 600 });
}

/**
 * Sends a sign-in code to a member's address. The answer, and the time it takes, are the same for an address that belongs to
 * nobody. `too_many` when one address asks for more than six codes in ten minutes or forty in a day.
 */
export async function requestSignIn(
  ctx: Context,
  input: { email: string; audience?: "member"; clientAddress?: string },
  over: Partial<Outside> = {},
): Promise<CodeAsked> {
  const email = parse(emailSchema, "email", input.email);
  const world = { ...outside, ...over };
  const provider = world.provider(ctx, "member");
  return noSoonerThan(provider.floorMilliseconds, world, async () => {
    await limitFlood(ctx, input.clientAddress);
    await limit(ctx, "sign-in", email, { points: 6, seconds: 600 });
    await limit(ctx, "sign-in-day", email, { points: 40, seconds: day / 1000 });
    const identity = await ctx.db.identity.findFirst({
      where: { email, members: { some: { removedAt: null } } },
      select: { id: true, subject: true },
    });
    const asked = await provider.ask(ctx, { email, known: identity !== null, subject: identity?.subject ?? null });
    const attemptId = await ctx.db.$transaction(async (tx) => {
      if (identity && asked.subject && asked.subject !== identity.subject)
        await tx.identity.update({ where: { id: identity.id }, data: { subject: asked.subject } });
      const { id } = await createAttempt(ctx, tx, {
        audience: "member",
        email,
        identityId: identity?.id,
        providerState: asked.providerState,
      });
      if (identity && provider.viaOutbox)
        await queueMail(ctx, tx, {
          kind: "sign_in_code",
          teamId: null,
          recipientKey: id,
          occurrence: "1",
          attemptId: id,
        });
      return id;
    });
    return { attemptId, codeLength: provider.codeLength };
  });
}

/**
 * Exchanges the code for a new session and returns its token. `invalid` with the tries that are left for a wrong code, `gone`
 * when only a new code helps; the same for an attempt of an address that belongs to nobody.
 */
export async function finishSignIn(
  ctx: Context,
  input: { attemptId: string; code: string; clientAddress?: string },
  over: Partial<Outside> = {},
): Promise<string> {
  const code = parse(codeSchema, "code", input.code);
  const world = { ...outside, ...over };
  const provider = world.provider(ctx, "member");
  return noSoonerThan(provider.floorMilliseconds, world, async () => {
    await limitFlood(ctx, input.clientAddress);
    const attempt = await ctx.db.signInAttempt.findFirst({
      where: { id: input.attemptId, audience: "member" },
      select: { identityId: true },
    });
    if (!attempt) throw codeOver();
    const subject = await checkCode(ctx, provider, input.attemptId, code);
    const { identityId } = attempt;
    if (!identityId) throw codeOver();
    return ctx.db.$transaction(async (tx) => {
      await useAttempt(ctx, tx, input.attemptId);
      const identity = await tx.identity.findUniqueOrThrow({
        where: { id: identityId },
        select: { subject: true, members: { where: { removedAt: null }, select: { id: true } } },
      });
      if (identity.members.length === 0 || (subject && identity.subject !== subject)) throw codeOver();
      return createSession(ctx, tx, identityId);
    });
  });
}

/** From now on the session works in another team of its identity. `not_found` for a team that it does not belong to. */
export async function switchTeam(ctx: Context<MemberActor>, input: { token: string; teamId: string }): Promise<void> {
  const { identityId } = ctx.actor;
  const member = await ctx.db.member.findFirst({
    where: { identityId, teamId: input.teamId, removedAt: null },
    select: { id: true },
  });
  if (!member) throw notFound("team");
  await ctx.db.session.updateMany({
    where: { tokenHash: hashToken(input.token), identityId, revokedAt: null },
    data: { teamId: input.teamId },
  });
}

/** Ends one session; nothing happens for a token that stands for none. */
export async function signOut(ctx: Context, input: { token: string }): Promise<void> {
  await ctx.db.session.updateMany({
    where: { tokenHash: hashToken(input.token), revokedAt: null },
    data: { revokedAt: ctx.clock.now() },
  });
}

/** Ends every session of the member's identity, in all teams and browsers, this one too. Returns how many there were. */
export async function signOutEverywhere(ctx: Context<MemberActor>, over: Partial<Outside> = {}): Promise<number> {
  const { identityId, teamId } = ctx.actor;
  const { count, subject } = await ctx.db.$transaction(async (tx) => {
    const identity = await tx.identity.findUniqueOrThrow({ where: { id: identityId }, select: { subject: true } });
    const ended = await tx.session.updateMany({
      where: { identityId, revokedAt: null },
      data: { revokedAt: ctx.clock.now() },
    });
    await audit(ctx, tx, {
      teamId,
      action: "member.signed_out_everywhere",
      entity: "member",
      entityId: ctx.actor.memberId,
      detail: { sessions: ended.count },
    });
    return { count: ended.count, subject: identity.subject };
  });
  // Access is gone already: no token of the provider is kept. Its own sessions end as well, if it can be reached.
  if (subject) {
    const provider = { ...outside, ...over }.provider(ctx, "member");
    await provider.signOut(ctx, subject).catch((error: Error) => {
      ctx.log.warn({ error: error.name }, "the identity provider could not end its sessions");
    });
  }
  return count;
}

// --- Customers verify a browser --------------------------------------------------------------------------------------

/** The registration that a code is about, for its own attendee or somebody on a public page. */
async function registrationFor(ctx: Context, registrationId: string) {
  const { actor } = ctx;
  if (actor.kind === "attendee" && actor.registrationId !== registrationId) throw notFound("registration");
  const registration = await ctx.db.registration.findFirst({
    where: { id: registrationId, anonymizedAt: null, person: { email: { not: null } } },
    select: {
      id: true,
      teamId: true,
      workshopId: true,
      person: { select: { id: true, email: true, locale: true, subject: true } },
    },
  });
  if (!registration?.person.email) throw notFound("registration");
  return { ...registration, person: { ...registration.person, email: registration.person.email } };
}

/** Sends a code to the address of a registration, to prove that the browser belongs to its reader. */
export async function requestCustomerCode(
  ctx: Context,
  input: { registrationId: string; clientAddress?: string },
  over: Partial<Outside> = {},
): Promise<CodeAsked> {
  const world = { ...outside, ...over };
  const provider = world.provider(ctx, "customer");
  await limitFlood(ctx, input.clientAddress);
  const { person, ...registration } = await registrationFor(ctx, input.registrationId);
  await limit(ctx, "customer-code", person.email, { points: 6, seconds: 600 });
  await limit(ctx, "customer-code-day", person.email, { points: 40, seconds: day / 1000 });
  const asked = await provider.ask(ctx, { email: person.email, known: true, subject: person.subject });
  const attemptId = await ctx.db.$transaction(async (tx) => {
    // Takes the person's row, so that whoever deletes their data comes before or after, and not in between.
    const { count } = await tx.person.updateMany({
      where: { id: person.id, anonymizedAt: null },
      data: { subject: asked.subject ?? person.subject },
    });
    if (count === 0) return null;
    const { id } = await createAttempt(ctx, tx, {
      audience: "customer",
      email: person.email,
      registrationId: registration.id,
      providerState: asked.providerState,
    });
    if (provider.viaOutbox)
      await queueMail(ctx, tx, {
        kind: "sign_in_code",
        teamId: registration.teamId,
        recipientKey: id,
        occurrence: "1",
        attemptId: id,
        registrationId: registration.id,
        workshopId: registration.workshopId,
        locale: person.locale,
      });
    return id;
  });
  if (attemptId === null) {
    // Their data was deleted while the provider made or asked its user: that copy must not stay behind.
    if (asked.subject) await removeUnlessShared(ctx, provider, { subject: asked.subject, personId: person.id });
    throw notFound("registration");
  }
  return { attemptId, codeLength: provider.codeLength };
}

/** Checks the code that was mailed for a registration; returns when it is right, and it never works again. */
export async function checkCustomerCode(
  ctx: Context,
  input: { registrationId: string; code: string; clientAddress?: string },
  over: Partial<Outside> = {},
): Promise<void> {
  const provider = { ...outside, ...over }.provider(ctx, "customer");
  await checkRegistrationCode(ctx, "customer", provider, input);
}

/**
 * A code of six digits that a facilitator reads out to an attendee whose mail does not arrive: shown once, kept only as a
 * hash, ten minutes, one use. Ends the one before.
 */
export async function makeFacilitatorCode(
  ctx: Context,
  input: { registrationId: string },
): Promise<{ code: string; expiresAt: Date }> {
  const member = allowMember(ctx.actor, "registration.help");
  const registration = await ctx.db.registration.findFirst({
    where: { id: input.registrationId, anonymizedAt: null, ...attributedScope(member) },
    select: { id: true, teamId: true },
  });
  if (!registration) throw notFound("registration");
  const code = makeCode();
  return ctx.db.$transaction(async (tx) => {
    const attempt = await createAttempt(ctx, tx, {
      audience: "facilitator",
      email: registration.id,
      registrationId: registration.id,
    });
    await tx.signInAttempt.update({ where: { id: attempt.id }, data: { codeHash: codeHash(ctx, attempt.id, code) } });
    await audit(ctx, tx, {
      teamId: registration.teamId,
      action: "registration.code_made",
      entity: "registration",
      entityId: registration.id,
    });
    return { code, expiresAt: attempt.expiresAt };
  });
}

/** Checks the code that a facilitator read out; returns when it is right, and it never works again. */
export async function checkFacilitatorCode(
  ctx: Context,
  input: { registrationId: string; code: string; clientAddress?: string },
): Promise<void> {
  await checkRegistrationCode(ctx, "facilitator", localCodes, input);
}

async function checkRegistrationCode(
  ctx: Context,
  audience: "customer" | "facilitator",
  provider: CodeProvider,
  input: { registrationId: string; code: string; clientAddress?: string },
): Promise<void> {
  const code = parse(codeSchema, "code", input.code);
  await limitFlood(ctx, input.clientAddress);
  const registration = await registrationFor(ctx, input.registrationId);
  await limit(ctx, `${audience}-check`, registration.id, { points: 30, seconds: 600 });
  const attempt = await ctx.db.signInAttempt.findFirst({
    where: { registrationId: registration.id, audience, usedAt: null, expiresAt: { gt: ctx.clock.now() } },
    orderBy: { createdAt: "desc" },
    select: { id: true },
  });
  if (!attempt) throw codeOver();
  await checkCode(ctx, provider, attempt.id, code);
  await ctx.db.$transaction((tx) => useAttempt(ctx, tx, attempt.id));
}

// --- Forgetting ------------------------------------------------------------------------------------------------------

/**
 * Removes the outside copy of a customer, and the attempts about their registrations. Can run twice. A user that the same
 * address uses in another team stays until that team forgets it too.
 */
export async function deleteCustomerIdentity(
  ctx: Context,
  input: { personId: string },
  over: Partial<Outside> = {},
): Promise<void> {
  const person = await ctx.db.person.findUnique({
    where: { id: input.personId },
    select: { id: true, subject: true, registrations: { select: { id: true } } },
  });
  if (!person) return;
  await ctx.db.signInAttempt.deleteMany({
    where: { registrationId: { in: person.registrations.map((registration) => registration.id) } },
  });
  const { subject } = person;
  if (!subject) return;
  await removeUnlessShared(ctx, { ...outside, ...over }.provider(ctx, "customer"), { subject, personId: person.id });
  await ctx.db.person.update({ where: { id: person.id }, data: { subject: null } });
}

async function removeUnlessShared(
  ctx: Context,
  provider: CodeProvider,
  { subject, personId }: { subject: string; personId: string },
): Promise<void> {
  const shared = await ctx.db.person.count({ where: { subject, id: { not: personId } } });
  if (shared === 0) await provider.remove(ctx, subject);
}

/** Deletes attempts a day after their end and sessions a month after theirs. Returns how many went. */
export async function sweepIdentity(ctx: Context): Promise<{ attempts: number; sessions: number }> {
  const now = ctx.clock.now().getTime();
  const attempts = await ctx.db.signInAttempt.deleteMany({ where: { expiresAt: { lt: new Date(now - day) } } });
  const monthAgo = new Date(now - 30 * day);
  const sessions = await ctx.db.session.deleteMany({
    where: { OR: [{ expiresAt: { lt: monthAgo } }, { revokedAt: { lt: monthAgo } }] },
  });
  return { attempts: attempts.count, sessions: sessions.count };
}
