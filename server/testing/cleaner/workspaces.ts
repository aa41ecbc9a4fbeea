import * as sdk from "@aws-sdk/client-workspaces";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble, type Store } from "@/server/testing/double";

const token = ["NextToken", "NextToken"] as const;
const missing = "ResourceNotFoundException";
const missingStatus = 400;

const usedBy = (kind: string) => (_: unknown, store: Store) =>
  store.all(kind).length > 0
    ? new DoubleError("ResourceAssociatedException", 400, "The resource is associated with another")
    : undefined;

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.WorkSpacesClient,
    kinds: {
      workspace: {
        key: "WorkspaceId",
        list: { operation: "DescribeWorkspaces", items: "Workspaces", token },
        remove: { operation: "TerminateWorkspaces", key: "WorkspaceId", missing },
        make: (n) => ({ WorkspaceId: `ws-${n}`, DirectoryId: "d-0", State: "AVAILABLE" }),
      },
      pool: {
        key: "PoolId",
        list: { operation: "DescribeWorkspacesPools", items: "WorkspacesPools", token, only: "PoolIds" },
        remove: {
          operation: "TerminateWorkspacesPool",
          key: "PoolId",
          missing,
          missingStatus,
          refuses: ({ State }) =>
            State === "STOPPED" ? undefined : new DoubleError("InvalidResourceStateException", 400, "Stop it first"),
          leaves: { State: "DELETING" },
        },
        make: (n, { region, accountId }) => ({
          PoolId: `wspool-${n}`,
          PoolArn: `arn:aws:workspaces:${region}:${accountId}:workspacespool/wspool-${n}`,
          PoolName: `pool-${n}`,
          BundleId: "wsb-0",
          DirectoryId: "wsd-0",
          CapacityStatus: { AvailableUserSessions: 0, DesiredUserSessions: 1, ActualUserSessions: 1 },
          CreatedAt: new Date(0),
          RunningMode: "AUTO_STOP",
          State: n === 0 ? "STOPPED" : "RUNNING",
        }),
      },
      "connection-alias": {
        key: "AliasId",
        list: { operation: "DescribeConnectionAliases", items: "ConnectionAliases", token, only: "AliasIds" },
        remove: {
          operation: "DeleteConnectionAlias",
          key: "AliasId",
          missing,
          missingStatus,
          refuses: ({ Associations }) =>
            (Associations as unknown[]).length > 0
              ? new DoubleError("ResourceAssociatedException", 400, "The resource is associated with a directory")
              : undefined,
          leaves: { State: "DELETING" },
        },
        make: (n, { accountId }) => ({
          AliasId: `wsca-${n}`,
          State: "CREATED",
          OwnerAccountId: accountId,
          Associations: n === 0 ? [{ ResourceId: "d-0", AssociationStatus: "ASSOCIATED_WITH_OWNER_ACCOUNT" }] : [],
        }),
      },
      directory: {
        key: "DirectoryId",
        list: { operation: "DescribeWorkspaceDirectories", items: "Directories", token },
        remove: {
          operation: "DeregisterWorkspaceDirectory",
          key: "DirectoryId",
          missing,
          missingStatus,
          refuses: (_, store) =>
            store.all("workspace").length > 0 || store.all("pool").length > 0
              ? new DoubleError("InvalidResourceStateException", 400, "WorkSpaces are registered to it")
              : undefined,
          leaves: { State: "DEREGISTERING" },
        },
        make: (n) => ({ DirectoryId: `d-${n}`, State: "REGISTERED", SubnetIds: ["subnet-1", "subnet-2"] }),
      },
      bundle: {
        key: "BundleId",
        list: { operation: "DescribeWorkspaceBundles", items: "Bundles", token },
        remove: {
          operation: "DeleteWorkspaceBundle",
          key: "BundleId",
          missing,
          missingStatus,
          refuses: usedBy("workspace"),
        },
        make: (n) => ({ BundleId: `wsb-${n}`, CreationTime: new Date(0) }),
      },
      image: {
        key: "ImageId",
        list: { operation: "DescribeWorkspaceImages", items: "Images", token },
        remove: {
          operation: "DeleteWorkspaceImage",
          key: "ImageId",
          missing,
          missingStatus,
          refuses: (image, store) =>
            image.sharedWith
              ? new DoubleError("InvalidResourceStateException", 400, "The image is shared")
              : usedBy("bundle")(image, store),
        },
        make: (n) => ({
          ImageId: `wsi-${n}`,
          State: "AVAILABLE",
          Created: new Date(0),
          sharedWith: n === 0 ? "210987654321" : undefined,
        }),
      },
      "ip-group": {
        key: "groupId",
        list: { operation: "DescribeIpGroups", items: "Result", token },
        remove: {
          operation: "DeleteIpGroup",
          key: "GroupId",
          missing,
          missingStatus,
          refuses: usedBy("directory"),
        },
        make: (n) => ({ groupId: `wsipg-${n}`, groupName: `office-${n}` }),
      },
    },
    answers: {
      TerminateWorkspaces: (store, { TerminateWorkspaceRequests }) => ({
        FailedRequests: (TerminateWorkspaceRequests as { WorkspaceId: string }[]).flatMap(({ WorkspaceId }) =>
          store.remove("workspace", WorkspaceId)
            ? []
            : [{ WorkspaceId, ErrorCode: "ResourceNotFound.Workspace", ErrorMessage: "It does not exist" }],
        ),
      }),
      StopWorkspacesPool: (store, { PoolId }) => {
        const pool = store.get("pool", String(PoolId));
        if (pool) pool.State = "STOPPED";
      },
      DisassociateConnectionAlias: (store, { AliasId }) => {
        const alias = store.get("connection-alias", String(AliasId));
        if (alias) alias.Associations = [];
      },
      DescribeWorkspaceImagePermissions: (store, { ImageId }) => {
        const SharedAccountId = store.get("image", String(ImageId))?.sharedWith;
        return { ImageId, ImagePermissions: SharedAccountId ? [{ SharedAccountId }] : [] };
      },
      UpdateWorkspaceImagePermission: (store, { ImageId }) => {
        const image = store.get("image", String(ImageId));
        if (image) image.sharedWith = undefined;
      },
    },
  }),
};
