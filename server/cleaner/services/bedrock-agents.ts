import {
  BedrockAgentClient,
  DeleteAgentCommand,
  DeleteDataSourceCommand,
  DeleteFlowCommand,
  DeleteKnowledgeBaseCommand,
  DeletePromptCommand,
  GetDataSourceCommand,
  paginateListAgents,
  paginateListDataSources,
  paginateListFlows,
  paginateListKnowledgeBases,
  paginateListPrompts,
  UpdateDataSourceCommand,
} from "@aws-sdk/client-bedrock-agent";
import { defineService } from "@/server/cleaner/define";
import { notOffered } from "@/server/cleaner/failures";

/** An agent goes with its aliases, versions and action groups, a flow with its own, when asked not to look who uses them. */
export const service = defineService({
  id: "bedrock-agents",
  title: "Amazon Bedrock Agents",
  scope: "regional",
  client: (options) => new BedrockAgentClient(options),
  types: [
    {
      id: "agent",
      gone: "listed",
      unavailable: notOffered,
      async *list({ client }) {
        for await (const page of paginateListAgents({ client, pageSize: 100 }, {})) {
          for (const { agentId: id = "", agentStatus } of page.agentSummaries ?? []) {
            yield { id, going: agentStatus === "DELETING" };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteAgentCommand({ agentId: id, skipResourceInUseCheck: true })),
    },
    {
      id: "flow",
      unavailable: notOffered,
      async *list({ client }) {
        for await (const page of paginateListFlows({ client, pageSize: 100 }, {})) {
          for (const { id = "", createdAt } of page.flowSummaries ?? []) yield { id, createdAt };
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteFlowCommand({ flowIdentifier: id, skipResourceInUseCheck: true })),
    },
    {
      id: "knowledge-base",
      after: ["bedrock-agents/agent"],
      gone: "listed",
      deadlineSeconds: 900,
      unavailable: notOffered,
      async *list({ client }) {
        for await (const page of paginateListKnowledgeBases({ client, pageSize: 100 }, {})) {
          for (const { knowledgeBaseId: id = "", status } of page.knowledgeBaseSummaries ?? []) {
            yield { id, going: status === "DELETING" };
          }
        }
      },
      /**
       * Vectors go with their store. To delete them one by one takes long, and fails once the store is gone.
       * https://docs.aws.amazon.com/bedrock/latest/userguide/kb-ds-delete.html
       */
      async prepare({ client }, { id: knowledgeBaseId }) {
        for await (const page of paginateListDataSources({ client, pageSize: 100 }, { knowledgeBaseId })) {
          for (const { dataSourceId, status } of page.dataSourceSummaries ?? []) {
            if (status === "DELETING") continue;
            const source = { knowledgeBaseId, dataSourceId };
            const { dataSource } = await client.send(new GetDataSourceCommand(source));
            if (dataSource && dataSource.dataDeletionPolicy !== "RETAIN") {
              const { name, description, dataSourceConfiguration } = dataSource;
              const { serverSideEncryptionConfiguration, vectorIngestionConfiguration } = dataSource;
              await client.send(
                new UpdateDataSourceCommand({
                  ...source,
                  name,
                  description,
                  dataSourceConfiguration,
                  serverSideEncryptionConfiguration,
                  vectorIngestionConfiguration,
                  dataDeletionPolicy: "RETAIN",
                }),
              );
            }
            await client.send(new DeleteDataSourceCommand(source));
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteKnowledgeBaseCommand({ knowledgeBaseId: id })),
    },
    {
      // With its versions.
      id: "prompt",
      after: ["bedrock-agents/flow"],
      unavailable: notOffered,
      async *list({ client }) {
        for await (const page of paginateListPrompts({ client, pageSize: 100 }, {})) {
          for (const { id = "", createdAt } of page.promptSummaries ?? []) yield { id, createdAt };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeletePromptCommand({ promptIdentifier: id })),
    },
  ],
});
