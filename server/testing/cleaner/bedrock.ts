import * as sdk from "@aws-sdk/client-bedrock";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble, type Shape, type Store } from "@/server/testing/double";

const missing = "ResourceNotFoundException";
type Place = { region: string; accountId: string };
type List = Pick<NonNullable<DoubleKind["list"]>, "operation" | "items"> & { where?: Record<string, string> };

function kind(
  key: string,
  list: List,
  remove: Partial<NonNullable<DoubleKind["remove"]>> & { operation: string },
  item: Shape = {},
): DoubleKind {
  return {
    key,
    list: { token: ["nextToken", "nextToken"], ...list },
    remove: { key, missing, ...remove },
    make: (n, { region, accountId }: Place) => ({
      // An ARN with a slash in it, as Bedrock's are, goes into the path of the request.
      [key]: `arn:aws:bedrock:${region}:${accountId}:${key}/lab-${n}`,
      createdAt: new Date(0),
      creationTime: new Date(0),
      ...item,
    }),
  };
}

const evaluation = (store: Store, id: unknown) => store.get("evaluation-job", String(id));

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.BedrockClient,
    kinds: {
      "customization-job": kind(
        "jobArn",
        {
          operation: "ListModelCustomizationJobs",
          items: "modelCustomizationJobSummaries",
          where: { status: "statusEquals" },
        },
        { operation: "StopModelCustomizationJob", key: "jobIdentifier" },
        { status: "InProgress" },
      ),
      "batch-inference-job": kind(
        "jobArn",
        { operation: "ListModelInvocationJobs", items: "invocationJobSummaries" },
        { operation: "StopModelInvocationJob", key: "jobIdentifier", leaves: { status: "Stopping" } },
        { status: "InProgress", submitTime: new Date(0) },
      ),
      "evaluation-job": {
        key: "jobArn",
        list: { operation: "ListEvaluationJobs", items: "jobSummaries", token: ["nextToken", "nextToken"] },
        make: (n, { region, accountId }) => ({
          jobArn: `arn:aws:bedrock:${region}:${accountId}:evaluation-job/lab-${n}`,
          jobName: "lab",
          status: n === 0 ? "InProgress" : "Completed",
          creationTime: new Date(0),
        }),
      },
      "provisioned-throughput": kind(
        "provisionedModelArn",
        { operation: "ListProvisionedModelThroughputs", items: "provisionedModelSummaries" },
        { operation: "DeleteProvisionedModelThroughput", key: "provisionedModelId", leaves: {} },
      ),
      "custom-model-deployment": kind(
        "customModelDeploymentArn",
        { operation: "ListCustomModelDeployments", items: "modelDeploymentSummaries" },
        { operation: "DeleteCustomModelDeployment", key: "customModelDeploymentIdentifier", leaves: {} },
      ),
      "custom-model": kind(
        "modelArn",
        { operation: "ListCustomModels", items: "modelSummaries" },
        {
          operation: "DeleteCustomModel",
          key: "modelIdentifier",
          refuses: (_, store) =>
            store.all("provisioned-throughput").length > 0 ? new DoubleError("ConflictException") : undefined,
        },
      ),
      "imported-model": kind(
        "modelArn",
        { operation: "ListImportedModels", items: "modelSummaries" },
        { operation: "DeleteImportedModel", key: "modelIdentifier" },
      ),
      "marketplace-model-endpoint": kind(
        "endpointArn",
        { operation: "ListMarketplaceModelEndpoints", items: "marketplaceModelEndpoints" },
        { operation: "DeleteMarketplaceModelEndpoint", leaves: {} },
        { updatedAt: new Date(0) },
      ),
      "inference-profile": kind(
        "inferenceProfileArn",
        { operation: "ListInferenceProfiles", items: "inferenceProfileSummaries", where: { type: "typeEquals" } },
        { operation: "DeleteInferenceProfile", key: "inferenceProfileIdentifier" },
        { type: "APPLICATION" },
      ),
      "prompt-router": kind(
        "promptRouterArn",
        { operation: "ListPromptRouters", items: "promptRouterSummaries", where: { type: "type" } },
        { operation: "DeletePromptRouter" },
        { type: "custom" },
      ),
      guardrail: kind(
        "id",
        { operation: "ListGuardrails", items: "guardrails" },
        { operation: "DeleteGuardrail", key: "guardrailIdentifier", leaves: { status: "DELETING" } },
        { status: "READY", updatedAt: new Date(0) },
      ),
      "invocation-logging": { key: "name", count: 1, make: () => ({ name: "configuration" }) },
    },
    answers: {
      BatchDeleteEvaluationJob: (store, { jobIdentifiers }) => {
        const [id = ""] = jobIdentifiers as string[];
        const item = evaluation(store, id);
        if (item && item.status !== "InProgress" && store.remove("evaluation-job", id)) {
          return { errors: [], evaluationJobs: [{ jobIdentifier: id, jobStatus: "Deleting" }] };
        }
        return { errors: [{ jobIdentifier: id, code: item ? "409" : "404" }], evaluationJobs: [] };
      },
      StopEvaluationJob: (store, { jobIdentifier }) => {
        const item = evaluation(store, jobIdentifier);
        if (!item) throw new DoubleError(missing, 404, "does not exist");
        store.put("evaluation-job", String(jobIdentifier), { ...item, status: "Stopped" });
        return {};
      },
      GetModelInvocationLoggingConfiguration: (store) => ({
        loggingConfig: store.get("invocation-logging", "configuration") && { s3Config: { bucketName: "of-another" } },
      }),
      DeleteModelInvocationLoggingConfiguration: (store) => void store.remove("invocation-logging", "configuration"),
    },
  }),
};
