import pino from "pino";
import { forgetCredentials } from "@/server/aws/sts";
import { type Clock, type Context, makeContext, systemClock } from "@/server/context";
import { createDb, type Db } from "@/server/db";
import type { Env } from "@/server/env";
import { stopQueue } from "@/server/jobs/queue";
import type { Actor, AttendeeActor, SystemActor } from "@/server/permissions";
import { adoptAccounts, reconcile, setUpOrganization } from "@/server/sandboxes/sandboxes";
import { createTestDatabase } from "@/server/testing/database";
import { type Emulator, startEmulator } from "@/server/testing/emulator";
import { makeProfile, makeRegistration, makeTeam, makeWorkshop, testEnv } from "@/server/testing/factories";

/** A database and an emulator of one's own, with contexts on the real clock (sessions of AWS live on it too). */
export type TestCloud = {
  emulator: Emulator;
  db: Db;
  env: Env;
  /** A context of a job. */
  system: Context<SystemActor>;
  as<A extends Actor>(actor: A, over?: { env?: Env; clock?: Clock }): Context<A>;
  close(): Promise<void>;
};

export async function startTestCloud(options: { accounts: number; regions?: readonly string[] }): Promise<TestCloud> {
  const database = await createTestDatabase();
  const emulator = await startEmulator({ accounts: options.accounts, regions: options.regions ?? ["eu-west-1"] });
  // The SDK's own chain finds them, as in a worker.
  process.env.AWS_ACCESS_KEY_ID = emulator.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = emulator.secretAccessKey;
  forgetCredentials();
  const { db, close } = createDb(database.url);
  const env = testEnv(database.url, {
    AWS_ENDPOINT_URL: emulator.endpoint,
    ATELIER_BASE_PRINCIPAL_ARN: emulator.basePrincipalArn,
    // Some that the emulator has: these tests are about the pool, and the cleaner's own look at every service.
    CLEANER_SERVICES: "iam,s3,sqs,sns,lambda",
  });
  const log = pino({ level: process.env.LOG_LEVEL ?? "silent" });
  const as: TestCloud["as"] = (actor, over = {}) => makeContext(actor, { db, env, clock: systemClock, log, ...over });
  return {
    emulator,
    db,
    env,
    system: as({ kind: "system", by: "operator" }),
    as,
    async close() {
      await stopQueue();
      await close();
      await database.drop();
      await emulator.stop();
    },
  };
}

/** A team with its units, guard rails, a sandbox profile and accounts that count as cleaned. */
export async function makePool(cloud: TestCloud, count: number) {
  const team = await makeTeam(cloud.db);
  const profile = await makeProfile(cloud.db, team.id);
  await setUpOrganization(cloud.system, { teamId: team.id });
  await adoptAccounts(cloud.system, { teamId: team.id, count });
  await reconcile(cloud.system, { teamId: team.id });
  await cloud.db.sandboxAccount.updateMany({
    where: { teamId: team.id, state: "cleaning" },
    data: { state: "available", lastCleanedAt: new Date() },
  });
  return { team, profile };
}

/** An open workshop of the pool with confirmed registrations. */
export async function openedWorkshop(
  cloud: TestCloud,
  pool: { team: { id: string }; profile: { id: string } },
  count: number,
) {
  const workshop = await makeWorkshop(cloud.db, pool.team.id, { state: "open", sandboxProfileId: pool.profile.id });
  const registrations = [];
  for (let made = 0; made < count; made++) registrations.push(await makeRegistration(cloud.db, workshop));
  return { workshop, registrations };
}

export function attendee(registration: { id: string; teamId: string }, verified = true): AttendeeActor {
  return { kind: "attendee", teamId: registration.teamId, registrationId: registration.id, verified };
}
