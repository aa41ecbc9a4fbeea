import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { runControl, secondLine } from "@/bench/lib/control";
import { type Installation, install, migratedDatabase, type Postgres } from "@/bench/lib/installation";
import { reportProfiles } from "@/bench/lib/profile";
import {
  type House,
  judge,
  makeHouse,
  makePast,
  makeRoom,
  makeRoomWithQuotas,
  peopleOf,
  type Room,
  type Verdict,
} from "@/bench/lib/rooms";
import { steps, type Visit, type Visitor, visitAll } from "@/bench/lib/visitors";
import { buildBundles, buildWeb } from "@/scripts/build.mjs";
import { erasePostgres, startPostgres, withClient } from "@/scripts/postgres.mjs";
import { atelier } from "@/scripts/project.mjs";
import { createDb } from "@/server/db";

/**
 * Whole registrations through HTTP on the production build, from opening the invitation to the page that says where one
 * stands: six requests and a mail each. Generator, web, worker and PostgreSQL share this machine.
 *
 *   npm run bench -- registration               speed, growth, 100 rounds of 500 people for 50 seats, the control
 *   npm run bench -- registration --rounds 5    the same with fewer rounds
 *   npm run bench -- registration --only speed  one part: growth, speed, rounds or control
 *   npm run bench -- registration --profile     the speed, and where the web's and the worker's time goes
 */

const { values: options } = parseArgs({
  args: process.argv.slice(2),
  options: {
    rounds: { type: "string", default: "100" },
    only: { type: "string" },
    processes: { type: "string", default: "2" },
    profile: { type: "boolean", default: false },
    unguarded: { type: "boolean", default: false },
  },
});
const goal = { perSecond: 100, burstSeconds: 5, growth: 1.2 };

const rounded = (value: number, digits = 0) => Math.round(value * 10 ** digits) / 10 ** digits;
const say = (text: string) => console.log(text);

function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
}

function table(visits: readonly Visit[]) {
  const row = (all: number[]) => ({
    "p50 (ms)": rounded(percentile(all, 50)),
    "p95 (ms)": rounded(percentile(all, 95)),
    "p99 (ms)": rounded(percentile(all, 99)),
  });
  const rows = steps.map((step) => [step, row(visits.map((visit) => visit.milliseconds[step]))] as const);
  console.table({ ...Object.fromEntries(rows), whole: row(visits.map((visit) => visit.whole)) });
}

/** A web and a worker on a database of their own, with a team in it. */
type Place = { house: House; site: Installation; ownerUrl: string; past: Room; close(): Promise<void> };

/** What still runs when a part fails is stopped all the same. */
const running = new Set<() => Promise<void>>();

async function makePlace(postgres: Postgres, name: string, past: number): Promise<Place> {
  const database = await migratedDatabase(postgres, name);
  if (options.unguarded)
    await withClient(database.ownerUrl, async (client) => {
      for (const statement of secondLine) await client.query(statement);
    });
  const { db, close } = createDb(database.url);
  const house = await makeHouse(db, database.url);
  const room = await makePast(house, database.ownerUrl, past);
  const profiles = atelier("bench", name, "profiles", "x").slice(0, -2);
  const settings: Record<string, string> = { WEB_PROCESSES: options.processes };
  if (options.profile) settings.NODE_OPTIONS = `--cpu-prof --cpu-prof-dir=${profiles}`;
  const site = await install(postgres, database, atelier("bench", name), settings);
  const place = { house, site, ownerUrl: database.ownerUrl, past: room };
  const stop = async () => {
    running.delete(stop);
    await site.stop();
    await close();
    if (options.profile) reportProfiles(profiles);
  };
  running.add(stop);
  return { ...place, close: stop };
}

const visit = ({ site }: Place, atOnce: number, people: readonly Visitor[]) =>
  visitAll({ url: site.url, mailbox: site.mailbox, atOnce }, people);

/** Waits until the worker has sent what is due, so that a load does not begin behind the mails of the one before. */
async function settle({ house: { db } }: Place): Promise<void> {
  const due = () => db.message.count({ where: { state: { in: ["queued", "sending"] }, dueAt: { lte: new Date() } } });
  const deadline = performance.now() + 120_000;
  while ((await due()) > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 200));
}

async function warmUp(place: Place): Promise<void> {
  for (let time = 0; time < 2; time++) {
    const room = await makeRoom(place.house, 200, 200);
    await visit(place, 50, peopleOf(room));
  }
}

// --- Speed -----------------------------------------------------------------------------------------------------------

/** One load, with the processor time of each process for one registration. */
async function load(place: Place, what: string, atOnce: number, rooms: [capacity: number, people: number][]) {
  await settle(place);
  const rates: number[] = [];
  const all: Visit[] = [];
  const [before, own] = [place.site.cpuSeconds(), process.cpuUsage()];
  const began = performance.now();
  for (const [capacity, people] of rooms) {
    const room = await makeRoom(place.house, capacity, people);
    const { visits, seconds } = await visit(place, atOnce, peopleOf(room));
    rates.push(visits.length / seconds);
    all.push(...visits);
  }
  const wall = (performance.now() - began) / 1000;
  const [after, { user, system }] = [place.site.cpuSeconds(), process.cpuUsage(own)];
  const each = (seconds: number) => rounded((seconds * 1000) / all.length, 1);
  const perSecond = percentile(rates, 50);
  say(
    `\n${what}: ${rounded(perSecond, 1)} whole registrations a second (each run: ${rates.map((r) => rounded(r, 1)).join(", ")})`,
  );
  table(all);
  console.table({
    "processor time for one registration (ms)": {
      web: each(after.web - before.web),
      worker: each(after.worker - before.worker),
      postgres: each(after.postgres - before.postgres),
      generator: each((user + system) / 1e6),
      "busy of all processors (%)": rounded(
        ((after.web -
          before.web +
          after.worker -
          before.worker +
          after.postgres -
          before.postgres +
          (user + system) / 1e6) /
          (wall * cpus().length)) *
          100,
      ),
    },
  });
  return { perSecond, all };
}

async function measureSpeed(place: Place) {
  const fifty = await load(place, "50 people at once, 300 for 300 seats, three times", 50, [
    [300, 300],
    [300, 300],
    [300, 300],
  ]);
  const burst = await load(place, "500 people at once for 50 seats, three times", 500, [
    [50, 500],
    [50, 500],
    [50, 500],
  ]);
  const burstSeconds = 500 / burst.perSecond;
  say(`The burst of 500 for 50 seats was answered within ${rounded(burstSeconds, 1)} s (goal: ${goal.burstSeconds} s)`);
  return { perSecond: Math.min(fifty.perSecond, burst.perSecond) };
}

// --- Growth ----------------------------------------------------------------------------------------------------------

/** Half of them register for the large workshop of the past, half for a new one. */
async function growthBatch(place: Place): Promise<Visit[]> {
  const { house, past } = place;
  const room = await makeRoom(house, 100, 100);
  const large = { ...past, doors: past.doors.map((door) => ({ ...door, people: 25 })) };
  const [first, second] = [peopleOf(room), peopleOf(large)];
  const people = first.flatMap((visitor, at) => [visitor, second[at]!]);
  return (await visit(place, 50, people)).visits;
}

async function measureGrowth(few: Place, many: Place) {
  const [fewVisits, manyVisits]: [Visit[], Visit[]] = [[], []];
  await Promise.all([settle(few), settle(many)]);
  // In turns, so that whatever else the machine does meets both alike.
  for (let time = 0; time < 4; time++) {
    fewVisits.push(...(await growthBatch(few)));
    manyVisits.push(...(await growthBatch(many)));
  }
  const p95 = (visits: readonly Visit[]) =>
    percentile(
      visits.map((one) => one.whole),
      95,
    );
  say("\n1,000 registrations in the database, 50 people at once");
  table(fewVisits);
  say("100,000 registrations in the database, 50,000 of them in one workshop, 50 people at once");
  table(manyVisits);
  const [p95Ms, p95MsAt100k] = [p95(fewVisits), p95(manyVisits)];
  say(`p95 of the whole grows ${rounded(p95MsAt100k / p95Ms, 2)} times (goal: ${goal.growth})`);
  return { p95Ms: rounded(p95Ms), p95MsAt100k: rounded(p95MsAt100k) };
}

// --- Rounds ----------------------------------------------------------------------------------------------------------

type Counted = Verdict & { seconds: number };

async function round(place: Place, number: number): Promise<Counted> {
  const room = number % 2 === 0 ? await makeRoom(place.house, 50, 500) : await makeRoomWithQuotas(place.house);
  await settle(place);
  const { visits, seconds } = await visit(place, 500, peopleOf(room, { twice: !options.unguarded }));
  return { ...(await judge(place.ownerUrl, room, visits)), seconds };
}

const asItMustBe = ({ confirmed, waitlisted, ...wrong }: Verdict) =>
  confirmed === 50 &&
  waitlisted === 450 &&
  [wrong.duplicates, wrong.misjudged, wrong.overtaken, wrong.mistold].every((n) => n === 0);

async function countRounds(place: Place, rounds: number) {
  const counted: Counted[] = [];
  say(
    `\n${rounds} rounds of 500 people for 50 seats, every tenth presses each button twice; every other round with quotas`,
  );
  for (let number = 0; number < rounds; number++) counted.push(await round(place, number));
  const worst = (key: keyof Counted) => Math.max(...counted.map((one) => one[key]));
  const sound = counted.filter(asItMustBe).length;
  console.table({
    rounds,
    "with exactly 50 confirmed and 450 waitlisted, all in order": sound,
    "most confirmed": worst("confirmed"),
    "most waitlisted": worst("waitlisted"),
    "most duplicates": worst("duplicates"),
    "most decided against a limit or the order": worst("misjudged"),
    "most overtaken": worst("overtaken"),
    "most told another state than theirs": worst("mistold"),
    "median round (s)": rounded(
      percentile(
        counted.map((one) => one.seconds),
        50,
      ),
      1,
    ),
    "slowest round (s)": rounded(worst("seconds"), 1),
  });
  const odd = counted.find((one) => !asItMustBe(one));
  const { confirmed, waitlisted } = odd ?? counted[0]!;
  return { confirmed, waitlisted, duplicates: worst("duplicates"), sound: sound === rounds };
}

// --- All -------------------------------------------------------------------------------------------------------------

/**
 * The same rounds on a build without the guard: its last line is what happened. Nobody presses twice, since without the lock
 * the second press is refused.
 */
async function unguarded(postgres: Postgres): Promise<void> {
  const place = await makePlace(postgres, "unguarded", 0);
  const counted: Counted[] = [];
  for (let number = 0; number < 2; number++) counted.push(await round(place, number * 2));
  await place.close();
  const most = counted.reduce((a, b) => (b.confirmed > a.confirmed ? b : a));
  console.log(JSON.stringify(most));
}

async function measure(postgres: Postgres) {
  const wants = (part: string) => (options.only ?? part) === part;
  const figures: Record<string, number> = {};
  const few = await makePlace(postgres, "few", 1_000);
  say(`${options.processes} processes of the web, one worker, on ${cpus().length} processors`);
  if (options.only !== "rounds") await warmUp(few);
  if (wants("growth") && !options.profile) {
    const many = await makePlace(postgres, "many", 100_000);
    await warmUp(many);
    Object.assign(figures, await measureGrowth(few, many));
    await many.close();
  }
  if (wants("speed") || options.profile) figures.perSecond = rounded((await measureSpeed(few)).perSecond, 1);
  if (wants("rounds") && !options.profile) {
    const { sound, ...counts } = await countRounds(few, Number(options.rounds));
    Object.assign(figures, counts);
    if (!sound) process.exitCode = 1;
  }
  await few.close();
  if (wants("control") && !options.profile) {
    const { confirmed, waitlisted, duplicates } = await runControl(say);
    say(
      `The control, without the guard: ${confirmed} confirmed for 50 seats, ${waitlisted} waitlisted, ${duplicates} duplicates`,
    );
    if (confirmed <= 50) process.exitCode = 1;
  }
  const { confirmed, waitlisted, duplicates, perSecond, p95Ms, p95MsAt100k } = figures;
  console.log(JSON.stringify({ confirmed, waitlisted, duplicates, perSecond, p95Ms, p95MsAt100k }));
}

async function main(): Promise<void> {
  await buildBundles();
  await buildWeb();
  const folder = atelier("bench", "pg");
  await erasePostgres(folder);
  const postgres = await startPostgres({ folder, port: 5633 });
  try {
    if (options.unguarded) await unguarded(postgres);
    else await measure(postgres);
  } finally {
    for (const stop of running) await stop();
    await erasePostgres(folder);
  }
}

main().then(
  () => process.exit(),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
