import { launchEmulator, numberedAccounts, prepareEmulator, seedEmulator } from "@/scripts/emulator.mjs";
import { sharedEmulator } from "@/scripts/test-emulator.mjs";

/**
 * A real AWS emulator (moto) with an Organization in it and access control on: a call without a policy is AccessDenied, a
 * deleted key is refused.
 *
 *   const aws = await testEmulator();                                // shared by all files of the run: 20 accounts
 *   const aws = await startEmulator({ accounts: 3, regions: [...] }); // one's own; stop it afterwards
 *
 * `accessKeyId` and `secretAccessKey` are those of `basePrincipalArn`, a user of the management account that may do everything
 * there and assume `OrganizationAccountAccessRole` in each member account. Files that share it run at the same time: take
 * accounts of your own with `createAccount` of Organizations, or a private emulator, where state matters.
 */

export type Emulator = {
  readonly endpoint: string;
  readonly managementAccountId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly basePrincipalArn: string;
  readonly accounts: readonly { readonly id: string; readonly name: string; readonly email: string }[];
};

/** The emulator of this run of the tests, with 20 member accounts; started by the first file that asks. */
export async function testEmulator(): Promise<Emulator> {
  return sharedEmulator(process.env.VITEST ? process.ppid : process.pid);
}

/**
 * An emulator of one's own: `accounts` is a number of member accounts or their names and addresses, `regions` the enabled
 * ones (default eu-west-1, eu-central-1, us-east-1). It ends with this process at the latest. Takes about 2 s.
 */
export async function startEmulator(options: {
  accounts: number | readonly { name: string; email: string; id?: string }[];
  regions?: readonly string[];
}): Promise<Emulator & { stop(): Promise<void> }> {
  const found = await prepareEmulator();
  if ("off" in found) throw new Error(`There is no emulator: ${found.off}`);
  const emulator = await launchEmulator(found, { regions: options.regions });
  const accounts = typeof options.accounts === "number" ? numberedAccounts(options.accounts, "test") : options.accounts;
  const seeded = await seedEmulator(emulator.endpoint, { accounts });
  return { ...seeded, stop: emulator.stop };
}
