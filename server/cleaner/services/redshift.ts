import {
  DeleteClusterCommand,
  DeleteClusterParameterGroupCommand,
  DeleteClusterSnapshotCommand,
  DeleteClusterSubnetGroupCommand,
  DeleteEndpointAccessCommand,
  DeleteEventSubscriptionCommand,
  DeleteIntegrationCommand,
  DeleteScheduledActionCommand,
  DeleteSnapshotCopyGrantCommand,
  paginateDescribeClusterParameterGroups,
  paginateDescribeClusterSnapshots,
  paginateDescribeClusterSubnetGroups,
  paginateDescribeClusters,
  paginateDescribeEndpointAccess,
  paginateDescribeEventSubscriptions,
  paginateDescribeIntegrations,
  paginateDescribeScheduledActions,
  paginateDescribeSnapshotCopyGrants,
  RedshiftClient,
} from "@aws-sdk/client-redshift";
import { defineService } from "@/server/cleaner/define";

/**
 * https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-snapshots.html: automated snapshots cannot be deleted, and go
 * with their cluster or at the end of their time; those of AWS Backup are removed by their vault alone.
 */
export const service = defineService({
  id: "redshift",
  title: "Amazon Redshift",
  scope: "regional",
  client: (options) => new RedshiftClient(options),
  types: [
    {
      id: "scheduled-action",
      stage: "first",
      async *list({ client }) {
        for await (const page of paginateDescribeScheduledActions({ client }, {})) {
          for (const { ScheduledActionName } of page.ScheduledActions ?? []) yield { id: ScheduledActionName ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteScheduledActionCommand({ ScheduledActionName: id })),
    },
    {
      id: "integration",
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const page of paginateDescribeIntegrations({ client }, {})) {
          for (const { IntegrationArn, Status, CreateTime } of page.Integrations ?? []) {
            yield { id: IntegrationArn ?? "", createdAt: CreateTime, going: Status === "deleting" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteIntegrationCommand({ IntegrationArn: id })),
      // https://docs.aws.amazon.com/redshift/latest/APIReference/API_DescribeIntegrations.html
      unavailable: (error) =>
        /^UnsupportedOperation(Fault)?$/.test(error.name) ? "integrations are not supported in this region" : undefined,
    },
    {
      id: "endpoint-access",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateDescribeEndpointAccess({ client }, {})) {
          for (const { EndpointName, EndpointStatus, VpcSecurityGroups } of page.EndpointAccessList ?? []) {
            const refs = (VpcSecurityGroups ?? []).flatMap((group) => group.VpcSecurityGroupId ?? []);
            yield { id: EndpointName ?? "", going: EndpointStatus === "deleting", refs };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteEndpointAccessCommand({ EndpointName: id })),
    },
    {
      id: "cluster",
      after: ["redshift/endpoint-access", "redshift/integration"],
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateDescribeClusters({ client }, {})) {
          for (const one of page.Clusters ?? []) {
            yield {
              id: one.ClusterIdentifier ?? "",
              createdAt: one.ClusterCreateTime,
              going: one.ClusterStatus === "deleting",
              refs: (one.VpcSecurityGroups ?? []).flatMap((group) => group.VpcSecurityGroupId ?? []),
            };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteClusterCommand({ ClusterIdentifier: id, SkipFinalClusterSnapshot: true })),
    },
    {
      id: "snapshot",
      after: ["redshift/cluster"],
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateDescribeClusterSnapshots({ client }, {})) {
          for (const { SnapshotIdentifier: id = "", SnapshotType, SnapshotCreateTime } of page.Snapshots ?? []) {
            const going = SnapshotType === "automated" || id.startsWith("awsbackup:");
            yield { id, createdAt: SnapshotCreateTime, going };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteClusterSnapshotCommand({ SnapshotIdentifier: id })),
    },
    {
      id: "subnet-group",
      after: ["redshift/cluster"],
      async *list({ client }) {
        for await (const page of paginateDescribeClusterSubnetGroups({ client }, {})) {
          for (const { ClusterSubnetGroupName, Subnets } of page.ClusterSubnetGroups ?? []) {
            const refs = (Subnets ?? []).flatMap((subnet) => subnet.SubnetIdentifier ?? []);
            yield { id: ClusterSubnetGroupName ?? "", refs };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteClusterSubnetGroupCommand({ ClusterSubnetGroupName: id })),
    },
    {
      id: "parameter-group",
      after: ["redshift/cluster"],
      async *list({ client }) {
        for await (const page of paginateDescribeClusterParameterGroups({ client }, {})) {
          for (const { ParameterGroupName: id = "" } of page.ParameterGroups ?? []) {
            yield { id, protected: id.startsWith("default.") ? "AWS's own default" : undefined };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteClusterParameterGroupCommand({ ParameterGroupName: id })),
    },
    {
      id: "snapshot-copy-grant",
      after: ["redshift/cluster"],
      async *list({ client }) {
        for await (const page of paginateDescribeSnapshotCopyGrants({ client }, {})) {
          for (const { SnapshotCopyGrantName } of page.SnapshotCopyGrants ?? [])
            yield { id: SnapshotCopyGrantName ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteSnapshotCopyGrantCommand({ SnapshotCopyGrantName: id })),
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
