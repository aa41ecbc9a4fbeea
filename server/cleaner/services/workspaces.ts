import {
  DeleteConnectionAliasCommand,
  DeleteIpGroupCommand,
  DeleteWorkspaceBundleCommand,
  DeleteWorkspaceImageCommand,
  DeregisterWorkspaceDirectoryCommand,
  DescribeConnectionAliasesCommand,
  DescribeIpGroupsCommand,
  DescribeWorkspaceImagePermissionsCommand,
  DescribeWorkspaceImagesCommand,
  DescribeWorkspacesPoolsCommand,
  DisassociateConnectionAliasCommand,
  paginateDescribeWorkspaceBundles,
  paginateDescribeWorkspaceDirectories,
  paginateDescribeWorkspaces,
  StopWorkspacesPoolCommand,
  TerminateWorkspacesCommand,
  TerminateWorkspacesPoolCommand,
  UpdateWorkspaceImagePermissionCommand,
  WorkSpacesClient,
} from "@aws-sdk/client-workspaces";
import { defineService } from "@/server/cleaner/define";

/**
 * https://docs.aws.amazon.com/workspaces/latest/api/API_DeregisterWorkspaceDirectory.html: workspaces, then their directory's
 * registration, then the directory itself (`directory-service`); bundles before their images.
 */
export const service = defineService({
  id: "workspaces",
  title: "Amazon WorkSpaces",
  scope: "regional",
  client: (options) => new WorkSpacesClient(options),
  types: [
    {
      id: "workspace",
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateDescribeWorkspaces({ client }, {})) {
          for (const { WorkspaceId, State } of page.Workspaces ?? []) {
            if (State !== "TERMINATED") yield { id: WorkspaceId ?? "", going: State === "TERMINATING" };
          }
        }
      },
      async remove({ client }, { id }) {
        const TerminateWorkspaceRequests = [{ WorkspaceId: id }];
        const answer = await client.send(new TerminateWorkspacesCommand({ TerminateWorkspaceRequests }));
        for (const { ErrorCode = "Refused", ErrorMessage } of answer.FailedRequests ?? []) {
          throw Object.assign(new Error(ErrorMessage), { name: ErrorCode });
        }
      },
    },
    {
      id: "pool",
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for (let NextToken: string | undefined; ; ) {
          const page = await client.send(new DescribeWorkspacesPoolsCommand({ NextToken }));
          for (const { PoolId, State, CreatedAt } of page.WorkspacesPools ?? []) {
            yield { id: PoolId ?? "", createdAt: CreatedAt, going: State === "DELETING" };
          }
          NextToken = page.NextToken;
          if (!NextToken) return;
        }
      },
      async prepare({ client }, { id: PoolId }) {
        const { WorkspacesPools } = await client.send(new DescribeWorkspacesPoolsCommand({ PoolIds: [PoolId] }));
        const state = WorkspacesPools?.[0]?.State;
        if (state === "RUNNING") await client.send(new StopWorkspacesPoolCommand({ PoolId }));
      },
      remove: ({ client }, { id }) => client.send(new TerminateWorkspacesPoolCommand({ PoolId: id })),
    },
    {
      id: "connection-alias",
      gone: "listed",
      async *list({ client, accountId }) {
        for (let NextToken: string | undefined; ; ) {
          const page = await client.send(new DescribeConnectionAliasesCommand({ NextToken }));
          for (const { AliasId, State, OwnerAccountId } of page.ConnectionAliases ?? []) {
            const shared = OwnerAccountId !== undefined && OwnerAccountId !== accountId;
            const kept = shared ? `shared by account ${OwnerAccountId}` : undefined;
            yield { id: AliasId ?? "", going: State === "DELETING", protected: kept };
          }
          NextToken = page.NextToken;
          if (!NextToken) return;
        }
      },
      async prepare({ client }, { id: AliasId }) {
        const { ConnectionAliases } = await client.send(new DescribeConnectionAliasesCommand({ AliasIds: [AliasId] }));
        const associations = ConnectionAliases?.[0]?.Associations ?? [];
        if (associations.length > 0) await client.send(new DisassociateConnectionAliasCommand({ AliasId }));
      },
      remove: ({ client }, { id }) => client.send(new DeleteConnectionAliasCommand({ AliasId: id })),
      // https://docs.aws.amazon.com/workspaces/latest/api/API_DescribeConnectionAliases.html
      unavailable: (error) =>
        error.name === "OperationNotSupportedException" ? "redirection is not supported in this region" : undefined,
    },
    {
      id: "directory",
      after: ["workspaces/workspace", "workspaces/pool", "workspaces/connection-alias"],
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const page of paginateDescribeWorkspaceDirectories({ client }, {})) {
          for (const { DirectoryId, State, SubnetIds } of page.Directories ?? []) {
            if (State === "DEREGISTERED") continue;
            yield { id: DirectoryId ?? "", going: State === "DEREGISTERING", refs: SubnetIds ?? [] };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeregisterWorkspaceDirectoryCommand({ DirectoryId: id })),
    },
    {
      id: "bundle",
      after: ["workspaces/workspace", "workspaces/pool"],
      // Without an owner AWS names the account's own.
      async *list({ client }) {
        for await (const page of paginateDescribeWorkspaceBundles({ client }, {})) {
          for (const { BundleId, CreationTime } of page.Bundles ?? []) {
            yield { id: BundleId ?? "", createdAt: CreationTime };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteWorkspaceBundleCommand({ BundleId: id })),
    },
    {
      id: "image",
      after: ["workspaces/bundle"],
      gone: "listed",
      async *list({ client }) {
        for (let NextToken: string | undefined; ; ) {
          const page = await client.send(new DescribeWorkspaceImagesCommand({ ImageType: "OWNED", NextToken }));
          for (const { ImageId, Created } of page.Images ?? []) yield { id: ImageId ?? "", createdAt: Created };
          NextToken = page.NextToken;
          if (!NextToken) return;
        }
      },
      async prepare({ client }, { id: ImageId }) {
        for (let NextToken: string | undefined; ; ) {
          const page = await client.send(new DescribeWorkspaceImagePermissionsCommand({ ImageId, NextToken }));
          for (const { SharedAccountId } of page.ImagePermissions ?? []) {
            const asked = { ImageId, SharedAccountId, AllowCopyImage: false };
            await client.send(new UpdateWorkspaceImagePermissionCommand(asked));
          }
          NextToken = page.NextToken;
          if (!NextToken) return;
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteWorkspaceImageCommand({ ImageId: id })),
    },
    {
      id: "ip-group",
      after: ["workspaces/directory"],
      async *list({ client }) {
        for (let NextToken: string | undefined; ; ) {
          const page = await client.send(new DescribeIpGroupsCommand({ NextToken }));
          for (const { groupId } of page.Result ?? []) yield { id: groupId ?? "" };
          NextToken = page.NextToken;
          if (!NextToken) return;
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteIpGroupCommand({ GroupId: id })),
    },
  ],
});
