import {
  DeleteAccessKeyCommand,
  DeleteLoginProfileCommand,
  DeleteOpenIDConnectProviderCommand,
  DeleteRolePolicyCommand,
  DeleteSAMLProviderCommand,
  DeleteServiceSpecificCredentialCommand,
  DeleteSigningCertificateCommand,
  DeleteSSHPublicKeyCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
  ListSAMLProvidersCommand,
  ListServiceSpecificCredentialsCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  paginateListRolePolicies,
  paginateListRoles,
  paginateListSigningCertificates,
  paginateListSSHPublicKeys,
  paginateListUserPolicies,
} from "@aws-sdk/client-iam";
import { type Credentials, clientOptions } from "@/server/aws/clients";
import { CloudError, calling, kindOf } from "@/server/aws/errors";
import { placeOf } from "@/server/aws/sts";
import type { CloudEnv } from "@/server/env";

/**
 * What an account can be entered by besides a lease's role: IAM users with what they carry, roles that somebody may assume,
 * identity providers; and shutting each. `keys` are Atelier's own in the account. Every call can run twice.
 */

const denial = "AtelierDenyAll";
const denyAll = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Sid: "AtelierDenyAll", Effect: "Deny", Action: "*", Resource: "*" }],
});

function iam(env: CloudEnv, keys: Credentials, attempts?: number): IAMClient {
  const few = attempts === undefined ? {} : { attempts };
  return new IAMClient(clientOptions({ ...placeOf(env), credentials: keys, ...few }));
}

async function gone(operation: string, call: () => Promise<unknown>): Promise<boolean> {
  try {
    await calling(operation, call);
    return true;
  } catch (error) {
    if (kindOf(error) === "NotFound") return false;
    throw error;
  }
}

/** A role with its policy of trust, as JSON. */
export type TrustingRole = { name: string; path: string; trust: string };

/** All roles of the account with whom they trust. */
export async function listRolesAndTrust(env: CloudEnv, keys: Credentials): Promise<TrustingRole[]> {
  const client = iam(env, keys);
  return calling("ListRoles", async () => {
    const roles: TrustingRole[] = [];
    // IAM answers policies URL-encoded (RFC 3986).
    for await (const page of paginateListRoles({ client }, {}))
      for (const { RoleName: name, Path: path = "/", AssumeRolePolicyDocument: trust } of page.Roles ?? [])
        if (name) roles.push({ name, path, trust: decodeURIComponent(trust ?? "") });
    return roles;
  });
}

/** All SAML and OpenID Connect providers of the account, by ARN. */
export async function listProviders(env: CloudEnv, keys: Credentials): Promise<string[]> {
  const client = iam(env, keys);
  const [saml, oidc] = await Promise.all([
    calling("ListSAMLProviders", () => client.send(new ListSAMLProvidersCommand({}))),
    calling("ListOpenIDConnectProviders", () => client.send(new ListOpenIDConnectProvidersCommand({}))),
  ]);
  return [...(saml.SAMLProviderList ?? []), ...(oidc.OpenIDConnectProviderList ?? [])].flatMap(({ Arn }) => Arn ?? []);
}

/** Deletes an identity provider: nobody can enter by it any more, whichever role trusts it. */
export async function deleteProvider(env: CloudEnv, keys: Credentials, arn: string): Promise<void> {
  const client = iam(env, keys);
  if (/:saml-provider\//.test(arn))
    await gone("DeleteSAMLProvider", () => client.send(new DeleteSAMLProviderCommand({ SAMLProviderArn: arn })));
  else
    await gone("DeleteOpenIDConnectProvider", () =>
      client.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn })),
    );
}

/** IAM's answer when the inline policies of a principal are as long as they may be together. */
const isFull = (error: unknown) => error instanceof CloudError && error.code === "LimitExceeded";

/**
 * Denies a role everything, its sessions that are out already with it. A role whose inline policies were filled to the limit
 * loses them first, so that the denial has room.
 */
export async function denyRole(env: CloudEnv, keys: Credentials, RoleName: string): Promise<void> {
  const client = iam(env, keys);
  const put = new PutRolePolicyCommand({ RoleName, PolicyName: denial, PolicyDocument: denyAll });
  try {
    await gone("PutRolePolicy", () => client.send(put));
  } catch (error) {
    if (!isFull(error)) throw error;
    await calling("ListRolePolicies", async () => {
      for await (const page of paginateListRolePolicies({ client }, { RoleName }))
        for (const PolicyName of page.PolicyNames ?? [])
          await client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
    });
    await gone("PutRolePolicy", () => client.send(put));
  }
}

/** Denies a user everything, also one whose inline policies were filled to the limit; its sessions with it. */
export async function denyUser(env: CloudEnv, keys: Credentials, UserName: string): Promise<void> {
  const client = iam(env, keys);
  const put = new PutUserPolicyCommand({ UserName, PolicyName: denial, PolicyDocument: denyAll });
  try {
    await gone("PutUserPolicy", () => client.send(put));
  } catch (error) {
    if (!isFull(error)) throw error;
    await calling("ListUserPolicies", async () => {
      for await (const page of paginateListUserPolicies({ client }, { UserName }))
        for (const PolicyName of page.PolicyNames ?? [])
          await client.send(new DeleteUserPolicyCommand({ UserName, PolicyName }));
    });
    await gone("PutUserPolicy", () => client.send(put));
  }
}

/** Deletes a user's password for the console; whether there was one. */
export function deletePassword(env: CloudEnv, keys: Credentials, UserName: string): Promise<boolean> {
  return gone("DeleteLoginProfile", () => iam(env, keys).send(new DeleteLoginProfileCommand({ UserName })));
}

/** Deletes an access key: an inactive one could be made active again, and a deleted one can be proved to be unknown. */
export async function deleteKey(
  env: CloudEnv,
  keys: Credentials,
  UserName: string,
  AccessKeyId: string,
): Promise<void> {
  await gone("DeleteAccessKey", () => iam(env, keys).send(new DeleteAccessKeyCommand({ UserName, AccessKeyId })));
}

/**
 * Deletes what else a user can sign requests or connections with: keys for SSH to CodeCommit, certificates for SOAP, passwords
 * of single services. Answers how many.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html
 */
export async function deleteOtherCredentials(env: CloudEnv, keys: Credentials, UserName: string): Promise<number> {
  const client = iam(env, keys);
  let deleted = 0;
  const count = async (operation: string, call: () => Promise<unknown>) => {
    if (await gone(operation, call)) deleted += 1;
  };
  await gone("ListSSHPublicKeys", async () => {
    for await (const page of paginateListSSHPublicKeys({ client }, { UserName }))
      for (const { SSHPublicKeyId } of page.SSHPublicKeys ?? [])
        await count("DeleteSSHPublicKey", () =>
          client.send(new DeleteSSHPublicKeyCommand({ UserName, SSHPublicKeyId })),
        );
  });
  await gone("ListSigningCertificates", async () => {
    for await (const page of paginateListSigningCertificates({ client }, { UserName }))
      for (const { CertificateId } of page.Certificates ?? [])
        await count("DeleteSigningCertificate", () =>
          client.send(new DeleteSigningCertificateCommand({ UserName, CertificateId })),
        );
  });
  for (const ServiceSpecificCredentialId of await serviceCredentials(env, keys, UserName))
    await count("DeleteServiceSpecificCredential", () =>
      client.send(new DeleteServiceSpecificCredentialCommand({ UserName, ServiceSpecificCredentialId })),
    );
  return deleted;
}

async function serviceCredentials(env: CloudEnv, keys: Credentials, UserName: string): Promise<string[]> {
  const client = iam(env, keys, env.AWS_ENDPOINT_URL ? 1 : undefined);
  try {
    const list = () => client.send(new ListServiceSpecificCredentialsCommand({ UserName }));
    const answer = await calling("ListServiceSpecificCredentials", list);
    return (answer.ServiceSpecificCredentials ?? []).flatMap((one) => one.ServiceSpecificCredentialId ?? []);
  } catch (error) {
    if (kindOf(error) === "NotFound") return [];
    // An emulator that does not know the operation has no such credentials either.
    if (env.AWS_ENDPOINT_URL && kindOf(error) === "Unavailable") return [];
    throw error;
  }
}
