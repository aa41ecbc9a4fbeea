import {
  DatabaseMigrationServiceClient,
  DeleteCertificateCommand,
  DeleteEndpointCommand,
  DeleteEventSubscriptionCommand,
  DeleteReplicationConfigCommand,
  DeleteReplicationInstanceCommand,
  DeleteReplicationSubnetGroupCommand,
  DeleteReplicationTaskCommand,
  paginateDescribeCertificates,
  paginateDescribeEndpoints,
  paginateDescribeEventSubscriptions,
  paginateDescribeReplicationConfigs,
  paginateDescribeReplicationInstances,
  paginateDescribeReplicationSubnetGroups,
  paginateDescribeReplicationTasks,
  StopReplicationCommand,
  StopReplicationTaskCommand,
} from "@aws-sdk/client-database-migration-service";
import { defineService } from "@/server/cleaner/define";
import { notOffered } from "@/server/cleaner/failures";

/** Removes, or asks to stop what is refused for its state: then it is tried again. */
async function removeOrStop(remove: () => Promise<unknown>, stop: () => Promise<unknown>): Promise<void> {
  const inState = (error: unknown) => error instanceof Error && error.name === "InvalidResourceStateFault";
  try {
    await remove();
  } catch (error) {
    if (!inState(error)) throw error;
    await stop().catch((reason: unknown) => {
      if (!inState(reason)) throw reason;
    });
    throw error;
  }
}

/** https://docs.aws.amazon.com/dms/latest/APIReference/API_DeleteReplicationTask.html: not while it runs. */
export const service = defineService({
  id: "dms",
  title: "AWS Database Migration Service",
  scope: "regional",
  client: (options) => new DatabaseMigrationServiceClient(options),
  types: [
    {
      id: "replication-task",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateDescribeReplicationTasks({ client }, { WithoutSettings: true })) {
          for (const task of page.ReplicationTasks ?? []) {
            const { ReplicationInstanceArn, SourceEndpointArn, TargetEndpointArn } = task;
            yield {
              id: task.ReplicationTaskArn ?? "",
              createdAt: task.ReplicationTaskCreationDate,
              going: task.Status === "deleting",
              refs: [ReplicationInstanceArn, SourceEndpointArn, TargetEndpointArn].flatMap((ref) => ref ?? []),
            };
          }
        }
      },
      remove: ({ client }, { id: ReplicationTaskArn }) =>
        removeOrStop(
          () => client.send(new DeleteReplicationTaskCommand({ ReplicationTaskArn })),
          () => client.send(new StopReplicationTaskCommand({ ReplicationTaskArn })),
        ),
    },
    {
      id: "replication-config",
      unavailable: notOffered,
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const page of paginateDescribeReplicationConfigs({ client }, {})) {
          for (const config of page.ReplicationConfigs ?? []) {
            yield {
              id: config.ReplicationConfigArn ?? "",
              createdAt: config.ReplicationConfigCreateTime,
              refs: [
                config.SourceEndpointArn,
                config.TargetEndpointArn,
                config.ComputeConfig?.ReplicationSubnetGroupId,
                ...(config.ComputeConfig?.VpcSecurityGroupIds ?? []),
              ].flatMap((ref) => ref ?? []),
            };
          }
        }
      },
      remove: ({ client }, { id: ReplicationConfigArn }) =>
        removeOrStop(
          () => client.send(new DeleteReplicationConfigCommand({ ReplicationConfigArn })),
          () => client.send(new StopReplicationCommand({ ReplicationConfigArn })),
        ),
    },
    {
      id: "replication-instance",
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const page of paginateDescribeReplicationInstances({ client }, {})) {
          for (const instance of page.ReplicationInstances ?? []) {
            yield {
              id: instance.ReplicationInstanceArn ?? "",
              createdAt: instance.InstanceCreateTime,
              going: instance.ReplicationInstanceStatus === "deleting",
              refs: [
                instance.ReplicationSubnetGroup?.ReplicationSubnetGroupIdentifier,
                ...(instance.VpcSecurityGroups ?? []).map((group) => group.VpcSecurityGroupId),
              ].flatMap((ref) => ref ?? []),
            };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteReplicationInstanceCommand({ ReplicationInstanceArn: id })),
    },
    {
      id: "endpoint",
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateDescribeEndpoints({ client }, {})) {
          for (const { EndpointArn: id = "", Status, CertificateArn } of page.Endpoints ?? []) {
            yield { id, going: Status === "deleting", refs: CertificateArn ? [CertificateArn] : [] };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteEndpointCommand({ EndpointArn: id })),
    },
    {
      id: "certificate",
      async *list({ client }) {
        for await (const page of paginateDescribeCertificates({ client }, {})) {
          for (const { CertificateArn: id = "" } of page.Certificates ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteCertificateCommand({ CertificateArn: id })),
    },
    {
      id: "subnet-group",
      async *list({ client }) {
        for await (const page of paginateDescribeReplicationSubnetGroups({ client }, {})) {
          for (const { ReplicationSubnetGroupIdentifier: id = "", Subnets } of page.ReplicationSubnetGroups ?? []) {
            yield { id, refs: (Subnets ?? []).flatMap((subnet) => subnet.SubnetIdentifier ?? []) };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteReplicationSubnetGroupCommand({ ReplicationSubnetGroupIdentifier: id })),
    },
    {
      id: "event-subscription",
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateDescribeEventSubscriptions({ client }, {})) {
          for (const { CustSubscriptionId: id = "", Status } of page.EventSubscriptionsList ?? []) {
            yield { id, going: Status === "deleting" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteEventSubscriptionCommand({ SubscriptionName: id })),
    },
  ],
});
