import {
  CreateRoleCommand,
  DeleteAccessKeyCommand,
  DeleteLoginProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListAccountAliasesCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListUsersCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { z } from "zod";
import { type Credentials, clientOptions } from "@/server/aws/clients";
import { type CloudErrorKind, calling, cloudError, kindOf } from "@/server/aws/errors";
import { placeOf } from "@/server/aws/sts";
import type { CloudEnv as Env } from "@/server/env";

/** Roles of leases and the IAM users that attendees make, in a member account. `keys` are Atelier's own in that account. */

const permissions = "AtelierLease";
const denial = "AtelierDenyAll";

/** An inline policy that refuses everything, whatever else a principal has. */
const denyAll = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Sid: "AtelierDenyAll", Effect: "Deny", Action: "*", Resource: "*" }],
});

function iam(env: Env, keys: Credentials, attempts?: number): IAMClient {
  const few = attempts === undefined ? {} : { attempts, throttledAttempts: attempts };
  return new IAMClient(clientOptions({ ...placeOf(env), credentials: keys, ...few }));
}

export type LeaseRole = {
  name: string;
  /** The policy of trust and the permissions, as JSON. */
  trust: string;
  policy: string;
};

/** ARN of a role in an account. */
export function roleArn(accountId: string, name: string): string {
  return `arn:aws:iam::${accountId}:role/${name}`;
}

/** Makes the role of a lease, or finds it. One call. A role of this name that was there gets the trust that it must have. */
export async function ensureLeaseRole(env: Env, keys: Credentials, role: LeaseRole): Promise<void> {
  const client = iam(env, keys);
  try {
    await calling("CreateRole", () =>
      client.send(
        new CreateRoleCommand({
          RoleName: role.name,
          AssumeRolePolicyDocument: role.trust,
          MaxSessionDuration: 3600,
          Description: "Lent by Atelier; removed when the workshop closes",
        }),
      ),
    );
  } catch (error) {
    if (kindOf(error) !== "AlreadyExists") throw error;
    await calling("UpdateAssumeRolePolicy", () =>
      client.send(new UpdateAssumeRolePolicyCommand({ RoleName: role.name, PolicyDocument: role.trust })),
    );
  }
}

/** Gives the role of a lease its permissions. One call, can run twice. */
export async function allowLeaseRole(env: Env, keys: Credentials, role: LeaseRole): Promise<void> {
  await calling("PutRolePolicy", () =>
    iam(env, keys).send(
      new PutRolePolicyCommand({ RoleName: role.name, PolicyName: permissions, PolicyDocument: role.policy }),
    ),
  );
}

export async function roleExists(env: Env, keys: Credentials, name: string): Promise<boolean> {
  try {
    await calling("GetRole", () => iam(env, keys).send(new GetRoleCommand({ RoleName: name })));
    return true;
  } catch (error) {
    if (kindOf(error) === "NotFound") return false;
    throw error;
  }
}

/**
 * Takes every permission from a role and denies it everything: the denial first, so that at no moment between the calls it
 * has more than before. Its sessions that are out already are refused with it. Answers false where there is no such role.
 */
export async function stripRole(env: Env, keys: Credentials, name: string): Promise<boolean> {
  const client = iam(env, keys);
  try {
    await calling("PutRolePolicy", () =>
      client.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: denial, PolicyDocument: denyAll })),
    );
    await removePolicies(client, name, (policy) => policy !== denial);
    return true;
  } catch (error) {
    if (kindOf(error) === "NotFound") return false;
    throw error;
  }
}

async function removePolicies(client: IAMClient, name: string, which: (inlineName: string) => boolean): Promise<void> {
  const [inline, attached] = await Promise.all([
    calling("ListRolePolicies", () => client.send(new ListRolePoliciesCommand({ RoleName: name }))),
    calling("ListAttachedRolePolicies", () => client.send(new ListAttachedRolePoliciesCommand({ RoleName: name }))),
  ]);
  for (const policy of (inline.PolicyNames ?? []).filter(which))
    await ignoreMissing("DeleteRolePolicy", () =>
      client.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName: policy })),
    );
  for (const { PolicyArn } of attached.AttachedPolicies ?? [])
    await ignoreMissing("DetachRolePolicy", () =>
      client.send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn })),
    );
  if (inline.IsTruncated || attached.IsTruncated) await removePolicies(client, name, which);
}

async function ignoreMissing(operation: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await calling(operation, call);
  } catch (error) {
    if (kindOf(error) !== "NotFound") throw error;
  }
}

/** Deletes a role with its policies; one that is not there counts as deleted. */
export async function deleteRole(env: Env, keys: Credentials, name: string): Promise<void> {
  const client = iam(env, keys);
  await ignoreMissing("DeleteRole", async () => {
    await removePolicies(client, name, () => true);
    await client.send(new DeleteRoleCommand({ RoleName: name }));
  });
}

/** An IAM user found in a sandbox, with the ids of its access keys. */
export type FoundUser = { name: string; accessKeyIds: string[] };

const keyId = z.string().regex(/^\w{16,128}$/);

/** All IAM users of the account with their keys. */
export async function listUsersAndKeys(env: Env, keys: Credentials): Promise<FoundUser[]> {
  const client = iam(env, keys);
  const found: FoundUser[] = [];
  for (let marker: string | undefined, more = true; more; ) {
    const page = await calling("ListUsers", () => client.send(new ListUsersCommand({ Marker: marker })));
    for (const { UserName: name } of page.Users ?? [])
      if (name) found.push({ name, accessKeyIds: await keysOf(client, name) });
    marker = page.Marker;
    more = Boolean(page.IsTruncated && marker);
  }
  return found;
}

async function keysOf(client: IAMClient, name: string): Promise<string[]> {
  // At most two keys for a user, so one page.
  const answer = await calling("ListAccessKeys", () => client.send(new ListAccessKeysCommand({ UserName: name })));
  return z.array(keyId).parse((answer.AccessKeyMetadata ?? []).map((key) => key.AccessKeyId));
}

/**
 * Ends an IAM user's access: everything denied, password and keys deleted. Keys are deleted and not only made inactive,
 * since a deleted key can be proved to be unknown.
 */
export async function endUserAccess(env: Env, keys: Credentials, user: FoundUser): Promise<void> {
  const client = iam(env, keys);
  const UserName = user.name;
  await ignoreMissing("PutUserPolicy", () =>
    client.send(new PutUserPolicyCommand({ UserName, PolicyName: denial, PolicyDocument: denyAll })),
  );
  await ignoreMissing("DeleteLoginProfile", () => client.send(new DeleteLoginProfileCommand({ UserName })));
  for (const AccessKeyId of user.accessKeyIds)
    await ignoreMissing("DeleteAccessKey", () => client.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId })));
}

/** The action of the canary's call; every lease role is allowed it. Global, reads nothing that matters, and can be denied. */
export const canaryAction = "iam:ListAccountAliases";

/** Makes the canary's call with a session's keys: "Allowed", or how it was refused. Never throws what AWS answered. */
export async function canaryCall(env: Env, keys: Credentials): Promise<CloudErrorKind | "Allowed"> {
  try {
    await iam(env, keys, 2).send(new ListAccountAliasesCommand({}));
    return "Allowed";
  } catch (error) {
    const known = kindOf(cloudError("ListAccountAliases", error));
    if (known) return known;
    throw error;
  }
}
