import {
  DeleteCacheClusterCommand,
  DeleteCacheParameterGroupCommand,
  DeleteCacheSubnetGroupCommand,
  DeleteGlobalReplicationGroupCommand,
  DeleteReplicationGroupCommand,
  DeleteServerlessCacheCommand,
  DeleteServerlessCacheSnapshotCommand,
  DeleteSnapshotCommand,
  DeleteUserCommand,
  DeleteUserGroupCommand,
  DescribeGlobalReplicationGroupsCommand,
  DisassociateGlobalReplicationGroupCommand,
  ElastiCacheClient,
  paginateDescribeCacheClusters,
  paginateDescribeCacheParameterGroups,
  paginateDescribeCacheSubnetGroups,
  paginateDescribeGlobalReplicationGroups,
  paginateDescribeReplicationGroups,
  paginateDescribeServerlessCacheSnapshots,
  paginateDescribeServerlessCaches,
  paginateDescribeSnapshots,
  paginateDescribeUserGroups,
  paginateDescribeUsers,
} from "@aws-sdk/client-elasticache";
import { defineService, type Resource } from "@/server/cleaner/define";

const caches = ["elasticache/replication-group", "elasticache/cluster", "elasticache/serverless-cache"];
const own: Partial<Resource> = { protected: "AWS's own default" };

/** https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteReplicationGroup.html: nodes go with their group. */
export const service = defineService({
  id: "elasticache",
  title: "Amazon ElastiCache",
  scope: "regional",
  client: (options) => new ElastiCacheClient(options),
  types: [
    {
      // https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteGlobalReplicationGroup.html: its
      // secondaries leave it before; the primary stays, as a group of its own.
      id: "global-replication-group",
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client, region }) {
        const asked = { ShowMemberInfo: true };
        for await (const page of paginateDescribeGlobalReplicationGroups({ client }, asked)) {
          for (const { GlobalReplicationGroupId, Status, Members = [] } of page.GlobalReplicationGroups ?? []) {
            const home = Members.find((member) => member.Role?.toUpperCase() === "PRIMARY")?.ReplicationGroupRegion;
            yield {
              id: GlobalReplicationGroupId ?? "",
              // It shows in the region of each member, and is removed from that of its primary.
              going: Status === "deleting" || (home !== undefined && home !== region),
            };
          }
        }
      },
      async prepare({ client }, { id: GlobalReplicationGroupId }) {
        const asked = { GlobalReplicationGroupId, ShowMemberInfo: true };
        const { GlobalReplicationGroups } = await client.send(new DescribeGlobalReplicationGroupsCommand(asked));
        for (const { ReplicationGroupId, ReplicationGroupRegion, Role } of GlobalReplicationGroups?.[0]?.Members ??
          []) {
          if (Role?.toUpperCase() === "PRIMARY") continue;
          const one = { GlobalReplicationGroupId, ReplicationGroupId, ReplicationGroupRegion };
          await client.send(new DisassociateGlobalReplicationGroupCommand(one));
        }
      },
      remove: ({ client }, { id }) =>
        client.send(
          new DeleteGlobalReplicationGroupCommand({
            GlobalReplicationGroupId: id,
            RetainPrimaryReplicationGroup: true,
          }),
        ),
    },
    {
      id: "replication-group",
      after: ["elasticache/global-replication-group"],
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateDescribeReplicationGroups({ client }, {})) {
          for (const { ReplicationGroupId, Status, ReplicationGroupCreateTime } of page.ReplicationGroups ?? []) {
            const going = Status === "deleting";
            yield { id: ReplicationGroupId ?? "", createdAt: ReplicationGroupCreateTime, going };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: id, RetainPrimaryCluster: false })),
    },
    {
      id: "cluster",
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        const asked = { ShowCacheClustersNotInReplicationGroups: true };
        for await (const page of paginateDescribeCacheClusters({ client }, asked)) {
          for (const one of page.CacheClusters ?? []) {
            yield {
              id: one.CacheClusterId ?? "",
              createdAt: one.CacheClusterCreateTime,
              going: one.CacheClusterStatus === "deleting",
              refs: (one.SecurityGroups ?? []).flatMap((group) => group.SecurityGroupId ?? []),
            };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteCacheClusterCommand({ CacheClusterId: id })),
    },
    {
      id: "serverless-cache",
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const page of paginateDescribeServerlessCaches({ client }, {})) {
          for (const one of page.ServerlessCaches ?? []) {
            yield {
              id: one.ServerlessCacheName ?? "",
              createdAt: one.CreateTime,
              going: one.Status?.toLowerCase() === "deleting",
              refs: [...(one.SubnetIds ?? []), ...(one.SecurityGroupIds ?? [])],
            };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteServerlessCacheCommand({ ServerlessCacheName: id })),
    },
    {
      // Automatic ones go with their cache.
      id: "snapshot",
      after: caches,
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateDescribeSnapshots({ client }, {})) {
          for (const { SnapshotName, SnapshotStatus } of page.Snapshots ?? []) {
            yield { id: SnapshotName ?? "", going: SnapshotStatus === "deleting" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteSnapshotCommand({ SnapshotName: id })),
    },
    {
      id: "serverless-snapshot",
      after: caches,
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateDescribeServerlessCacheSnapshots({ client }, {})) {
          for (const { ServerlessCacheSnapshotName, Status, CreateTime } of page.ServerlessCacheSnapshots ?? []) {
            const going = Status?.toLowerCase() === "deleting";
            yield { id: ServerlessCacheSnapshotName ?? "", createdAt: CreateTime, going };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteServerlessCacheSnapshotCommand({ ServerlessCacheSnapshotName: id })),
    },
    {
      id: "user-group",
      after: caches,
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateDescribeUserGroups({ client }, {})) {
          for (const { UserGroupId, Status } of page.UserGroups ?? []) {
            yield { id: UserGroupId ?? "", going: Status === "deleting" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteUserGroupCommand({ UserGroupId: id })),
    },
    {
      id: "user",
      after: ["elasticache/user-group"],
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateDescribeUsers({ client }, {})) {
          for (const { UserId = "", Status } of page.Users ?? []) {
            yield { id: UserId, going: Status === "deleting", ...(UserId === "default" ? own : {}) };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteUserCommand({ UserId: id })),
    },
    {
      id: "subnet-group",
      after: caches,
      async *list({ client }) {
        for await (const page of paginateDescribeCacheSubnetGroups({ client }, {})) {
          for (const { CacheSubnetGroupName: id = "", Subnets } of page.CacheSubnetGroups ?? []) {
            const refs = (Subnets ?? []).flatMap((subnet) => subnet.SubnetIdentifier ?? []);
            yield { id, refs, ...(id === "default" ? own : {}) };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteCacheSubnetGroupCommand({ CacheSubnetGroupName: id })),
    },
    {
      id: "parameter-group",
      after: caches,
      async *list({ client }) {
        for await (const page of paginateDescribeCacheParameterGroups({ client }, {})) {
          for (const { CacheParameterGroupName: id = "" } of page.CacheParameterGroups ?? []) {
            yield { id, ...(id.startsWith("default.") ? own : {}) };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteCacheParameterGroupCommand({ CacheParameterGroupName: id })),
    },
  ],
});
