import { member } from "@/bench/lib/apart";
import { startProxy } from "@/bench/lib/proxy";
import { publishAws } from "@/bench/lib/published-aws";
import type { ClientInput } from "@/server/aws/clients";
import type { Service } from "@/server/cleaner/define";
import { clean } from "@/server/cleaner/engine";
import { loadServices } from "@/server/cleaner/services/index.generated";
import type { Backing } from "@/server/testing/cleaner/backing";
import { backings } from "@/server/testing/cleaner/index.generated";
import { startEmulator } from "@/server/testing/emulator";

/** Accounts in which a workshop took place, behind a proxy that is slow and strict like AWS. */

export const latencyMilliseconds = 80;
/** Where attendees worked (with services that the emulator lacks, in the first only); in the others nothing is. */
export const used = ["eu-west-1", "us-east-1"];
/** Whose answers stand for those of every empty region. */
const learnt = "eu-north-1";
export const regions = [
  ...used,
  learnt,
  ...["ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"],
  ...["ca-central-1", "eu-central-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-2", "us-west-1", "us-west-2"],
];

/** Where attendees left something, and of which services; of all when not said. */
type Left = { regions: readonly string[]; services?: readonly string[] };

async function seedAccount(
  services: readonly Service[],
  backed: ReadonlyMap<string, Backing>,
  input: (region: string) => ClientInput,
  accountId: string,
  left: Left,
): Promise<void> {
  for (const [id, { seed, double }] of backed) {
    if (left.services && !left.services.includes(id)) continue;
    const global = services.find((one) => one.id === id)?.scope === "global" && id !== "s3";
    for (const region of global ? ["us-east-1"] : left.regions) {
      await seed?.(input(region), `${region}-${accountId}`);
      if (global || region === left.regions[0]) double?.seed({ region, accountId });
    }
  }
}

/**
 * `count` accounts, seeded alike, in an Organization that enables these regions. The calls of regions in which nobody worked
 * are answered by the proxy with what the emulator answered for one empty region.
 */
export async function prepareAccounts(count: number, enabled: readonly string[], left: Left = { regions: used }) {
  const services = await loadServices();
  const loaded = Object.entries(backings).map(async ([id, load]) => [id, (await load()).backing] as const);
  const backed = new Map(await Promise.all(loaded));
  const emulator = await startEmulator({ accounts: count + 1, regions: enabled });
  const proxy = await startProxy(emulator.endpoint, { latencyMilliseconds });
  const aws = publishAws(
    proxy,
    [...backed.values()].flatMap(({ double }) => double ?? []),
  );
  const { accessKeyId, secretAccessKey } = emulator;
  const keys = { accessKeyId, secretAccessKey };
  const [emptyId = "", ...accounts] = emulator.accounts.map(({ id }) => id);
  const direct = { endpoint: emulator.endpoint, ...keys };
  const inputOf =
    (accountId: string) =>
    (region: string): ClientInput => ({
      region,
      endpoint: emulator.endpoint,
      credentials: member(direct, accountId),
    });

  aws.learn(learnt);
  const through = { endpoint: proxy.endpoint, ...keys };
  const credentials = member(through, emptyId);
  const learning = await clean(
    { accountId: emptyId, credentials },
    { mode: "plan", regions: [learnt], endpoint: proxy.endpoint },
  );
  aws.learn(undefined);
  if (learning.unknown.length > 0)
    throw new Error(`No answer for an empty region: ${JSON.stringify(learning.unknown)}`);
  for (const accountId of accounts) await seedAccount(services, backed, inputOf(accountId), accountId, left);
  aws.empty(
    accounts,
    enabled.filter((region) => !left.regions.includes(region)),
  );

  const stop = async () => {
    await proxy.close();
    await emulator.stop();
  };
  return { aws, proxy, accounts, through, services, stop };
}
