import {
  DeactivateMFADeviceCommand,
  DeleteAccessKeyCommand,
  DeleteAccountAliasCommand,
  DeleteGroupCommand,
  DeleteGroupPolicyCommand,
  DeleteInstanceProfileCommand,
  DeleteLoginProfileCommand,
  DeleteOpenIDConnectProviderCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteSAMLProviderCommand,
  DeleteServerCertificateCommand,
  DeleteSigningCertificateCommand,
  DeleteSSHPublicKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DeleteVirtualMFADeviceCommand,
  DetachGroupPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
  ListSAMLProvidersCommand,
  paginateListAccessKeys,
  paginateListAccountAliases,
  paginateListAttachedGroupPolicies,
  paginateListAttachedRolePolicies,
  paginateListAttachedUserPolicies,
  paginateListGroupPolicies,
  paginateListGroups,
  paginateListGroupsForUser,
  paginateListInstanceProfiles,
  paginateListInstanceProfilesForRole,
  paginateListMFADevices,
  paginateListPolicies,
  paginateListPolicyVersions,
  paginateListRolePolicies,
  paginateListRoles,
  paginateListServerCertificates,
  paginateListSigningCertificates,
  paginateListSSHPublicKeys,
  paginateListUserPolicies,
  paginateListUsers,
  paginateListVirtualMFADevices,
  RemoveRoleFromInstanceProfileCommand,
  RemoveUserFromGroupCommand,
} from "@aws-sdk/client-iam";
import { defineService } from "@/server/cleaner/define";
import { isMissing } from "@/server/cleaner/failures";

/**
 * Late: roles are used by all that runs, and stacks are deleted with them. Each kind first loses what is attached to it.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
 */
export const service = defineService({
  id: "iam",
  title: "AWS IAM",
  scope: "global",
  client: (options) => new IAMClient(options),
  types: [
    {
      id: "user",
      stage: "late",
      async *list({ client }) {
        for await (const page of paginateListUsers({ client }, {})) {
          for (const { UserName, CreateDate } of page.Users ?? []) {
            yield { id: UserName ?? "", createdAt: CreateDate };
          }
        }
      },
      prepare: ({ client }, { id }) => strip(stepsOfUser(client, id)),
      remove: ({ client }, { id }) => client.send(new DeleteUserCommand({ UserName: id })),
    },
    {
      id: "group",
      stage: "late",
      after: ["iam/user"],
      async *list({ client }) {
        for await (const page of paginateListGroups({ client }, {})) {
          for (const { GroupName, CreateDate } of page.Groups ?? []) {
            yield { id: GroupName ?? "", createdAt: CreateDate };
          }
        }
      },
      prepare: ({ client }, { id }) => strip(stepsOfGroup(client, id)),
      remove: ({ client }, { id }) => client.send(new DeleteGroupCommand({ GroupName: id })),
    },
    {
      id: "instance-profile",
      stage: "late",
      async *list({ client }) {
        for await (const page of paginateListInstanceProfiles({ client }, {})) {
          for (const profile of page.InstanceProfiles ?? []) {
            const roles = (profile.Roles ?? []).flatMap((role) => role.RoleName ?? []);
            yield { id: profile.InstanceProfileName ?? "", data: { roles: roles.join(" ") } };
          }
        }
      },
      async prepare({ client }, { id: InstanceProfileName, data }) {
        for (const RoleName of data?.roles?.split(" ").filter(Boolean) ?? []) {
          await client.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteInstanceProfileCommand({ InstanceProfileName: id })),
    },
    {
      id: "role",
      stage: "late",
      after: ["iam/instance-profile"],
      async *list({ client, protectedRole }) {
        for await (const page of paginateListRoles({ client }, {})) {
          for (const { RoleName: id = "", Path, CreateDate, AssumeRolePolicyDocument } of page.Roles ?? []) {
            const keep = protectedRole({ name: id, path: Path, trust: AssumeRolePolicyDocument });
            yield { id, createdAt: CreateDate, protected: keep };
          }
        }
      },
      prepare: ({ client }, { id }) => strip(stepsOfRole(client, id)),
      remove: ({ client }, { id }) => client.send(new DeleteRoleCommand({ RoleName: id })),
    },
    {
      id: "policy",
      stage: "late",
      after: ["iam/user", "iam/group", "iam/role"],
      async *list({ client }) {
        for await (const page of paginateListPolicies({ client }, { Scope: "Local" })) {
          for (const { Arn } of page.Policies ?? []) yield { id: Arn ?? "" };
        }
      },
      async prepare({ client }, { id: PolicyArn }) {
        for await (const page of paginateListPolicyVersions({ client }, { PolicyArn })) {
          for (const { VersionId, IsDefaultVersion } of page.Versions ?? []) {
            if (!IsDefaultVersion) await client.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeletePolicyCommand({ PolicyArn: id })),
    },
    {
      id: "oidc-provider",
      stage: "late",
      async *list({ client }) {
        const page = await client.send(new ListOpenIDConnectProvidersCommand({}));
        for (const { Arn } of page.OpenIDConnectProviderList ?? []) yield { id: Arn ?? "" };
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: id })),
    },
    {
      id: "saml-provider",
      stage: "late",
      async *list({ client }) {
        const page = await client.send(new ListSAMLProvidersCommand({}));
        for (const { Arn: id = "" } of page.SAMLProviderList ?? []) {
          yield { id, protected: /:saml-provider\/AWSSSO_/.test(id) ? "made by IAM Identity Center" : undefined };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteSAMLProviderCommand({ SAMLProviderArn: id })),
    },
    {
      id: "server-certificate",
      stage: "late",
      async *list({ client }) {
        for await (const page of paginateListServerCertificates({ client }, {})) {
          for (const one of page.ServerCertificateMetadataList ?? []) yield { id: one.ServerCertificateName ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteServerCertificateCommand({ ServerCertificateName: id })),
    },
    {
      id: "virtual-mfa-device",
      stage: "late",
      after: ["iam/user"],
      async *list({ client }) {
        for await (const page of paginateListVirtualMFADevices({ client }, {})) {
          for (const { SerialNumber, User } of page.VirtualMFADevices ?? []) {
            const root = User?.Arn?.endsWith(":root") ? "the root user signs in with it" : undefined;
            yield { id: SerialNumber ?? "", protected: root };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteVirtualMFADeviceCommand({ SerialNumber: id })),
    },
    {
      id: "account-alias",
      stage: "late",
      async *list({ client }) {
        for await (const page of paginateListAccountAliases({ client }, {})) {
          for (const id of page.AccountAliases ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteAccountAliasCommand({ AccountAlias: id })),
    },
  ],
});

/** Does one step after another; what is gone meanwhile is what was wanted. */
async function strip(steps: AsyncIterable<() => Promise<unknown>>): Promise<void> {
  for await (const step of steps) {
    try {
      await step();
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

async function* stepsOfUser(client: IAMClient, UserName: string): AsyncGenerator<() => Promise<unknown>> {
  const user = { UserName };
  for await (const page of paginateListAccessKeys({ client }, user)) {
    for (const { AccessKeyId } of page.AccessKeyMetadata ?? []) {
      yield () => client.send(new DeleteAccessKeyCommand({ ...user, AccessKeyId }));
    }
  }
  yield () => client.send(new DeleteLoginProfileCommand(user));
  for await (const page of paginateListMFADevices({ client }, user)) {
    for (const { SerialNumber } of page.MFADevices ?? []) {
      yield () => client.send(new DeactivateMFADeviceCommand({ ...user, SerialNumber }));
    }
  }
  for await (const page of paginateListSigningCertificates({ client }, user)) {
    for (const { CertificateId } of page.Certificates ?? []) {
      yield () => client.send(new DeleteSigningCertificateCommand({ ...user, CertificateId }));
    }
  }
  for await (const page of paginateListSSHPublicKeys({ client }, user)) {
    for (const { SSHPublicKeyId } of page.SSHPublicKeys ?? []) {
      yield () => client.send(new DeleteSSHPublicKeyCommand({ ...user, SSHPublicKeyId }));
    }
  }
  for await (const page of paginateListGroupsForUser({ client }, user)) {
    for (const { GroupName } of page.Groups ?? []) {
      yield () => client.send(new RemoveUserFromGroupCommand({ ...user, GroupName }));
    }
  }
  for await (const page of paginateListAttachedUserPolicies({ client }, user)) {
    for (const { PolicyArn } of page.AttachedPolicies ?? []) {
      yield () => client.send(new DetachUserPolicyCommand({ ...user, PolicyArn }));
    }
  }
  for await (const page of paginateListUserPolicies({ client }, user)) {
    for (const PolicyName of page.PolicyNames ?? []) {
      yield () => client.send(new DeleteUserPolicyCommand({ ...user, PolicyName }));
    }
  }
}

async function* stepsOfGroup(client: IAMClient, GroupName: string): AsyncGenerator<() => Promise<unknown>> {
  const group = { GroupName };
  for await (const page of paginateListAttachedGroupPolicies({ client }, group)) {
    for (const { PolicyArn } of page.AttachedPolicies ?? []) {
      yield () => client.send(new DetachGroupPolicyCommand({ ...group, PolicyArn }));
    }
  }
  for await (const page of paginateListGroupPolicies({ client }, group)) {
    for (const PolicyName of page.PolicyNames ?? []) {
      yield () => client.send(new DeleteGroupPolicyCommand({ ...group, PolicyName }));
    }
  }
}

async function* stepsOfRole(client: IAMClient, RoleName: string): AsyncGenerator<() => Promise<unknown>> {
  const role = { RoleName };
  for await (const page of paginateListAttachedRolePolicies({ client }, role)) {
    for (const { PolicyArn } of page.AttachedPolicies ?? []) {
      yield () => client.send(new DetachRolePolicyCommand({ ...role, PolicyArn }));
    }
  }
  for await (const page of paginateListRolePolicies({ client }, role)) {
    for (const PolicyName of page.PolicyNames ?? []) {
      yield () => client.send(new DeleteRolePolicyCommand({ ...role, PolicyName }));
    }
  }
  for await (const page of paginateListInstanceProfilesForRole({ client }, role)) {
    for (const { InstanceProfileName } of page.InstanceProfiles ?? []) {
      yield () => client.send(new RemoveRoleFromInstanceProfileCommand({ ...role, InstanceProfileName }));
    }
  }
}
