import {
  DeleteSecurityConfigurationCommand,
  DeleteStudioCommand,
  EMRClient,
  paginateListClusters,
  paginateListSecurityConfigurations,
  paginateListStudios,
  SetTerminationProtectionCommand,
  TerminateJobFlowsCommand,
} from "@aws-sdk/client-emr";
import { defineService } from "@/server/cleaner/define";

/**
 * Ending a cluster takes 5 to 20 minutes. What it was and did is kept for two months after, and nobody can delete that.
 * https://docs.aws.amazon.com/emr/latest/ManagementGuide/UsingEMR_TerminateJobFlow.html
 */
export const service = defineService({
  id: "emr",
  title: "Amazon EMR",
  scope: "regional",
  client: (options) => new EMRClient(options),
  types: [
    {
      // First, since it would make up for instances that go.
      id: "cluster",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 1_500,
      async *list({ client }) {
        let ended = 0;
        for await (const page of paginateListClusters({ client }, {})) {
          for (const { Id: id = "", Status } of page.Clusters ?? []) {
            if (/^TERMINATED/.test(Status?.State ?? "")) ended++;
            else {
              const going = Status?.State === "TERMINATING";
              yield { id, createdAt: Status?.Timeline?.CreationDateTime, going };
            }
          }
        }
        if (ended > 0) {
          yield {
            id: "terminated-clusters",
            protected: `details of ${ended} that ended can be read for two months, and nobody can delete them`,
          };
        }
      },
      prepare: ({ client }, { id }) =>
        client.send(new SetTerminationProtectionCommand({ JobFlowIds: [id], TerminationProtected: false })),
      remove: ({ client }, { id }) => client.send(new TerminateJobFlowsCommand({ JobFlowIds: [id] })),
    },
    {
      id: "studio",
      async *list({ client }) {
        for await (const page of paginateListStudios({ client }, {})) {
          for (const { StudioId: id = "", VpcId, CreationTime } of page.Studios ?? []) {
            yield { id, createdAt: CreationTime, refs: VpcId ? [VpcId] : [] };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteStudioCommand({ StudioId: id })),
    },
    {
      id: "security-configuration",
      after: ["emr/cluster"],
      async *list({ client }) {
        for await (const page of paginateListSecurityConfigurations({ client }, {})) {
          for (const { Name: id = "", CreationDateTime } of page.SecurityConfigurations ?? []) {
            yield { id, createdAt: CreationDateTime };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteSecurityConfigurationCommand({ Name: id })),
    },
  ],
});
