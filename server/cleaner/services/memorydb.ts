import {
  DeleteACLCommand,
  DeleteClusterCommand,
  DeleteMultiRegionClusterCommand,
  DeleteParameterGroupCommand,
  DeleteSnapshotCommand,
  DeleteSubnetGroupCommand,
  DeleteUserCommand,
  MemoryDBClient,
  paginateDescribeACLs,
  paginateDescribeClusters,
  paginateDescribeMultiRegionClusters,
  paginateDescribeParameterGroups,
  paginateDescribeSnapshots,
  paginateDescribeSubnetGroups,
  paginateDescribeUsers,
} from "@aws-sdk/client-memorydb";
import { defineService, type Resource } from "@/server/cleaner/define";

const own: Partial<Resource> = { protected: "AWS's own default" };

/** https://docs.aws.amazon.com/memorydb/latest/APIReference/API_DeleteCluster.html: automatic snapshots go with a cluster. */
export const service = defineService({
  id: "memorydb",
  title: "Amazon MemoryDB",
  scope: "regional",
  client: (options) => new MemoryDBClient(options),
  types: [
    {
      id: "cluster",
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateDescribeClusters({ client }, {})) {
          for (const one of page.Clusters ?? []) {
            yield {
              id: one.Name ?? "",
              going: one.Status === "deleting",
              refs: (one.SecurityGroups ?? []).flatMap((group) => group.SecurityGroupId ?? []),
              data: { multi: one.MultiRegionClusterName ?? "" },
            };
          }
        }
      },
      remove: ({ client }, { id, data }) =>
        client.send(
          new DeleteClusterCommand({ ClusterName: id, MultiRegionClusterName: data?.multi ? data.multi : undefined }),
        ),
    },
    {
      // It shows in the region of each member, and goes when the last has gone.
      id: "multi-region-cluster",
      after: ["memorydb/cluster"],
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateDescribeMultiRegionClusters({ client }, {})) {
          for (const { MultiRegionClusterName, Status } of page.MultiRegionClusters ?? []) {
            yield { id: MultiRegionClusterName ?? "", going: Status === "deleting" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteMultiRegionClusterCommand({ MultiRegionClusterName: id })),
    },
    {
      id: "snapshot",
      after: ["memorydb/cluster"],
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateDescribeSnapshots({ client }, {})) {
          for (const { Name, Status } of page.Snapshots ?? []) yield { id: Name ?? "", going: Status === "deleting" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteSnapshotCommand({ SnapshotName: id })),
    },
    {
      id: "acl",
      after: ["memorydb/cluster"],
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateDescribeACLs({ client }, {})) {
          for (const { Name = "", Status } of page.ACLs ?? []) {
            yield { id: Name, going: Status === "deleting", ...(Name === "open-access" ? own : {}) };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteACLCommand({ ACLName: id })),
    },
    {
      id: "user",
      after: ["memorydb/acl"],
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateDescribeUsers({ client }, {})) {
          for (const { Name = "", Status } of page.Users ?? []) {
            yield { id: Name, going: Status === "deleting", ...(Name === "default" ? own : {}) };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteUserCommand({ UserName: id })),
    },
    {
      id: "subnet-group",
      after: ["memorydb/cluster"],
      async *list({ client }) {
        for await (const page of paginateDescribeSubnetGroups({ client }, {})) {
          for (const { Name = "", Subnets } of page.SubnetGroups ?? []) {
            const refs = (Subnets ?? []).flatMap((subnet) => subnet.Identifier ?? []);
            yield { id: Name, refs, ...(Name === "default" ? own : {}) };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteSubnetGroupCommand({ SubnetGroupName: id })),
    },
    {
      id: "parameter-group",
      after: ["memorydb/cluster"],
      async *list({ client }) {
        for await (const page of paginateDescribeParameterGroups({ client }, {})) {
          for (const { Name = "" } of page.ParameterGroups ?? []) {
            yield { id: Name, ...(Name.startsWith("default.") ? own : {}) };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteParameterGroupCommand({ ParameterGroupName: id })),
    },
  ],
});
