import {
  DeleteEndpointAccessCommand,
  DeleteNamespaceCommand,
  DeleteScheduledActionCommand,
  DeleteSnapshotCommand,
  DeleteWorkgroupCommand,
  paginateListEndpointAccess,
  paginateListNamespaces,
  paginateListScheduledActions,
  paginateListSnapshots,
  paginateListWorkgroups,
  RedshiftServerlessClient,
} from "@aws-sdk/client-redshift-serverless";
import { defineService } from "@/server/cleaner/define";

/**
 * https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_DeleteNamespace.html: a workgroup goes before its
 * namespace; recovery points and limits go with them.
 */
export const service = defineService({
  id: "redshift-serverless",
  title: "Amazon Redshift Serverless",
  scope: "regional",
  client: (options) => new RedshiftServerlessClient(options),
  types: [
    {
      id: "scheduled-action",
      stage: "first",
      async *list({ client }) {
        for await (const page of paginateListScheduledActions({ client }, {})) {
          for (const { scheduledActionName } of page.scheduledActions ?? []) yield { id: scheduledActionName ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteScheduledActionCommand({ scheduledActionName: id })),
    },
    {
      id: "endpoint-access",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListEndpointAccess({ client }, {})) {
          for (const { endpointName, endpointStatus, subnetIds, vpcSecurityGroups } of page.endpoints ?? []) {
            const groups = (vpcSecurityGroups ?? []).flatMap((group) => group.vpcSecurityGroupId ?? []);
            const going = endpointStatus?.toUpperCase() === "DELETING";
            yield { id: endpointName ?? "", going, refs: [...(subnetIds ?? []), ...groups] };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteEndpointAccessCommand({ endpointName: id })),
    },
    {
      id: "workgroup",
      after: ["redshift-serverless/endpoint-access"],
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const page of paginateListWorkgroups({ client }, {})) {
          for (const one of page.workgroups ?? []) {
            yield {
              id: one.workgroupName ?? "",
              createdAt: one.creationDate,
              going: one.status === "DELETING",
              refs: [...(one.subnetIds ?? []), ...(one.securityGroupIds ?? [])],
            };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteWorkgroupCommand({ workgroupName: id })),
    },
    {
      id: "namespace",
      after: ["redshift-serverless/workgroup"],
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const page of paginateListNamespaces({ client }, {})) {
          for (const { namespaceName, status, creationDate } of page.namespaces ?? []) {
            yield { id: namespaceName ?? "", createdAt: creationDate, going: status === "DELETING" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteNamespaceCommand({ namespaceName: id })),
    },
    {
      id: "snapshot",
      after: ["redshift-serverless/namespace"],
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        for await (const page of paginateListSnapshots({ client }, {})) {
          for (const { snapshotName: id = "", status, snapshotCreateTime } of page.snapshots ?? []) {
            if (status === "DELETED") continue;
            // Those of AWS Backup are removed by their vault alone.
            yield { id, createdAt: snapshotCreateTime, going: id.startsWith("awsbackup:") };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteSnapshotCommand({ snapshotName: id })),
    },
  ],
});
