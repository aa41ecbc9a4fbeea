import * as iam from "@aws-sdk/client-iam";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import type { Double } from "@/server/testing/double";

/**
 * What backs a service file of the cleaner in tests and benchmarks. For each type at least one resource has to come from
 * `seed` (real calls on the emulator) or from the double (whose kinds bear the types' ids), or the type is named in
 * `onlyListed`.
 */
export type Backing = {
  /** Makes what attendees leave behind. `unique` keeps names apart that are global, like those of buckets. */
  seed?: Seed;
  double?: Double;
  /** Types that the emulator lists and cannot make, and no double has: their removal stands on reading alone. */
  onlyListed?: readonly string[];
  /** Types whose second removal the emulator answers with a 500 of its own: there it proves nothing. */
  failsWhenGone?: readonly string[];
};

export type Seed = (input: ClientInput, unique: string) => Promise<unknown>;

export const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

export const allow = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:ListAllMyBuckets", Resource: "*" }],
});

/** The smallest ZIP archive: an empty one. */
export const emptyZip = Buffer.from(`504b0506${"00".repeat(18)}`, "hex");

export async function times(count: number, make: (index: number) => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, index) => make(index)));
}

export async function makeRole(input: ClientInput, RoleName: string): Promise<string> {
  const client = new iam.IAMClient(clientOptions({ ...input, region: "us-east-1" }));
  const { Role } = await client.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  return Role?.Arn ?? "";
}
