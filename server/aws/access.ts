import {
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListAccountAliasesCommand,
  ListAttachedUserPoliciesCommand,
  ListRolesCommand,
  ListUserPoliciesCommand,
  ListUsersCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { z } from "zod";
import { type Credentials, clientOptions } from "@/server/aws/clients";
import { CloudError, calling, kindOf } from "@/server/aws/errors";
import { endUserAccess } from "@/server/aws/iam";
import { placeOf } from "@/server/aws/sts";
import type { CloudEnv } from "@/server/env";

/**
 * Access to an account that a person makes on the command line and hands on: a role or a user under a path of its own, by
 * which it is found again. `keys` are those of the way into the account.
 */

/** Roles and users under this path are those that the command line made; the name of the path says it to everyone. */
export const accessPath = "/atelier-cli/";
const permissions = "AtelierCli";

function iam(env: CloudEnv, keys: Credentials): IAMClient {
  return new IAMClient(clientOptions({ ...placeOf(env), credentials: keys }));
}

/** The account's alias, if it has one. */
export async function accountAlias(env: CloudEnv, keys: Credentials): Promise<string | undefined> {
  const client = iam(env, keys);
  const answer = await calling("ListAccountAliases", () => client.send(new ListAccountAliasesCommand({})));
  return answer.AccountAliases?.[0];
}

const madeKey = z.object({ AccessKeyId: z.string(), SecretAccessKey: z.string() });

/** Makes an IAM user with permissions (JSON), a console password and a pair of keys. */
export async function makeAccessUser(
  env: CloudEnv,
  keys: Credentials,
  user: { name: string; policy: string; password: string },
): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  const client = iam(env, keys);
  const UserName = user.name;
  await calling("CreateUser", () => client.send(new CreateUserCommand({ UserName, Path: accessPath })));
  await calling("PutUserPolicy", () =>
    client.send(new PutUserPolicyCommand({ UserName, PolicyName: permissions, PolicyDocument: user.policy })),
  );
  await calling("CreateLoginProfile", () =>
    client.send(new CreateLoginProfileCommand({ UserName, Password: user.password, PasswordResetRequired: false })),
  );
  const made = await calling("CreateAccessKey", () => client.send(new CreateAccessKeyCommand({ UserName })));
  const { AccessKeyId, SecretAccessKey } = madeKey.parse(made.AccessKey);
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
}

/** Makes a role with a trust policy and permissions (JSON). Returns its ARN. */
export async function makeAccessRole(
  env: CloudEnv,
  keys: Credentials,
  role: { name: string; trust: string; policy: string; sessionSeconds: number },
): Promise<string> {
  const client = iam(env, keys);
  const RoleName = role.name;
  const made = await calling("CreateRole", () =>
    client.send(
      new CreateRoleCommand({
        RoleName,
        Path: accessPath,
        AssumeRolePolicyDocument: role.trust,
        MaxSessionDuration: Math.max(3_600, role.sessionSeconds),
        Description: "Made on Atelier's command line; credentials revoke takes it away",
      }),
    ),
  );
  await calling("PutRolePolicy", () =>
    client.send(new PutRolePolicyCommand({ RoleName, PolicyName: permissions, PolicyDocument: role.policy })),
  );
  return z.string().parse(made.Role?.Arn);
}

export type AccessMade = {
  users: { name: string; accessKeyIds: string[] }[];
  roles: { name: string; arn: string }[];
};

/** The users and roles that the command line made in the account. */
export async function accessMade(env: CloudEnv, keys: Credentials): Promise<AccessMade> {
  const client = iam(env, keys);
  const found: AccessMade = { users: [], roles: [] };
  for (let Marker: string | undefined, more = true; more; ) {
    const page = await calling("ListUsers", () =>
      client.send(new ListUsersCommand({ PathPrefix: accessPath, Marker })),
    );
    for (const { UserName: name } of page.Users ?? [])
      if (name) found.users.push({ name, accessKeyIds: await keysOf(client, name) });
    Marker = page.Marker;
    more = Boolean(page.IsTruncated && Marker);
  }
  for (let Marker: string | undefined, more = true; more; ) {
    const page = await calling("ListRoles", () =>
      client.send(new ListRolesCommand({ PathPrefix: accessPath, Marker })),
    );
    for (const { RoleName: name, Arn: arn } of page.Roles ?? []) if (name && arn) found.roles.push({ name, arn });
    Marker = page.Marker;
    more = Boolean(page.IsTruncated && Marker);
  }
  return found;
}

/** At most two keys for a user, so one page. */
async function keysOf(client: IAMClient, name: string): Promise<string[]> {
  const answer = await calling("ListAccessKeys", () => client.send(new ListAccessKeysCommand({ UserName: name })));
  return (answer.AccessKeyMetadata ?? []).flatMap((key) => key.AccessKeyId ?? []);
}

/**
 * Ends a user's access (see `endUserAccess`), then deletes it. Answers with the ids of all keys that were deleted, and
 * whether the user itself is gone: one that holds more than was made for it stays, without any access.
 */
export async function deleteAccessUser(
  env: CloudEnv,
  keys: Credentials,
  user: AccessMade["users"][number],
): Promise<{ accessKeyIds: string[]; deleted: boolean }> {
  const client = iam(env, keys);
  const UserName = user.name;
  await endUserAccess(env, keys, user);
  try {
    // Keys that it made for itself between the listing and the denial.
    const later = await keysOf(client, user.name);
    if (later.length > 0) await endUserAccess(env, keys, { name: user.name, accessKeyIds: later });
    const accessKeyIds = [...new Set([...user.accessKeyIds, ...later])];
    return { accessKeyIds, deleted: await deleteUser(client, UserName) };
  } catch (error) {
    if (kindOf(error) !== "NotFound") throw error;
    return { accessKeyIds: user.accessKeyIds, deleted: true };
  }
}

async function deleteUser(client: IAMClient, UserName: string): Promise<boolean> {
  const attached = await calling("ListAttachedUserPolicies", () =>
    client.send(new ListAttachedUserPoliciesCommand({ UserName })),
  );
  // The denial stays on a user that cannot go.
  if ((attached.AttachedPolicies ?? []).length > 0) return false;
  const inline = await calling("ListUserPolicies", () => client.send(new ListUserPoliciesCommand({ UserName })));
  try {
    for (const PolicyName of inline.PolicyNames ?? [])
      await calling("DeleteUserPolicy", () => client.send(new DeleteUserPolicyCommand({ UserName, PolicyName })));
    await calling("DeleteUser", () => client.send(new DeleteUserCommand({ UserName })));
    return true;
  } catch (error) {
    if (error instanceof CloudError && error.code === "DeleteConflict") return false;
    throw error;
  }
}

/**
 * Denies everything to the sessions of a role that were issued before a time, and nothing to later ones: what the console's
 * "Revoke active sessions" does, under the same name.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
 */
export async function revokeOlderSessions(env: CloudEnv, keys: Credentials, role: string, before: Date): Promise<void> {
  const client = iam(env, keys);
  await calling("PutRolePolicy", () =>
    client.send(
      new PutRolePolicyCommand({
        RoleName: role,
        PolicyName: "AWSRevokeOlderSessions",
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Deny",
              Action: ["*"],
              Resource: ["*"],
              Condition: { DateLessThan: { "aws:TokenIssueTime": before.toISOString() } },
            },
          ],
        }),
      }),
    ),
  );
}
