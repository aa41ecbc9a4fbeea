import { makeContext } from "@/server/context";
import { database } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { seedDemo } from "./seed/demo";
import { teams } from "./seed/people";

/**
 * The demo's data, on the first start: `node dist/seed.mjs`. Does nothing where there is a team already. `--print` only says,
 * as JSON, who there is to sign in as. ATELIER_DEMO_ACCOUNTS names the accounts for the pools: [{ "id", "name" }].
 */

if (process.argv.includes("--print")) {
  const people = teams.flatMap((team) => team.members.map((member) => ({ team: team.name, ...member })));
  console.log(JSON.stringify(people, null, 2));
} else {
  const ctx = makeContext({ kind: "system", by: "operator" } as const);
  if (ctx.env.ATELIER_MODE === "production") throw new Error("Demo data has no place in production.");
  const accounts = JSON.parse(process.env.ATELIER_DEMO_ACCOUNTS || "[]") as { id: string; name: string }[];
  console.log(
    (await seedDemo(ctx, accounts)) ? "The demo's data is there." : "There is data already; nothing was changed.",
  );
  await stopQueue();
  await database().close();
}
