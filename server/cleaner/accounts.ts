import { accountAlias } from "@/server/aws/access";
import { assumedRole, type Credentials } from "@/server/aws/clients";
import { kindOf } from "@/server/aws/errors";
import {
  accountsUnder,
  describeAccount,
  describeOrganization,
  type FoundAccount,
  parentOf,
} from "@/server/aws/organizations";
import { managementCredentials } from "@/server/aws/sts";
import { GuardError, partitionOf, UsageError } from "@/server/cleaner/command-io";
import type { Asked } from "@/server/cleaner/usage";
import type { CloudEnv } from "@/server/env";

/** Which accounts a command is about, and the way into them. */

export type Account = {
  id: string;
  /** As the Organization calls it, else the account's alias; null where neither can be read. */
  name: string | null;
  /** AWS's own: ACTIVE, SUSPENDED …; null where the Organization does not answer. */
  state: string | null;
};

export type Chosen = {
  accounts: Account[];
  /** Ids of the units (or the root) that they were found under; undefined for accounts that were named one by one. */
  scopes?: string[];
  /** Accounts that were left out, each with the reason. */
  skipped: { id: string; name: string; reason: string }[];
};

/** The accounts that were asked for. Throws `GuardError` where the management account was named. */
export async function chooseAccounts(cloud: CloudEnv, asked: Asked): Promise<Chosen> {
  if (asked.organization || asked.units.length > 0) return everyActive(cloud, asked.units);
  await refuseManagement(cloud, asked.accounts);
  const accounts = await Promise.all(asked.accounts.map((id) => lookUp(cloud, id)));
  return { accounts, skipped: [] };
}

async function everyActive(cloud: CloudEnv, units: readonly string[]): Promise<Chosen> {
  const { managementAccountId, rootId } = await describeOrganization(cloud);
  const parents = units.length > 0 ? [...units] : [rootId];
  const found = new Map<string, FoundAccount>();
  for (const parent of parents) {
    for (const account of await under(cloud, parent)) found.set(account.id, account);
  }
  const skipped = [...found.values()].flatMap(({ id, name, status }) => {
    if (id === managementAccountId) return [{ id, name, reason: "the management account" }];
    return status === "ACTIVE" ? [] : [{ id, name, reason: status }];
  });
  const out = new Set(skipped.map(({ id }) => id));
  const accounts = [...found.values()]
    .filter(({ id }) => !out.has(id))
    .map(({ id, name, status }) => ({ id, name: name || null, state: status }))
    .sort((a, b) => a.id.localeCompare(b.id));
  if (accounts.length === 0) throw new GuardError(`There is no active member account under ${parents.join(", ")}.`);
  return { accounts, skipped, scopes: parents };
}

async function under(cloud: CloudEnv, parent: string): Promise<FoundAccount[]> {
  try {
    return await accountsUnder(cloud, parent);
  } catch (error) {
    if (kindOf(error) === "NotFound") throw new UsageError(`There is no unit ${parent} in the Organization.`);
    throw error;
  }
}

/** Where the Organization does not answer, the engine's own guard is the one that says no. */
async function refuseManagement(cloud: CloudEnv, accounts: readonly string[]): Promise<void> {
  const organization = await describeOrganization(cloud).catch(() => undefined);
  const named = accounts.find((id) => id === organization?.managementAccountId);
  if (named) throw new GuardError(`${named} is the management account of its Organization.`);
}

/** An account that was chosen by its unit has to be there still: who moves it out wants it kept. */
export async function refuseMoved(cloud: CloudEnv, id: string, units: readonly string[]): Promise<void> {
  if (units.length === 0) return;
  for (let at = await parentOf(cloud, id); !units.includes(at); at = await parentOf(cloud, at)) {
    if (!at.startsWith("ou-")) throw new GuardError(`Account ${id} is no longer under ${units.join(", ")}.`);
  }
}

/** What is known of an account; a way into it that is closed is told later, by the first call that needs it. */
export async function lookUp(cloud: CloudEnv, id: string): Promise<Account> {
  const known = await describeAccount(cloud, id).catch(() => undefined);
  if (known?.name) return { id, name: known.name, state: known.status };
  const alias = await accountAlias(cloud, wayInto(cloud, id)).catch(() => undefined);
  return { id, name: alias ?? null, state: known?.status ?? null };
}

/** The keys of the role in an account, assumed now and again before they run out. */
export function wayInto(cloud: CloudEnv, accountId: string): Credentials {
  return assumedRole({
    region: cloud.AWS_REGION,
    roleArn: `arn:${partitionOf(cloud.AWS_REGION)}:iam::${accountId}:role/${cloud.ATELIER_MEMBER_ROLE}`,
    sessionName: "atelier-cleaner",
    credentials: managementCredentials(cloud),
    endpoint: cloud.AWS_ENDPOINT_URL,
  });
}
