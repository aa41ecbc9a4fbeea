import * as sdk from "@aws-sdk/client-elasticache";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble, type Shape } from "@/server/testing/double";

function kind(
  [plural = "", singular = "", items = "", key = "", missing = ""]: readonly string[],
  make: (n: number) => Shape,
  remove: Partial<DoubleKind["remove"]> = {},
): DoubleKind {
  const token = plural.startsWith("Serverless")
    ? (["NextToken", "NextToken"] as const)
    : (["Marker", "Marker"] as const);
  return {
    key,
    list: { operation: `Describe${plural}`, items, token, only: key },
    remove: { operation: `Delete${singular}`, key, missing, ...remove },
    make: (n) => ({ [key]: `lab-${n}`, ...make(n) }),
  };
}

const status = { Status: "active" };
const leaves = { Status: "deleting" };

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.ElastiCacheClient,
    kinds: {
      "global-replication-group": {
        ...kind(
          [
            "GlobalReplicationGroups",
            "GlobalReplicationGroup",
            "GlobalReplicationGroups",
            "GlobalReplicationGroupId",
            "GlobalReplicationGroupNotFoundFault",
          ],
          () => ({}),
          {
            refuses: ({ Members }) =>
              (Members as Shape[]).length > 1
                ? new DoubleError("InvalidGlobalReplicationGroupState", 400, "It has secondary members")
                : undefined,
            leaves,
          },
        ),
        make: (n, { region }) => ({
          GlobalReplicationGroupId: `ldgnf-lab-${n}`,
          Status: "available",
          Members: [
            { ReplicationGroupId: "lab-0", ReplicationGroupRegion: region, Role: "PRIMARY" },
            { ReplicationGroupId: "lab-9", ReplicationGroupRegion: "eu-central-1", Role: "SECONDARY" },
          ],
        }),
      },
      "replication-group": kind(
        [
          "ReplicationGroups",
          "ReplicationGroup",
          "ReplicationGroups",
          "ReplicationGroupId",
          "ReplicationGroupNotFoundFault",
        ],
        () => ({ Status: "available" }),
        {
          refuses: (_, store) =>
            store.all("global-replication-group").length > 0
              ? new DoubleError("InvalidReplicationGroupState", 400, "It is a member of a global group")
              : undefined,
          leaves,
        },
      ),
      cluster: kind(
        ["CacheClusters", "CacheCluster", "CacheClusters", "CacheClusterId", "CacheClusterNotFound"],
        () => ({ CacheClusterStatus: "available", SecurityGroups: [{ SecurityGroupId: "sg-1", Status: "active" }] }),
        { leaves: { CacheClusterStatus: "deleting" } },
      ),
      "serverless-cache": kind(
        [
          "ServerlessCaches",
          "ServerlessCache",
          "ServerlessCaches",
          "ServerlessCacheName",
          "ServerlessCacheNotFoundFault",
        ],
        () => ({ Status: "available", SubnetIds: ["subnet-1"], UserGroupId: "lab-0" }),
        { leaves: { Status: "DELETING" } },
      ),
      snapshot: kind(
        ["Snapshots", "Snapshot", "Snapshots", "SnapshotName", "SnapshotNotFoundFault"],
        () => ({ SnapshotStatus: "available", SnapshotSource: "manual" }),
        { leaves: { SnapshotStatus: "deleting" } },
      ),
      "serverless-snapshot": kind(
        [
          "ServerlessCacheSnapshots",
          "ServerlessCacheSnapshot",
          "ServerlessCacheSnapshots",
          "ServerlessCacheSnapshotName",
          "ServerlessCacheSnapshotNotFoundFault",
        ],
        () => ({ Status: "available" }),
        { leaves },
      ),
      "user-group": kind(
        ["UserGroups", "UserGroup", "UserGroups", "UserGroupId", "UserGroupNotFound"],
        () => ({ ...status, UserIds: ["lab-0"] }),
        { leaves },
      ),
      user: kind(["Users", "User", "Users", "UserId", "UserNotFound"], () => status, {
        refuses: ({ UserId }, store) =>
          store.all("user-group").some(({ UserIds }) => (UserIds as string[]).includes(String(UserId)))
            ? new DoubleError("DefaultUserAssociatedToUserGroup", 400, "It is the default user of a group")
            : undefined,
        leaves,
      }),
      "subnet-group": kind(
        [
          "CacheSubnetGroups",
          "CacheSubnetGroup",
          "CacheSubnetGroups",
          "CacheSubnetGroupName",
          "CacheSubnetGroupNotFoundFault",
        ],
        () => ({ Subnets: [{ SubnetIdentifier: "subnet-1" }] }),
        {
          refuses: (_, store) =>
            store.all("cluster").length > 0 || store.all("replication-group").length > 0
              ? new DoubleError("CacheSubnetGroupInUse", 400, "It is used by a cluster")
              : undefined,
        },
      ),
      "parameter-group": kind(
        [
          "CacheParameterGroups",
          "CacheParameterGroup",
          "CacheParameterGroups",
          "CacheParameterGroupName",
          "CacheParameterGroupNotFound",
        ],
        () => ({ CacheParameterGroupFamily: "valkey8" }),
      ),
    },
    answers: {
      DisassociateGlobalReplicationGroup: (store, { GlobalReplicationGroupId, ReplicationGroupId }) => {
        const group = store.get("global-replication-group", String(GlobalReplicationGroupId));
        if (!group) throw new DoubleError("GlobalReplicationGroupNotFoundFault", 404);
        group.Members = (group.Members as Shape[]).filter((one) => one.ReplicationGroupId !== ReplicationGroupId);
      },
    },
  }),
};
