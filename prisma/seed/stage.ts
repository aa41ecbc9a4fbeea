import { type Context, makeContext } from "@/server/context";
import type { Db } from "@/server/db";
import { createInvite, inviteLink, recordOpened } from "@/server/invites/invites";
import type { Actor, MemberActor, SystemActor, VisitorActor } from "@/server/permissions";
import { cancelRegistration, confirm, mintLink, readReceipt, register } from "@/server/registrations/registrations";
import { toLocal } from "@/server/times";
import { type WorkshopFormInput, workshopForm } from "@/server/workshops/schemas";
import { createWorkshop, openRegistration } from "@/server/workshops/workshops";
import type { Attendee } from "./people";

/**
 * The stage of the demo: the real use cases, played by its people at moments in the past. Everything runs in one transaction,
 * so that a demo is there whole or not at all.
 */

const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

export type Stage = {
  /** The moment at which the demo starts. */
  now: Date;
  db: Db;
  /** A use case's context at a moment, for somebody. */
  at<A extends Actor>(when: Date, actor: A): Context<A>;
};

/** A client whose use cases' transactions are parts of the one that it is in. */
function within(tx: Parameters<Parameters<Db["$transaction"]>[0]>[0]): Db {
  const whole: Db = new Proxy(tx as Db, {
    get(target, key) {
      if (key !== "$transaction") return Reflect.get(target, key);
      return (work: ((inner: Db) => Promise<unknown>) | Promise<unknown>[]) =>
        typeof work === "function" ? work(whole) : Promise.all(work);
    },
  });
  return whole;
}

/** Plays on a stage whose acts become true together. */
export async function onStage<T>(ctx: Context, play: (stage: Stage) => Promise<T>): Promise<T> {
  const now = ctx.clock.now();
  return ctx.db.$transaction(
    (tx) => {
      const db = within(tx);
      return play({
        now,
        db,
        at: (when, actor) =>
          makeContext(actor, { db, env: ctx.env, log: ctx.log, clock: { now: () => new Date(when) } }),
      });
    },
    { timeout: 300_000, maxWait: 20_000 },
  );
}

export const visitor: VisitorActor = { kind: "visitor" };
export const clockwork: SystemActor = { kind: "system", by: "clock" };
export const operator: SystemActor = { kind: "system", by: "operator" };

export const before = (when: Date, milliseconds: number): Date => new Date(when.getTime() - milliseconds);
export const after = (when: Date, milliseconds: number): Date => new Date(when.getTime() + milliseconds);

/** "09:30" on the local calendar some days from now, as an instant. */
export function localDay(stage: Stage, timeZone: string, days: number, time: string): Date {
  const today = Temporal.Instant.fromEpochMilliseconds(stage.now.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
  const moment = today.add({ days }).toZonedDateTime({ timeZone, plainTime: Temporal.PlainTime.from(time) });
  return new Date(moment.epochMilliseconds);
}

/** The start and the end of a workshop as its form says them. */
export function schedule(startsAt: Date, endsAt: Date, timeZone: string) {
  const [date = "", startTime = ""] = toLocal(startsAt, timeZone).split("T");
  const [endDate = "", endTime = ""] = toLocal(endsAt, timeZone).split("T");
  return { date, startTime, endDate, endTime, timeZone };
}

export type Host = MemberActor & { email: string };

/** A workshop as far as the demo plays it: what it is, who leads it, and who invites. */
export type Played = {
  id: string;
  teamId: string;
  startsAt: Date;
  endsAt: Date;
  lead: Host;
};

type Draft = {
  lead: Host;
  presenters: Host[];
  managers: { host: Host; seats: number | null }[];
  content: Partial<WorkshopFormInput> & { title: string };
  startsAt: Date;
  endsAt: Date;
  timeZone: string;
  capacity: number;
  sandboxProfileId: string | null;
  draftedAt: Date;
  /** Null stays a draft. */
  registrationAt: Date | null;
  closesHoursAfter?: number | null;
};

/** Drafts a workshop, and opens its registration where the draft says when. */
export async function draft(stage: Stage, input: Draft): Promise<Played> {
  const { lead, startsAt, endsAt } = input;
  const form = workshopForm.parse({
    ...input.content,
    ...schedule(startsAt, endsAt, input.timeZone),
    capacity: input.capacity,
    languages: ["en"],
    sandboxProfileId: input.sandboxProfileId,
    presenterIds: input.presenters.map((host) => host.memberId),
    accountManagers: input.managers.map(({ host, seats }) => ({ memberId: host.memberId, seatLimit: seats })),
    closesHoursAfter: input.closesHoursAfter === undefined ? 2 : input.closesHoursAfter,
  });
  const { id } = await createWorkshop(stage.at(input.draftedAt, lead), form);
  await stage.db.workshop.update({ where: { id }, data: { createdAt: input.draftedAt } });
  // The past is played workshop by workshop, in a pool as it is now: what it says of those dates is accepted.
  const opened = { workshopId: id, acceptMissing: 5_000 };
  if (input.registrationAt) await openRegistration(stage.at(input.registrationAt, lead), opened);
  return { id, teamId: lead.teamId, startsAt, endsAt, lead };
}

/** The token at the end of a link. */
export const tokenOf = (link: string): string => link.slice(link.lastIndexOf("/") + 1);

/** The link of an account manager's own invite, as they would forward it. */
export async function ownLink(stage: Stage, workshop: Played, host: Host): Promise<string> {
  const where = { workshopId: workshop.id, memberId: host.memberId, customerId: null, revokedAt: null };
  const invite = await stage.db.invite.findFirstOrThrow({ where });
  return tokenOf(inviteLink(stage.at(stage.now, operator), invite));
}

/** A link of an account manager for one customer. */
export async function customerLink(
  stage: Stage,
  when: Date,
  workshop: Played,
  host: Host,
  input: { customerName: string; seatLimit?: number; expiresAt?: Date; note?: string },
): Promise<{ inviteId: string; token: string }> {
  const made = await createInvite(stage.at(when, host), { workshopId: workshop.id, ...input });
  return { inviteId: made.inviteId, token: tokenOf(made.link) };
}

type Ending = "unverified" | "confirmed" | "cancelled";

/** One person opens the link, registers, and (unless they never look into their mail) confirms; some cancel later. */
export async function attend(
  stage: Stage,
  when: Date,
  workshop: Played,
  token: string,
  person: Attendee,
  { ending = "confirmed", followUp = false }: { ending?: Ending; followUp?: boolean } = {},
): Promise<string> {
  await recordOpened(stage.at(when, visitor), { token });
  const form = { ...person, followUp, timeZone: "Europe/Madrid" };
  const ctx = stage.at(after(when, 2 * minute), visitor);
  const { receipt } = await register(ctx, { token, form });
  const registrationId = readReceipt(ctx, receipt)?.registrationId;
  if (!registrationId) throw new Error("the receipt of a registration could not be read");
  if (ending === "unverified") return registrationId;
  const mailed = stage.at(after(when, 3 * minute), clockwork);
  const link = await mintLink(mailed, { registrationId, purpose: "confirm" });
  await confirm(stage.at(after(when, 6 * minute), visitor), { token: tokenOf(link) });
  if (ending === "cancelled") {
    const { teamId } = workshop;
    const self = { kind: "attendee", teamId, registrationId, verified: true } as const;
    await cancelRegistration(stage.at(after(when, 2 * hour), self), { registrationId });
  }
  return registrationId;
}

/** Several people, one after another, from a moment on. */
export async function attendAll(
  stage: Stage,
  from: Date,
  workshop: Played,
  token: string,
  people: readonly Attendee[],
  options: { every?: number; ending?: Ending } = {},
): Promise<string[]> {
  const ids: string[] = [];
  for (const [index, person] of people.entries()) {
    const when = after(from, index * (options.every ?? 5 * hour));
    ids.push(await attend(stage, when, workshop, token, person, { ending: options.ending, followUp: index % 3 === 0 }));
  }
  return ids;
}
