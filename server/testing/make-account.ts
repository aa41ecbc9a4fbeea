import pino from "pino";
import { makeContext, systemClock } from "@/server/context";
import { createDb } from "@/server/db";
import { makeAccount } from "@/server/sandboxes/sandboxes";
import { testEnv } from "@/server/testing/factories";

/** A worker that takes one request for an account a step further, to be killed at a bad moment: `url endpoint requestId`. */
const [url = "", endpoint = "", requestId = ""] = process.argv.slice(2);
const { db } = createDb(url);
const env = testEnv(url, { AWS_ENDPOINT_URL: endpoint });
const log = pino({ level: "silent" });
await makeAccount(makeContext({ kind: "system", by: "clock" }, { db, env, clock: systemClock, log }), { requestId });
process.exit(0);
