import { CostExplorerClient, GetCostAndUsageCommand } from "@aws-sdk/client-cost-explorer";
import { z } from "zod";
import { clientOptions } from "@/server/aws/clients";
import { calling } from "@/server/aws/errors";
import { managementCredentials, placeOf } from "@/server/aws/sts";
import type { Env } from "@/server/env";

/**
 * What accounts cost, as Cost Explorer of the management account knows it: some hours to a day behind what happens
 * (https://docs.aws.amazon.com/cost-management/latest/userguide/ce-what-is.html). A request costs 0.01 USD, so all accounts
 * are asked about at once.
 */

/** What one account cost on one day (UTC). `micros` are millionths of `currency`; credits make it negative. */
export type DayCost = { awsAccountId: string; day: string; micros: bigint; currency: string };

const amount = z.object({ Amount: z.string().regex(/^-?\d+(\.\d+)?(E-?\d+)?$/i), Unit: z.string() });

/** "12.3456789" as 12345678; without floating point, so that a cent below a limit stays below it. Cut off, not rounded. */
function microsOf(text: string): bigint {
  // Tiny amounts come as 1.2E-7, which is less than a millionth.
  if (/e/i.test(text)) return BigInt(Math.trunc(Number(text) * 1_000_000));
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
  const micros = BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, "0").slice(0, 6));
  return text.startsWith("-") ? -micros : micros;
}

/**
 * Costs by account and day (UTC) from the day `from` until before the day `until` (YYYY-MM-DD). Days and accounts without
 * costs are left out. One request for up to some thousand rows; more come in pages.
 */
export async function costsByDay(
  env: Env,
  input: { awsAccountIds: readonly string[]; from: string; until: string },
): Promise<DayCost[]> {
  // Cost Explorer has one endpoint, in us-east-1.
  const options = { ...placeOf(env), region: "us-east-1", credentials: managementCredentials(env) };
  const client = new CostExplorerClient(clientOptions(options));
  const found: DayCost[] = [];
  for (let token: string | undefined, more = true; more; ) {
    const page = await calling("GetCostAndUsage", () =>
      client.send(
        new GetCostAndUsageCommand({
          TimePeriod: { Start: input.from, End: input.until },
          Granularity: "DAILY",
          Metrics: ["UnblendedCost"],
          GroupBy: [{ Type: "DIMENSION", Key: "LINKED_ACCOUNT" }],
          Filter: { Dimensions: { Key: "LINKED_ACCOUNT", Values: [...input.awsAccountIds] } },
          NextPageToken: token,
        }),
      ),
    );
    for (const { TimePeriod: period, Groups: groups } of page.ResultsByTime ?? [])
      for (const { Keys: keys, Metrics: metrics } of groups ?? []) {
        const cost = amount.parse(metrics?.UnblendedCost);
        const [awsAccountId, day] = [keys?.[0], period?.Start?.slice(0, 10)];
        if (awsAccountId && day) found.push({ awsAccountId, day, micros: microsOf(cost.Amount), currency: cost.Unit });
      }
    token = page.NextPageToken;
    more = Boolean(token);
  }
  return found;
}
