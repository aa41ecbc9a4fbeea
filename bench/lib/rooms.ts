import { type Visit, type Visitor, visitorDomain } from "@/bench/lib/visitors";
import { withClient } from "@/scripts/postgres.mjs";
import { systemClock } from "@/server/context";
import type { Db } from "@/server/db";
import { makeId } from "@/server/ids";
import { makeInvite, makeMember, makeTeam, makeWorkshop, testEnv } from "@/server/testing/factories";

/** Workshops for people to register for, what must be true of them afterwards, and a past of many registrations. */

const days = (count: number) => new Date(systemClock.now().getTime() + count * 86_400_000);

export type House = { db: Db; teamId: string; managers: string[]; databaseUrl: string };

/** A team with account managers. */
export async function makeHouse(db: Db, databaseUrl: string): Promise<House> {
  const team = await makeTeam(db);
  const managers = await Promise.all(Array.from({ length: 4 }, () => makeMember(db, team.id, "account_manager")));
  return { db, databaseUrl, teamId: team.id, managers: managers.map(({ id }) => id) };
}

export type Room = {
  workshopId: string;
  capacity: number;
  /** Each link with how many of the people come through it, and its limits by name. */
  doors: { token: string; people: number; limits: string[] }[];
  limits: Record<string, number>;
};

/** A workshop ten days from now, with one link of each account manager and as many people through each. */
export async function makeRoom({ db, teamId, managers, databaseUrl }: House, capacity: number, people: number) {
  const workshop = await makeWorkshop(db, teamId, { capacity, startsAt: days(10), endsAt: days(10.3) });
  const tokens = [];
  for (const id of managers) tokens.push((await makeInvite(db, testEnv(databaseUrl), workshop, id)).token);
  const doors = tokens.map((token) => ({ token, people: people / tokens.length, limits: [] }));
  return { workshopId: workshop.id, capacity, doors, limits: {} } satisfies Room;
}

/**
 * 50 seats for 500 people with every limit beside: an account manager who has 20 of them (for 200 people), a customer that
 * has 10 (120 people, through links of two account managers), and 180 people without a limit of their own.
 */
export async function makeRoomWithQuotas(house: House): Promise<Room> {
  const { db, teamId, managers, databaseUrl } = house;
  const env = testEnv(databaseUrl);
  const workshop = await makeWorkshop(db, teamId, { capacity: 50, startsAt: days(10), endsAt: days(10.3) });
  const { id: customerId } = await db.customer.create({
    data: { id: makeId("customer", systemClock.now()), teamId, name: `Customer of ${workshop.id}` },
  });
  const [first, second, third] = managers as [string, string, string];
  const invite = (memberId: string, over = {}) => makeInvite(db, env, workshop, memberId, over);
  const doors = [
    { token: (await invite(first)).token, people: 200, limits: ["manager"] },
    { token: (await invite(second, { customerId })).token, people: 60, limits: ["customer"] },
    { token: (await invite(third, { customerId })).token, people: 60, limits: ["customer"] },
    { token: (await invite(third)).token, people: 180, limits: [] },
  ];
  const key = { workshopId_memberId: { workshopId: workshop.id, memberId: first } };
  await db.workshopAccountManager.update({ where: key, data: { seatLimit: 20 } });
  await db.workshopCustomer.create({ data: { teamId, workshopId: workshop.id, customerId, seatLimit: 10 } });
  return { workshopId: workshop.id, capacity: 50, doors, limits: { manager: 20, customer: 10 } };
}

let groups = 0;

/** The people of a room, in an order in which the doors are mixed; every tenth presses each button twice, if asked. */
export function peopleOf(room: Room, { twice = false } = {}): Visitor[] {
  const group = ++groups;
  const doors = room.doors.map((door) => ({ ...door, left: door.people }));
  const total = doors.reduce((sum, door) => sum + door.people, 0);
  return Array.from({ length: total }, (_, number) => {
    // The fullest of those left: evenly mixed, and the same each time.
    const door = doors.reduce((a, b) => (b.left / b.people > a.left / a.people ? b : a));
    door.left -= 1;
    return {
      email: `p${group}-${number}@${visitorDomain}`,
      address: `10.${group % 256}.${Math.floor(number / 250)}.${(number % 250) + 1}`,
      invite: door.token,
      twice: twice && number % 10 === 0,
    };
  });
}

export type Verdict = {
  confirmed: number;
  waitlisted: number;
  /** Persons, registrations or places in the order that are there more than once, and seats counted wrong. */
  duplicates: number;
  /** Decisions that a replay of the limits in the order of arrival would have made otherwise. */
  misjudged: number;
  /** People whose number is higher than that of somebody who pressed the button only after they had their answer. */
  overtaken: number;
  /** Pages that said another state than the database. */
  mistold: number;
};

type Row = { email: string; state: string; ordinal: number | null };

/** What became of the people of a room, from its rows and from what each of them was told, and when. */
export async function judge(ownerUrl: string, room: Room, visits: readonly Visit[]): Promise<Verdict> {
  const { rows, seatsTaken } = await withClient(ownerUrl, async (client) => {
    const sql = `select p.email, r.state::text as state, r.ordinal from "Registration" r join "Person" p on p.id = r."personId"
      where r."workshopId" = $1 order by r.ordinal nulls last`;
    const taken = 'select "seatsTaken" from "Workshop" where id = $1';
    const found = await client.query(sql, [room.workshopId]);
    const [workshop] = (await client.query(taken, [room.workshopId])).rows;
    return { rows: found.rows as Row[], seatsTaken: Number(workshop.seatsTaken) };
  });
  const states = Map.groupBy(rows, (row) => row.state);
  const confirmed = states.get("confirmed")?.length ?? 0;
  const waitlisted = states.get("waitlisted")?.length ?? 0;
  const visitOf = new Map(visits.map((visit) => [visit.email, visit]));
  const duplicates =
    rows.length -
    new Set(rows.map((row) => row.email)).size +
    (rows.length - new Set(rows.map((row) => row.ordinal)).size) +
    Math.abs(rows.length - visits.length) +
    Math.abs(seatsTaken - confirmed);
  const mistold = rows.filter(({ email, state }) => visitOf.get(email)?.outcome !== state).length;
  return { confirmed, waitlisted, duplicates, mistold, ...orderOf(room, rows, visitOf) };
}

/** Goes through the rows in the order of their numbers. */
function orderOf(room: Room, rows: readonly Row[], visitOf: Map<string, Visit>) {
  const limitsOf = new Map(room.doors.map((door) => [door.token, door.limits]));
  const left: Record<string, number> = { ...room.limits, room: room.capacity };
  let [misjudged, overtaken, latestPress] = [0, 0, 0];
  for (const { email, state } of rows) {
    const visit = visitOf.get(email);
    if (!visit) continue;
    const limits = ["room", ...(limitsOf.get(visit.invite) ?? [])];
    const fits = limits.every((name) => (left[name] ?? 0) > 0);
    if (state !== (fits ? "confirmed" : "waitlisted")) misjudged += 1;
    if (fits) for (const name of limits) left[name] = (left[name] ?? 0) - 1;
    if (visit.answered < latestPress) overtaken += 1;
    latestPress = Math.max(latestPress, visit.pressed);
  }
  return { misjudged, overtaken };
}

/**
 * A past: so many registrations, half of them in one large workshop (two thirds confirmed, one third waiting) and the others
 * in workshops of 250, with their people, links, browsers, mails, facts and sealed history. Returns the large one as a room.
 */
export async function makePast(house: House, ownerUrl: string, count: number): Promise<Room> {
  const large = Math.floor(count / 2);
  const room = await makeRoom(house, Math.max(1, Math.ceil((large * 2) / 3)), 0);
  const small = Math.ceil(large / 250);
  await withClient(ownerUrl, async (client) => {
    for (const statement of pastStatements) {
      const text = statement.replace(/:(\w+)/g, (_, name) => {
        const values: Record<string, string | number> = {
          ...{ count, large, small, team: house.teamId, room: room.workshopId, member: house.managers[0]! },
        };
        const value = values[name];
        return typeof value === "number" ? String(value) : client.escapeLiteral(String(value));
      });
      await client.query(text);
    }
    await client.query("analyze");
  });
  return room;
}

/** Numbers in braces are of workshops: 0 is the large one. */
const pastStatements = [
  `create temp table past as select n, 'seed' || n as key,
     case when n <= :large then 0 else 1 + (n - :large - 1) / 250 end as w,
     case when n <= :large then n else 1 + (n - :large - 1) % 250 end as place
   from generate_series(1, :count) n`,
  `insert into "Workshop" (id, "teamId", state, title, "startsAt", "endsAt", "timeZone", capacity, "seatsTaken", "lastOrdinal", "updatedAt")
   select 'wks_past' || w, :team, 'closed', 'Past ' || w, now() - interval '90 days', now() - interval '90 days' + interval '8 hours',
     'Europe/Madrid', 200, 200, 250, now() from generate_series(1, :small) w`,
  `insert into "Person" (id, "teamId", email, name) select 'per_' || key, :team, key || '@past.example', 'Past ' || n from past`,
  `insert into "Registration" (id, "teamId", "workshopId", "personId", "inviteId", "memberId", state, company, ordinal,
     "noticeVersion", "noticeLocale", "noticeAt", "confirmedAt", "createdAt", "updatedAt")
   select 'reg_' || key, :team, case when w = 0 then :room else 'wks_past' || w end, 'per_' || key,
     case when w = 0 then (select id from "Invite" where "workshopId" = :room and "memberId" = :member) end, :member,
     (case when w = 0 then case when place <= ceil(:large * 2 / 3.0) then 'confirmed' else 'waitlisted' end
       else case when place <= 200 then 'attended' else 'expired' end end)::"RegistrationState",
     'Acme', place, '2026-11', 'en', now(), now(), now() - interval '5 days', now() from past`,
  `update "Workshop" set "lastOrdinal" = :large,
     "seatsTaken" = (select count(*) from "Registration" where "workshopId" = :room and state = 'confirmed') where id = :room`,
  `insert into "PersonalLink" (id, "teamId", "registrationId", purpose, "tokenHash", "expiresAt", "usedAt")
   select 'lnk_' || key || p, :team, 'reg_' || key, p, md5(key || p), now() + interval '5 days', now()
   from past, unnest(array['confirm', 'personal']) p`,
  `insert into "AttendeeBrowser" (id, "teamId", "registrationId", "tokenHash", "verifiedAt", "expiresAt")
   select 'brw_' || key, :team, 'reg_' || key, md5(key), now(), now() + interval '100 days' from past`,
  `insert into "Message" (id, "teamId", kind, "recipientKey", occurrence, "workshopId", "registrationId", state, "dueAt", "sentAt")
   select 'msg_' || key || k, :team, k, 'reg_' || key, '1', case when w = 0 then :room else 'wks_past' || w end, 'reg_' || key,
     'sent', now() - interval '5 days', now() - interval '5 days' from past, unnest(array['confirm_address', 'confirmed', 'reminder']) k`,
  `insert into "Activity" ("teamId", kind, "workshopId", "memberId")
   select :team, k, case when w = 0 then :room else 'wks_past' || w end, :member
   from past, unnest(array['invite_opened', 'registered', 'confirmed']) k`,
  `insert into "AuditEntry" (id, "teamId", "actorKind", action, entity, "entityId")
   select 'aud_' || key || a, :team, 'attendee', a, 'registration', 'reg_' || key
   from past, unnest(array['registration.made', 'registration.confirmed']) a`,
  `insert into "AuditSeal" ("entryId", "teamId", position, "previousHash", hash)
   select id, :team, ordinal, 'past', 'past' || ordinal from "AuditEntry" where "teamId" = :team`,
];
