import {
  DeleteDBClusterCommand,
  DeleteDBClusterParameterGroupCommand,
  DeleteDBClusterSnapshotCommand,
  DeleteDBInstanceCommand,
  DeleteDBParameterGroupCommand,
  DeleteDBProxyCommand,
  DeleteDBSnapshotCommand,
  DeleteDBSubnetGroupCommand,
  DeleteEventSubscriptionCommand,
  DeleteGlobalClusterCommand,
  ModifyDBClusterCommand,
  ModifyDBInstanceCommand,
  ModifyGlobalClusterCommand,
  paginateDescribeDBClusterParameterGroups,
  paginateDescribeDBClusterSnapshots,
  paginateDescribeDBClusters,
  paginateDescribeDBInstances,
  paginateDescribeDBParameterGroups,
  paginateDescribeDBProxies,
  paginateDescribeDBSnapshots,
  paginateDescribeDBSubnetGroups,
  paginateDescribeEventSubscriptions,
  paginateDescribeGlobalClusters,
  RDSClient,
  RemoveFromGlobalClusterCommand,
} from "@aws-sdk/client-rds";
import { defineService, type Resource } from "@/server/cleaner/define";

/** Aurora, DocumentDB and Neptune show here as well, and go by the same calls. */
export const service = defineService({
  id: "rds",
  title: "Amazon RDS",
  scope: "regional",
  client: (options) => new RDSClient(options),
  types: [
    {
      id: "proxy",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateDescribeDBProxies({ client }, {})) {
          for (const { DBProxyName, Status, VpcSubnetIds = [], VpcSecurityGroupIds = [] } of page.DBProxies ?? []) {
            const refs = [...VpcSubnetIds, ...VpcSecurityGroupIds];
            yield { id: DBProxyName ?? "", going: Status === "deleting", refs };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDBProxyCommand({ DBProxyName: id })),
    },
    {
      id: "global-cluster",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateDescribeGlobalClusters({ client }, {})) {
          for (const { GlobalClusterIdentifier, GlobalClusterMembers, Status } of page.GlobalClusters ?? []) {
            const members = (GlobalClusterMembers ?? []).flatMap((member) => member.DBClusterArn ?? []);
            const data = { members: members.join(" ") };
            yield { id: GlobalClusterIdentifier ?? "", going: Status === "deleting", data };
          }
        }
      },
      async prepare({ client }, { id: GlobalClusterIdentifier, data }) {
        await client.send(new ModifyGlobalClusterCommand({ GlobalClusterIdentifier, DeletionProtection: false }));
        for (const member of data?.members?.split(" ").filter(Boolean) ?? []) {
          await client.send(
            new RemoveFromGlobalClusterCommand({ GlobalClusterIdentifier, DbClusterIdentifier: member }),
          );
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteGlobalClusterCommand({ GlobalClusterIdentifier: id })),
    },
    {
      id: "instance",
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateDescribeDBInstances({ client }, {})) {
          for (const instance of page.DBInstances ?? []) {
            yield {
              id: instance.DBInstanceIdentifier ?? "",
              createdAt: instance.InstanceCreateTime,
              going: instance.DBInstanceStatus === "deleting",
              refs: [
                // A replica goes before its source, a member before its cluster, both before what they stand on.
                instance.ReadReplicaSourceDBInstanceIdentifier,
                instance.DBClusterIdentifier,
                instance.DBSubnetGroup?.DBSubnetGroupName,
                ...(instance.DBParameterGroups ?? []).map((group) => group.DBParameterGroupName),
                ...(instance.VpcSecurityGroups ?? []).map((group) => group.VpcSecurityGroupId),
              ].flatMap((ref) => ref ?? []),
              data: {
                locked: instance.DeletionProtection ? "yes" : "",
                cluster: instance.DBClusterIdentifier ?? "",
              },
            };
          }
        }
      },
      async prepare({ client }, { id, data }) {
        if (!data?.locked) return;
        await client.send(
          new ModifyDBInstanceCommand({ DBInstanceIdentifier: id, DeletionProtection: false, ApplyImmediately: true }),
        );
      },
      remove: ({ client }, { id, data }) =>
        client.send(
          new DeleteDBInstanceCommand({
            DBInstanceIdentifier: id,
            SkipFinalSnapshot: true,
            // Not for members of a cluster: its backups are the cluster's.
            DeleteAutomatedBackups: data?.cluster ? undefined : true,
          }),
        ),
    },
    {
      id: "cluster",
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateDescribeDBClusters({ client }, {})) {
          for (const cluster of page.DBClusters ?? []) {
            yield {
              id: cluster.DBClusterIdentifier ?? "",
              createdAt: cluster.ClusterCreateTime,
              going: cluster.Status === "deleting",
              refs: [
                cluster.DBSubnetGroup,
                cluster.DBClusterParameterGroup,
                ...(cluster.VpcSecurityGroups ?? []).map((group) => group.VpcSecurityGroupId),
              ].flatMap((ref) => ref ?? []),
              data: { locked: cluster.DeletionProtection ? "yes" : "" },
            };
          }
        }
      },
      async prepare({ client }, { id, data }) {
        if (!data?.locked) return;
        await client.send(
          new ModifyDBClusterCommand({ DBClusterIdentifier: id, DeletionProtection: false, ApplyImmediately: true }),
        );
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteDBClusterCommand({ DBClusterIdentifier: id, SkipFinalSnapshot: true })),
    },
    {
      id: "snapshot",
      after: ["rds/instance"],
      async *list({ client }) {
        for await (const page of paginateDescribeDBSnapshots({ client }, {})) {
          for (const { DBSnapshotIdentifier, SnapshotType } of page.DBSnapshots ?? []) {
            yield { id: DBSnapshotIdentifier ?? "", ...ofBackup(SnapshotType) };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: id })),
    },
    {
      id: "cluster-snapshot",
      after: ["rds/cluster"],
      async *list({ client }) {
        for await (const page of paginateDescribeDBClusterSnapshots({ client }, {})) {
          for (const { DBClusterSnapshotIdentifier, SnapshotType } of page.DBClusterSnapshots ?? []) {
            yield { id: DBClusterSnapshotIdentifier ?? "", ...ofBackup(SnapshotType) };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: id })),
    },
    {
      id: "subnet-group",
      async *list({ client }) {
        for await (const page of paginateDescribeDBSubnetGroups({ client }, {})) {
          for (const { DBSubnetGroupName, Subnets } of page.DBSubnetGroups ?? []) {
            const refs = (Subnets ?? []).flatMap((subnet) => subnet.SubnetIdentifier ?? []);
            yield { id: DBSubnetGroupName ?? "", refs };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDBSubnetGroupCommand({ DBSubnetGroupName: id })),
    },
    {
      id: "parameter-group",
      async *list({ client }) {
        for await (const page of paginateDescribeDBParameterGroups({ client }, {})) {
          for (const { DBParameterGroupName: id = "" } of page.DBParameterGroups ?? []) yield { id, ...ofAws(id) };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDBParameterGroupCommand({ DBParameterGroupName: id })),
    },
    {
      id: "cluster-parameter-group",
      async *list({ client }) {
        for await (const page of paginateDescribeDBClusterParameterGroups({ client }, {})) {
          for (const group of page.DBClusterParameterGroups ?? []) {
            const id = group.DBClusterParameterGroupName ?? "";
            yield { id, ...ofAws(id) };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteDBClusterParameterGroupCommand({ DBClusterParameterGroupName: id })),
    },
    {
      id: "event-subscription",
      async *list({ client }) {
        for await (const page of paginateDescribeEventSubscriptions({ client }, {})) {
          for (const { CustSubscriptionId } of page.EventSubscriptionsList ?? [])
            yield { id: CustSubscriptionId ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteEventSubscriptionCommand({ SubscriptionName: id })),
    },
  ],
});

/** Those of AWS Backup are removed by their vault alone. Automated ones go with what they were made of, which went before. */
function ofBackup(type: string | undefined): Partial<Resource> {
  return type === "awsbackup" ? { going: true } : {};
}

function ofAws(id: string): Partial<Resource> {
  return id.startsWith("default.") ? { protected: "AWS's own default" } : {};
}
