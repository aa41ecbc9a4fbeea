import type { Context } from "@/server/context";
import { declineInvite, invitePerson, recordOpened, revokeInvite } from "@/server/invites/invites";
import { enqueue } from "@/server/jobs/queue";
import { tickRules } from "@/server/mail/member-mails";
import type { SystemActor } from "@/server/permissions";
import { startHandover } from "@/server/registrations/handover";
import { cancelRegistration, checkIn } from "@/server/registrations/registrations";
import { adoptAccounts, setUpOrganization } from "@/server/sandboxes/sandboxes";
import { addMember, createTeam, updateTeam } from "@/server/teams/teams";
import { cancelWorkshop, closeWorkshop, finishClosing, openWorkshop } from "@/server/workshops/workshops";
import * as content from "./content";
import { attendeesOf, companyName, teams } from "./people";
import { came, type DemoAccount, fillPool, setAside, takenBack, vended } from "./pool";
import {
  after,
  attend,
  attendAll,
  before,
  clockwork,
  customerLink,
  day,
  draft,
  type Host,
  hour,
  localDay,
  onStage,
  operator,
  ownLink,
  type Played,
  type Stage,
  tokenOf,
  visitor,
} from "./stage";

/**
 * The demo: a team with a workshop in each state and a pool of accounts, and a second team beside it. The past is played with
 * the real use cases at past moments, its mails count as sent; what is open now is left to the worker.
 */

const minute = 60_000;
const isNordic = (account: DemoAccount) => account.name.startsWith("nordics");

/** Returns whether it made anything: not where there is a team already. */
export async function seedDemo(ctx: Context<SystemActor>, accounts: readonly DemoAccount[]): Promise<boolean> {
  if ((await ctx.db.team.count()) > 0) return false;
  await onStage(ctx, async (stage) => {
    const iberia = await makeTeam(stage, teams[0]);
    const nordics = await makeTeam(stage, teams[1]);
    const profiles = await makeProfiles(stage, iberia);
    const lake = await makeProfile(stage, nordics, content.profiles.lake);
    const pool = await makePool(
      stage,
      iberia,
      accounts.filter((account) => !isNordic(account)),
      2,
    );
    await makePool(stage, nordics, accounts.filter(isNordic), 2);
    const cloud = accounts.length > 0 && !ctx.env.ATELIER_CLOUD_OFF;
    const cast = { ...iberia, profiles, pool, sandboxes: cloud };
    const forgotten = await playAnonymized(stage, cast);
    await playClosed(stage, cast);
    if (cloud && pool[4]) await setAside(stage, before(stage.now, 3 * day), { id: pool[4].id, teamId: iberia.id });
    await playCancelled(stage, cast);
    await playClosing(stage, cast);
    const waiting = await playRegistrations(stage, cast);
    await playDrafts(stage, cast);
    const opening = await preparePresent(stage, cast);
    await playNordics(stage, nordics, lake);
    await playMemberMails(stage);
    await settlePast(stage);
    await openNow(stage, cast, opening, forgotten);
    await seatsChangeHands(stage, waiting);
  });
  return true;
}

type Team = { id: string; timeZone: string; host(email: string): Host };
type Cast = Team & {
  profiles: Record<keyof typeof content.profiles, string>;
  pool: { id: string }[];
  /** Whether there is a cloud to lend accounts of. */
  sandboxes: boolean;
};

// --- Teams and their pools -------------------------------------------------------------------------------------------

async function makeTeam(stage: Stage, demo: (typeof teams)[number]): Promise<Team> {
  // Iberia is the older one, where those who are in both teams start.
  const made = before(stage.now, demo.slug === "iberia" ? 120 * day : 119 * day + 12 * hour);
  const [admin, ...others] = demo.members;
  const { slug, name, timeZone, senderName, senderEmail } = demo;
  const { teamId } = await createTeam(stage.at(made, operator), {
    ...{ slug, name, timeZone, senderName, senderEmail },
    adminEmail: admin.email,
    adminName: admin.name,
  });
  const hosts = async () => {
    const members = await stage.db.member.findMany({ where: { teamId }, include: { identity: true } });
    return members.map(({ id, identityId, role, identity }): Host => {
      return { kind: "member", memberId: id, identityId, teamId, role, email: identity.email };
    });
  };
  const [first] = await hosts();
  if (!first) throw new Error("the team has no admin");
  for (const [index, member] of others.entries())
    await addMember(stage.at(after(made, (index + 1) * 10 * minute), first), member);
  const accountEmailPattern = `aws+${slug}-lab{n}@atelier.example`;
  await updateTeam(stage.at(after(made, 2 * hour), first), { accentColor: demo.accentColor, accountEmailPattern });
  const all = await hosts();
  return {
    id: teamId,
    timeZone,
    host(email) {
      const found = all.find((host) => host.email.startsWith(`${email}@`));
      if (!found) throw new Error(`${email} is not in ${name}`);
      return found;
    },
  };
}

async function makeProfile(
  stage: Stage,
  team: Team,
  profile: (typeof content.profiles)[keyof typeof content.profiles],
) {
  const createdAt = before(stage.now, 119 * day);
  const id = stage.at(createdAt, operator).newId("sandboxProfile");
  const { name, description, regions, services, policy } = profile;
  const lists = { regions: [...regions], services: [...services] };
  await stage.db.sandboxProfile.create({
    data: { id, teamId: team.id, name, description, ...lists, policy, createdAt },
  });
  return id;
}

async function makeProfiles(stage: Stage, team: Team): Promise<Cast["profiles"]> {
  const { serverless, lake, build } = content.profiles;
  return {
    serverless: await makeProfile(stage, team, serverless),
    lake: await makeProfile(stage, team, lake),
    build: await makeProfile(stage, team, build),
  };
}

/** Rows first, then the organizational units and the accounts in them: the set-up is the operator's command. */
async function makePool(stage: Stage, team: Team, accounts: readonly DemoAccount[], fresh: number) {
  const rows = await fillPool(stage, team.id, accounts, fresh);
  const ctx = stage.at(stage.now, operator);
  if (ctx.env.ATELIER_CLOUD_OFF || accounts.length === 0) return rows;
  await setUpOrganization(ctx, { teamId: team.id });
  await adoptAccounts(ctx, { teamId: team.id, count: 0 });
  return rows;
}

// --- Workshops that are over -----------------------------------------------------------------------------------------

/** Closed long ago: its date of anonymizing has come, and the worker sees to it at the first start. */
async function playAnonymized(stage: Stage, cast: Cast): Promise<string> {
  const [sol, ana] = [cast.host("sol"), cast.host("ana")];
  const startsAt = localDay(stage, cast.timeZone, -44, "09:30");
  const workshop = await draft(stage, {
    ...{ lead: sol, presenters: [sol], managers: [{ host: ana, seats: null }], content: content.firstSteps },
    ...{ startsAt, endsAt: after(startsAt, 7 * hour), timeZone: cast.timeZone, capacity: 10 },
    sandboxProfileId: null,
    draftedAt: before(startsAt, 30 * day),
    registrationAt: before(startsAt, 24 * day),
  });
  const link = await ownLink(stage, workshop, ana);
  const ids = await attendAll(stage, before(startsAt, 20 * day), workshop, link, attendeesOf("tua", "solaria"));
  await openWorkshop(stage.at(before(startsAt, 30 * minute), clockwork), { workshopId: workshop.id });
  await came(stage, startsAt, ids.slice(0, -1));
  const closedAt = after(workshop.endsAt, 2 * hour);
  await closeWorkshop(stage.at(closedAt, clockwork), { workshopId: workshop.id });
  await finishClosing(stage.at(after(closedAt, minute), clockwork), { workshopId: workshop.id });
  return workshop.id;
}

/** Closed last week: its evidence is there, its attendees are still known. */
async function playClosed(stage: Stage, cast: Cast): Promise<void> {
  const [teo, ana, carla] = [cast.host("teo"), cast.host("ana"), cast.host("carla")];
  const startsAt = localDay(stage, cast.timeZone, -9, "09:30");
  const workshop = await draft(stage, {
    ...{ lead: teo, presenters: [teo], content: content.streaming, capacity: 10 },
    managers: [
      { host: ana, seats: null },
      { host: carla, seats: 6 },
    ],
    ...{ startsAt, endsAt: after(startsAt, 7.5 * hour), timeZone: cast.timeZone },
    sandboxProfileId: cast.sandboxes ? cast.profiles.serverless : null,
    draftedAt: before(startsAt, 32 * day),
    registrationAt: before(startsAt, 25 * day),
  });
  const [fromAna, fromCarla] = [await ownLink(stage, workshop, ana), await ownLink(stage, workshop, carla)];
  const first = await attendAll(stage, before(startsAt, 22 * day), workshop, fromAna, attendeesOf("faro", "tua"));
  const second = await attendAll(
    stage,
    before(startsAt, 19 * day),
    workshop,
    fromCarla,
    attendeesOf("ultreia").slice(0, 3),
  );
  const [never] = attendeesOf("solaria");
  if (never) await attend(stage, before(startsAt, 6 * day), workshop, fromAna, never, { ending: "unverified" });
  const openedAt = before(startsAt, 30 * minute);
  await openWorkshop(stage.at(openedAt, clockwork), { workshopId: workshop.id });
  await vended(stage, openedAt, workshop.id);
  await came(stage, startsAt, [...first.slice(0, -1), ...second.slice(0, -1)]);
  const closedAt = after(workshop.endsAt, hour);
  await closeWorkshop(stage.at(closedAt, teo), { workshopId: workshop.id });
  const done = await takenBack(stage, closedAt, workshop.id);
  await finishClosing(stage.at(after(done, minute), clockwork), { workshopId: workshop.id });
}

/** Closing since yesterday: all accounts are back but one, whose cleaning waits for somebody to try again. */
async function playClosing(stage: Stage, cast: Cast): Promise<void> {
  const [sol, bruno] = [cast.host("sol"), cast.host("bruno")];
  const startsAt = localDay(stage, cast.timeZone, -1, "10:00");
  const workshop = await draft(stage, {
    ...{ lead: sol, presenters: [sol], managers: [{ host: bruno, seats: null }], content: content.resilience },
    ...{ startsAt, endsAt: after(startsAt, 6 * hour), timeZone: cast.timeZone, capacity: 8 },
    sandboxProfileId: cast.sandboxes ? cast.profiles.build : null,
    draftedAt: before(startsAt, 21 * day),
    registrationAt: before(startsAt, 14 * day),
  });
  const link = await ownLink(stage, workshop, bruno);
  const ids = await attendAll(stage, before(startsAt, 12 * day), workshop, link, attendeesOf("miramar").slice(0, 4));
  const openedAt = before(startsAt, 30 * minute);
  await openWorkshop(stage.at(openedAt, clockwork), { workshopId: workshop.id });
  await vended(stage, openedAt, workshop.id);
  await came(stage, startsAt, ids);
  const closedAt = after(workshop.endsAt, 30 * minute);
  await closeWorkshop(stage.at(closedAt, sol), { workshopId: workshop.id });
  if (!cast.sandboxes) return finishClosing(stage.at(after(closedAt, minute), clockwork), { workshopId: workshop.id });
  const reason = "The account could not be entered for two hours: AWS answered with an error (503 ServiceUnavailable)";
  await takenBack(stage, closedAt, workshop.id, { reason });
}

async function playCancelled(stage: Stage, cast: Cast): Promise<void> {
  const [teo, carla] = [cast.host("teo"), cast.host("carla")];
  const startsAt = localDay(stage, cast.timeZone, 8, "14:00");
  const workshop = await draft(stage, {
    ...{ lead: teo, presenters: [teo], managers: [{ host: carla, seats: null }], content: content.cost },
    ...{ startsAt, endsAt: after(startsAt, 3 * hour), timeZone: cast.timeZone, capacity: 30 },
    sandboxProfileId: null,
    draftedAt: before(stage.now, 18 * day),
    registrationAt: before(stage.now, 11 * day),
  });
  const link = await ownLink(stage, workshop, carla);
  await attendAll(stage, before(stage.now, 9 * day), workshop, link, attendeesOf("ferrovia").slice(0, 3));
  await cancelWorkshop(stage.at(before(stage.now, 2 * day), teo), { workshopId: workshop.id });
}

// --- Workshops to come -----------------------------------------------------------------------------------------------

/** Two with a seat in a full workshop: one who will not come, and one who would send a colleague. */
type Leaving = { teamId: string; givesBack: string; handsOver: string };

async function playRegistrations(stage: Stage, cast: Cast): Promise<Leaving> {
  const leaving = await playFull(stage, cast);
  await playJustOpened(stage, cast);
  return leaving;
}

/** All seats are taken, and people wait: their account manager has used up her six. */
async function playFull(stage: Stage, cast: Cast): Promise<Leaving> {
  const [sol, teo] = [cast.host("sol"), cast.host("teo")];
  const [ana, bruno] = [cast.host("ana"), cast.host("bruno")];
  const startsAt = localDay(stage, cast.timeZone, 12, "09:30");
  const workshop = await draft(stage, {
    ...{ lead: sol, presenters: [sol, teo], content: { ...content.serverless, offerHours: 24 }, capacity: 12 },
    managers: [
      { host: ana, seats: 6 },
      { host: bruno, seats: null },
    ],
    ...{ startsAt, endsAt: after(startsAt, 7.5 * hour), timeZone: cast.timeZone },
    sandboxProfileId: cast.profiles.serverless,
    draftedAt: before(stage.now, 27 * day),
    registrationAt: before(stage.now, 20 * day),
  });
  const start = before(stage.now, 17 * day);
  const atlantica = await customerLink(stage, before(start, hour), workshop, ana, {
    customerName: companyName("atlantica"),
    seatLimit: 4,
    note: "Agreed with their platform team",
  });
  await attendAll(stage, start, workshop, atlantica.token, attendeesOf("atlantica"));
  const [fromAna, fromBruno] = [await ownLink(stage, workshop, ana), await ownLink(stage, workshop, bruno)];
  const faro = attendeesOf("faro");
  const [, givesBack = ""] = await attendAll(stage, after(start, 2 * day), workshop, fromAna, faro.slice(0, 2));
  const miramar = await attendAll(stage, after(start, 4 * day), workshop, fromBruno, attendeesOf("miramar"));
  const [changedMind, ...waiting] = [...attendeesOf("ferrovia").slice(0, 1), ...faro.slice(2), ...attendeesOf("tua")];
  if (changedMind)
    await attend(stage, after(start, 8 * day), workshop, fromBruno, changedMind, { ending: "cancelled" });
  await attendAll(stage, after(start, 9 * day), workshop, fromAna, waiting.slice(0, 2));
  await attendAll(stage, before(stage.now, 30 * hour), workshop, fromBruno, attendeesOf("ultreia").slice(0, 1));
  const late = attendeesOf("solaria").slice(0, 2);
  await attendAll(stage, before(stage.now, 20 * hour), workshop, fromBruno, late, { ending: "unverified" });
  await bounced(stage, workshop.id);
  return { teamId: cast.id, givesBack, handsOver: miramar[1] ?? "" };
}

/** As the demo starts: a seat is given back, so that it is offered to the first who waits, and another is being handed over. */
async function seatsChangeHands(stage: Stage, { teamId, givesBack, handsOver }: Leaving): Promise<void> {
  const self = (registrationId: string) => ({ kind: "attendee", teamId, registrationId, verified: true }) as const;
  await cancelRegistration(stage.at(stage.now, self(givesBack)), { registrationId: givesBack });
  const form = { name: "Berta Riera", email: "berta.riera@bancomiramar.example", locale: "es" };
  await startHandover(stage.at(stage.now, self(handsOver)), { form });
}

/** One address was mistyped: its mail came back. */
async function bounced(stage: Stage, workshopId: string): Promise<void> {
  const message = await stage.db.message.findFirst({
    where: { workshopId, kind: "confirm_address", registration: { state: "unverified" } },
    orderBy: { id: "asc" },
  });
  if (!message) return;
  const at = after(message.dueAt, 9_000);
  await stage.db.message.update({
    where: { id: message.id },
    data: { state: "bounced", attempts: 1, sentAt: at, lastError: "The mailbox does not exist (550 5.1.1)." },
  });
}

/** Registration opened some days ago; links for customers, one that ran out, one that was revoked. */
async function playJustOpened(stage: Stage, cast: Cast): Promise<void> {
  const [teo, ana, carla] = [cast.host("teo"), cast.host("ana"), cast.host("carla")];
  const startsAt = localDay(stage, cast.timeZone, 26, "09:30");
  const workshop = await draft(stage, {
    ...{ lead: teo, presenters: [teo], content: content.dataLake, capacity: 20 },
    managers: [
      { host: ana, seats: 10 },
      { host: carla, seats: null },
    ],
    ...{ startsAt, endsAt: after(startsAt, 7 * hour), timeZone: cast.timeZone },
    sandboxProfileId: cast.profiles.lake,
    draftedAt: before(stage.now, 9 * day),
    registrationAt: before(stage.now, 5 * day),
  });
  const start = before(stage.now, 4 * day);
  const solaria = await customerLink(stage, start, workshop, ana, {
    customerName: companyName("solaria"),
    seatLimit: 5,
    expiresAt: before(startsAt, 3 * day),
  });
  const early = await customerLink(stage, start, workshop, carla, {
    customerName: companyName("ultreia"),
    expiresAt: before(stage.now, day),
    note: "Asked for a few days to decide",
  });
  const wrong = await customerLink(stage, start, workshop, carla, { customerName: companyName("tua") });
  await attendAll(stage, after(start, hour), workshop, solaria.token, attendeesOf("solaria").slice(1));
  await attendAll(stage, after(start, 3 * hour), workshop, early.token, attendeesOf("ultreia").slice(1, 3));
  await revokeInvite(stage.at(after(start, 5 * hour), carla), {
    inviteId: wrong.inviteId,
    reason: "Sent to the wrong list",
  });
  const link = await ownLink(stage, workshop, carla);
  const [someone] = attendeesOf("ferrovia");
  if (someone) await attend(stage, before(stage.now, 26 * hour), workshop, link, someone);
  await invitedByName(stage, before(stage.now, 3 * day), workshop, carla);
}

/** Invitations to single addresses: one opened, one not, one that is not for its reader, and the last has registered. */
async function invitedByName(stage: Stage, when: Date, workshop: Played, host: Host): Promise<void> {
  const customerName = companyName("tua");
  const invite = async (invitee: { name: string; email: string }, locale: "en" | "es" | "pt") =>
    invitePerson(stage.at(when, host), { workshopId: workshop.id, customerName, ...invitee, locale });
  const opened = await invite({ name: "Inês Barbosa", email: "ines.barbosa@tua.example" }, "pt");
  await recordOpened(stage.at(after(when, 5 * hour), visitor), { token: tokenOf(opened.link) });
  await invite({ name: "Duarte Leal", email: "duarte.leal@tua.example" }, "pt");
  const declined = await invite({ name: "Pilar Onís", email: "pilar.onis@tua.example" }, "es");
  await recordOpened(stage.at(after(when, 20 * hour), visitor), { token: tokenOf(declined.link) });
  await declineInvite(stage.at(after(when, 21 * hour), visitor), { token: tokenOf(declined.link) });
  const [person] = attendeesOf("tua");
  if (!person) return;
  const taken = await invite(person, "en");
  await attend(stage, after(when, 26 * hour), workshop, tokenOf(taken.link), person);
}

async function playDrafts(stage: Stage, cast: Cast): Promise<void> {
  const startsAt = localDay(stage, cast.timeZone, 45, "10:00");
  const sol = cast.host("sol");
  await draft(stage, {
    ...{ lead: sol, presenters: [], managers: [], content: content.generative, capacity: 16 },
    ...{ startsAt, endsAt: after(startsAt, 6 * hour), timeZone: cast.timeZone },
    sandboxProfileId: cast.profiles.serverless,
    draftedAt: before(stage.now, 2 * day),
    registrationAt: null,
  });
}

// --- Today -----------------------------------------------------------------------------------------------------------

type Opening = { workshopId: string; registrationIds: string[] };

/** The workshop that goes on now: people have registered; it opens when the past is settled. Nothing closes it but a person. */
async function preparePresent(stage: Stage, cast: Cast): Promise<Opening> {
  const [sol, ana, carla] = [cast.host("sol"), cast.host("ana"), cast.host("carla")];
  const half = 30 * minute;
  const startsAt = new Date(Math.floor((stage.now.getTime() - 20 * minute) / half) * half);
  const workshop = await draft(stage, {
    ...{ lead: sol, presenters: [sol], content: content.containers, capacity: 8, closesHoursAfter: null },
    managers: [
      { host: ana, seats: null },
      { host: carla, seats: null },
    ],
    ...{ startsAt, endsAt: after(startsAt, 7 * hour), timeZone: cast.timeZone },
    sandboxProfileId: cast.sandboxes ? cast.profiles.build : null,
    draftedAt: before(startsAt, 30 * day),
    registrationAt: before(startsAt, 22 * day),
  });
  const [fromAna, fromCarla] = [await ownLink(stage, workshop, ana), await ownLink(stage, workshop, carla)];
  const start = before(startsAt, 15 * day);
  const registrationIds = [
    ...(await attendAll(stage, start, workshop, fromAna, attendeesOf("atlantica").slice(0, 2))),
    ...(await attendAll(stage, after(start, 2 * day), workshop, fromCarla, attendeesOf("ferrovia").slice(1, 3))),
  ];
  const [sick] = attendeesOf("ultreia");
  if (sick) await attend(stage, after(start, 3 * day), workshop, fromCarla, sick, { ending: "cancelled" });
  const [never] = attendeesOf("miramar").slice(-1);
  if (never) await attend(stage, before(startsAt, 3 * day), workshop, fromAna, never, { ending: "unverified" });
  return { workshopId: workshop.id, registrationIds };
}

/** The nudges and digests that the clock would have made in the last fortnight. */
async function playMemberMails(stage: Stage): Promise<void> {
  for (let ago = 14 * day; ago > 0; ago -= 6 * hour) await tickRules(stage.at(before(stage.now, ago), clockwork));
}

/** The mails of the past were sent at their time, and no job of the past is left to run. */
async function settlePast(stage: Stage): Promise<void> {
  await stage.db.$executeRaw`
    update "Message" set state = 'sent', attempts = 1, "sentAt" = "dueAt" + interval '3 seconds'
    where state = 'queued' and "dueAt" < ${before(stage.now, minute)}`;
  await stage.db.$executeRaw`
    delete from pgboss.job
    where name in ('mail.send', 'sandboxes.vend', 'sandboxes.take-back', 'workshops.finish-closing', 'workshops.serve-waiting')`;
}

/** From here on it is now: the worker lends the accounts, sends the mails and anonymizes what is due. */
async function openNow(stage: Stage, cast: Cast, opening: Opening, forgotten: string): Promise<void> {
  const sol = cast.host("sol");
  const { workshopId, registrationIds } = opening;
  await openWorkshop(stage.at(stage.now, sol), { workshopId, acceptFewer: true });
  for (const registrationId of registrationIds.slice(0, 3)) await checkIn(stage.at(stage.now, sol), { registrationId });
  const ctx = stage.at(stage.now, clockwork);
  await enqueue(ctx, stage.db, "privacy.anonymize", { workshopId: forgotten });
}

// --- The other team --------------------------------------------------------------------------------------------------

async function playNordics(stage: Stage, team: Team, profileId: string): Promise<void> {
  const [sol, ingrid] = [team.host("sol"), team.host("ingrid")];
  const startsAt = localDay(stage, team.timeZone, 15, "09:00");
  const workshop = await draft(stage, {
    ...{ lead: sol, presenters: [sol], managers: [{ host: ingrid, seats: null }], content: content.wind },
    ...{ startsAt, endsAt: after(startsAt, 7 * hour), timeZone: team.timeZone, capacity: 10 },
    sandboxProfileId: profileId,
    draftedAt: before(stage.now, 10 * day),
    registrationAt: before(stage.now, 6 * day),
  });
  const link = await ownLink(stage, workshop, ingrid);
  await attendAll(stage, before(stage.now, 5 * day), workshop, link, attendeesOf("fjell"));
}
