import {
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteLoginProfileCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetLoginProfileCommand,
  GetUserCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupsForUserCommand,
  ListUserPoliciesCommand,
  PutUserPolicyCommand,
  RemoveUserFromGroupCommand,
  UpdateAccessKeyCommand,
  UpdateLoginProfileCommand,
} from "@aws-sdk/client-iam";
import { z } from "zod";
import { type Credentials, clientOptions } from "@/server/aws/clients";
import { calling, kindOf } from "@/server/aws/errors";
import { endUserAccess } from "@/server/aws/iam";
import { placeOf } from "@/server/aws/sts";
import type { CloudEnv } from "@/server/env";

/**
 * The IAM user that is lent in an account: console password, access keys, and its end. `keys` are Atelier's own in the account.
 * Every call can run twice.
 */

const permissions = "AtelierLease";

function iam(env: CloudEnv, keys: Credentials): IAMClient {
  return new IAMClient(clientOptions({ ...placeOf(env), credentials: keys }));
}

/** Makes a call and answers whether there was anything to make it on. */
async function there(operation: string, call: () => Promise<unknown>): Promise<boolean> {
  try {
    await calling(operation, call);
    return true;
  } catch (error) {
    if (kindOf(error) !== "NotFound") throw error;
    return false;
  }
}

/** Makes the user, or finds it, and gives it its permissions (an IAM policy as JSON). */
export async function ensureUser(
  env: CloudEnv,
  keys: Credentials,
  { name: UserName, policy }: { name: string; policy: string },
): Promise<void> {
  const client = iam(env, keys);
  try {
    await calling("CreateUser", () => client.send(new CreateUserCommand({ UserName })));
  } catch (error) {
    if (kindOf(error) !== "AlreadyExists") throw error;
  }
  await calling("PutUserPolicy", () =>
    client.send(new PutUserPolicyCommand({ UserName, PolicyName: permissions, PolicyDocument: policy })),
  );
}

export function userExists(env: CloudEnv, keys: Credentials, UserName: string): Promise<boolean> {
  return there("GetUser", () => iam(env, keys).send(new GetUserCommand({ UserName })));
}

/** Whether the user can sign in to the console. */
export function hasPassword(env: CloudEnv, keys: Credentials, UserName: string): Promise<boolean> {
  return there("GetLoginProfile", () => iam(env, keys).send(new GetLoginProfileCommand({ UserName })));
}

/** Sets the console password; one that was there is good no more from then on. It need not be changed at the first sign-in. */
export async function setPassword(env: CloudEnv, keys: Credentials, UserName: string, Password: string): Promise<void> {
  const client = iam(env, keys);
  const profile = { UserName, Password, PasswordResetRequired: false };
  try {
    await calling("CreateLoginProfile", () => client.send(new CreateLoginProfileCommand(profile)));
  } catch (error) {
    if (kindOf(error) !== "AlreadyExists") throw error;
    await calling("UpdateLoginProfile", () => client.send(new UpdateLoginProfileCommand(profile)));
  }
}

export async function deletePassword(env: CloudEnv, keys: Credentials, UserName: string): Promise<void> {
  await there("DeleteLoginProfile", () => iam(env, keys).send(new DeleteLoginProfileCommand({ UserName })));
}

export type UserKey = { accessKeyId: string; secretAccessKey: string };

const madeKey = z.object({ AccessKeyId: z.string().min(16), SecretAccessKey: z.string().min(16) });

/** A new access key. IAM allows two for a user. */
export async function createKey(env: CloudEnv, keys: Credentials, UserName: string): Promise<UserKey> {
  const client = iam(env, keys);
  const answer = await calling("CreateAccessKey", () => client.send(new CreateAccessKeyCommand({ UserName })));
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = madeKey.parse(answer.AccessKey);
  return { accessKeyId, secretAccessKey };
}

/** Ids of the user's access keys; none where there is no such user. */
export async function keysOfUser(env: CloudEnv, keys: Credentials, UserName: string): Promise<string[]> {
  const client = iam(env, keys);
  let found: string[] = [];
  await there("ListAccessKeys", async () => {
    const { AccessKeyMetadata: listed } = await client.send(new ListAccessKeysCommand({ UserName }));
    found = (listed ?? []).flatMap(({ AccessKeyId }) => AccessKeyId ?? []);
  });
  return found;
}

/** Ends an access key: inactive at once, then deleted, since only of a deleted key AWS says that it does not know it. */
export async function deleteKey(
  env: CloudEnv,
  keys: Credentials,
  key: { userName: string; accessKeyId: string },
): Promise<void> {
  const client = iam(env, keys);
  const one = { UserName: key.userName, AccessKeyId: key.accessKeyId };
  if (await there("UpdateAccessKey", () => client.send(new UpdateAccessKeyCommand({ ...one, Status: "Inactive" }))))
    await there("DeleteAccessKey", () => client.send(new DeleteAccessKeyCommand(one)));
}

/**
 * Ends a user: everything denied first, then password and keys, what its groups and policies gave it, then the user itself.
 * `accessKeyIds` are those that the caller has noted, so that the end of each can be proved.
 */
export async function deleteUser(
  env: CloudEnv,
  keys: Credentials,
  user: { name: string; accessKeyIds: string[] },
): Promise<void> {
  await endUserAccess(env, keys, user);
  const client = iam(env, keys);
  const UserName = user.name;
  await there("DeleteUser", async () => {
    const { Groups: groups } = await client.send(new ListGroupsForUserCommand({ UserName }));
    for (const { GroupName } of groups ?? [])
      await client.send(new RemoveUserFromGroupCommand({ UserName, GroupName }));
    const { AttachedPolicies: attached } = await client.send(new ListAttachedUserPoliciesCommand({ UserName }));
    for (const { PolicyArn } of attached ?? []) await client.send(new DetachUserPolicyCommand({ UserName, PolicyArn }));
    const { PolicyNames: inline } = await client.send(new ListUserPoliciesCommand({ UserName }));
    for (const PolicyName of inline ?? []) await client.send(new DeleteUserPolicyCommand({ UserName, PolicyName }));
    await client.send(new DeleteUserCommand({ UserName }));
  });
}
