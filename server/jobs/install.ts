import { PgBoss } from "pg-boss";
import { jobNames, jobQueues } from "@/server/jobs/queues";

/**
 * Makes or updates the job tables and queues, as the owner role (`npm run migrate` calls it). Can run twice.
 * A worker's heartbeat is 10 s: after a kill -9 its jobs run again within about a minute.
 */
export async function installQueues(ownerUrl: string): Promise<void> {
  const boss = new PgBoss({ connectionString: ownerUrl, max: 2, supervise: false, schedule: true });
  boss.on("error", () => {});
  await boss.start();
  try {
    for (const name of jobNames) {
      const { expireInSeconds, retryLimit } = jobQueues[name];
      const options = {
        expireInSeconds,
        retryLimit,
        retryDelay: 2,
        retryBackoff: true,
        retryDelayMax: 60,
        heartbeatSeconds: 10,
        deleteAfterSeconds: 3 * 86_400,
        notify: true,
      };
      if (await boss.getQueue(name)) await boss.updateQueue(name, options);
      else await boss.createQueue(name, options);
    }
    for (const name of jobNames) {
      const definition = jobQueues[name];
      if ("schedule" in definition) await boss.schedule(name, definition.schedule, {}, { tz: "UTC" });
    }
  } finally {
    await boss.stop({ graceful: false });
  }
}
