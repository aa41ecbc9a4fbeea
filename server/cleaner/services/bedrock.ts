import {
  BatchDeleteEvaluationJobCommand,
  BedrockClient,
  DeleteCustomModelCommand,
  DeleteCustomModelDeploymentCommand,
  DeleteGuardrailCommand,
  DeleteImportedModelCommand,
  DeleteInferenceProfileCommand,
  DeleteMarketplaceModelEndpointCommand,
  DeleteModelInvocationLoggingConfigurationCommand,
  DeletePromptRouterCommand,
  DeleteProvisionedModelThroughputCommand,
  GetModelInvocationLoggingConfigurationCommand,
  paginateListCustomModelDeployments,
  paginateListCustomModels,
  paginateListEvaluationJobs,
  paginateListGuardrails,
  paginateListImportedModels,
  paginateListInferenceProfiles,
  paginateListMarketplaceModelEndpoints,
  paginateListModelCustomizationJobs,
  paginateListModelInvocationJobs,
  paginateListPromptRouters,
  paginateListProvisionedModelThroughputs,
  StopEvaluationJobCommand,
  StopModelCustomizationJobCommand,
  StopModelInvocationJobCommand,
} from "@aws-sdk/client-bedrock";
import { defineService } from "@/server/cleaner/define";
import { notOffered } from "@/server/cleaner/failures";

/**
 * Provisioned throughput with a commitment cannot be deleted before its term, and is reported as left.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_DeleteProvisionedModelThroughput.html
 */
export const service = defineService({
  id: "bedrock",
  title: "Amazon Bedrock",
  scope: "regional",
  client: (options) => new BedrockClient(options),
  types: [
    {
      // Jobs that ended cannot be deleted; so with those of batch inference.
      id: "customization-job",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 1_200,
      unavailable: notOffered,
      async *list({ client }) {
        for (const statusEquals of ["InProgress", "Stopping"] as const) {
          for await (const page of paginateListModelCustomizationJobs({ client, pageSize: 100 }, { statusEquals })) {
            for (const { jobArn: id = "", creationTime } of page.modelCustomizationJobSummaries ?? []) {
              yield { id, createdAt: creationTime, going: statusEquals === "Stopping" };
            }
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new StopModelCustomizationJobCommand({ jobIdentifier: id })),
    },
    {
      id: "batch-inference-job",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 1_200,
      unavailable: notOffered,
      async *list({ client }) {
        for await (const page of paginateListModelInvocationJobs({ client, pageSize: 100 }, {})) {
          for (const { jobArn: id = "", status = "", submitTime } of page.invocationJobSummaries ?? []) {
            if (!/^(Submitted|Validating|Scheduled|InProgress|Stopping)$/.test(status)) continue;
            yield { id, createdAt: submitTime, going: status === "Stopping" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new StopModelInvocationJobCommand({ jobIdentifier: id })),
    },
    {
      id: "evaluation-job",
      gone: "listed",
      deadlineSeconds: 1_200,
      unavailable: notOffered,
      async *list({ client }) {
        for await (const page of paginateListEvaluationJobs({ client, pageSize: 100 }, {})) {
          for (const { jobArn: id = "", status, creationTime } of page.jobSummaries ?? []) {
            yield { id, createdAt: creationTime, going: status === "Deleting" };
          }
        }
      },
      async remove({ client }, { id }) {
        const deleting = await client.send(new BatchDeleteEvaluationJobCommand({ jobIdentifiers: [id] }));
        const refused = deleting.errors?.[0];
        if (!refused) return;
        await client.send(new StopEvaluationJobCommand({ jobIdentifier: id })).catch((error: unknown) => {
          if (!(error instanceof Error) || !/^(ConflictException|ValidationException)$/.test(error.name)) throw error;
        });
        throw new Error(`The job is still there; it was asked to stop (${refused.code}: ${refused.message})`);
      },
    },
    {
      id: "provisioned-throughput",
      gone: "listed",
      deadlineSeconds: 900,
      unavailable: notOffered,
      async *list({ client }) {
        for await (const page of paginateListProvisionedModelThroughputs({ client, pageSize: 100 }, {})) {
          for (const { provisionedModelArn: id = "", creationTime } of page.provisionedModelSummaries ?? []) {
            yield { id, createdAt: creationTime };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteProvisionedModelThroughputCommand({ provisionedModelId: id })),
    },
    {
      id: "custom-model-deployment",
      gone: "listed",
      deadlineSeconds: 900,
      unavailable: notOffered,
      async *list({ client }) {
        for await (const page of paginateListCustomModelDeployments({ client, pageSize: 100 }, {})) {
          for (const { customModelDeploymentArn: id = "", createdAt } of page.modelDeploymentSummaries ?? []) {
            yield { id, createdAt };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteCustomModelDeploymentCommand({ customModelDeploymentIdentifier: id })),
    },
    {
      id: "custom-model",
      after: ["bedrock/customization-job", "bedrock/provisioned-throughput", "bedrock/custom-model-deployment"],
      gone: "listed",
      unavailable: notOffered,
      async *list({ client }) {
        for await (const page of paginateListCustomModels({ client, pageSize: 100 }, { isOwned: true })) {
          for (const { modelArn: id = "", creationTime } of page.modelSummaries ?? []) {
            yield { id, createdAt: creationTime };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteCustomModelCommand({ modelIdentifier: id })),
    },
    {
      id: "imported-model",
      gone: "listed",
      unavailable: notOffered,
      async *list({ client }) {
        for await (const page of paginateListImportedModels({ client, pageSize: 100 }, {})) {
          for (const { modelArn: id = "", creationTime } of page.modelSummaries ?? []) {
            yield { id, createdAt: creationTime };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteImportedModelCommand({ modelIdentifier: id })),
    },
    {
      id: "marketplace-model-endpoint",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 900,
      unavailable: notOffered,
      async *list({ client }) {
        for await (const page of paginateListMarketplaceModelEndpoints({ client, pageSize: 100 }, {})) {
          for (const { endpointArn: id = "", createdAt } of page.marketplaceModelEndpoints ?? []) {
            yield { id, createdAt };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteMarketplaceModelEndpointCommand({ endpointArn: id })),
    },
    {
      id: "inference-profile",
      unavailable: notOffered,
      async *list({ client }) {
        const own = { typeEquals: "APPLICATION" } as const;
        for await (const page of paginateListInferenceProfiles({ client, pageSize: 100 }, own)) {
          for (const { inferenceProfileArn: id = "", createdAt } of page.inferenceProfileSummaries ?? []) {
            yield { id, createdAt };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteInferenceProfileCommand({ inferenceProfileIdentifier: id })),
    },
    {
      id: "prompt-router",
      unavailable: notOffered,
      async *list({ client }) {
        for await (const page of paginateListPromptRouters({ client, pageSize: 100 }, { type: "custom" })) {
          for (const { promptRouterArn: id = "", createdAt } of page.promptRouterSummaries ?? []) {
            yield { id, createdAt };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeletePromptRouterCommand({ promptRouterArn: id })),
    },
    {
      // With its versions.
      id: "guardrail",
      after: ["bedrock-agents/agent", "bedrock-agents/flow"],
      gone: "listed",
      unavailable: notOffered,
      async *list({ client }) {
        for await (const page of paginateListGuardrails({ client, pageSize: 100 }, {})) {
          for (const { id = "", status, createdAt } of page.guardrails ?? []) {
            yield { id, createdAt, going: status === "DELETING" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteGuardrailCommand({ guardrailIdentifier: id })),
    },
    {
      // What the next tenant asks and is answered would be written where it says.
      id: "invocation-logging",
      unavailable: notOffered,
      async *list({ client }) {
        const { loggingConfig } = await client.send(new GetModelInvocationLoggingConfigurationCommand({}));
        if (loggingConfig) yield { id: "configuration" };
      },
      remove: ({ client }) => client.send(new DeleteModelInvocationLoggingConfigurationCommand({})),
    },
  ],
});
