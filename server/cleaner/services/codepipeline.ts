import {
  type ActionCategory,
  CodePipelineClient,
  DeleteCustomActionTypeCommand,
  DeletePipelineCommand,
  DeleteWebhookCommand,
  paginateListActionTypes,
  paginateListPipelines,
  paginateListWebhooks,
} from "@aws-sdk/client-codepipeline";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "codepipeline",
  title: "AWS CodePipeline",
  scope: "regional",
  client: (options) => new CodePipelineClient(options),
  types: [
    {
      id: "webhook",
      stage: "first",
      async *list({ client }) {
        for await (const page of paginateListWebhooks({ client }, {})) {
          for (const { definition } of page.webhooks ?? []) yield { id: definition?.name ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteWebhookCommand({ name: id })),
    },
    {
      id: "pipeline",
      stage: "first",
      async *list({ client }) {
        for await (const page of paginateListPipelines({ client }, {})) {
          for (const { name: id = "", created } of page.pipelines ?? []) yield { id, createdAt: created };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeletePipelineCommand({ name: id })),
    },
    {
      id: "custom-action-type",
      after: ["codepipeline/pipeline"],
      async *list({ client }) {
        for await (const page of paginateListActionTypes({ client }, { actionOwnerFilter: "Custom" })) {
          for (const { id: type } of page.actionTypes ?? []) {
            const { category = "", provider = "", version = "" } = type ?? {};
            yield { id: `${category}/${provider}/${version}`, data: { category, provider, version } };
          }
        }
      },
      remove: ({ client }, { data }) =>
        client.send(
          new DeleteCustomActionTypeCommand({
            category: data?.category as ActionCategory | undefined,
            provider: data?.provider,
            version: data?.version,
          }),
        ),
    },
  ],
});
