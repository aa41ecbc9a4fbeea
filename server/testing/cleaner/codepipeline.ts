import * as sdk from "@aws-sdk/client-codepipeline";
import type { Backing } from "@/server/testing/cleaner/backing";
import { defineDouble } from "@/server/testing/double";

const token = ["nextToken", "nextToken"] as const;

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.CodePipelineClient,
    kinds: {
      webhook: {
        key: "name",
        list: {
          operation: "ListWebhooks",
          items: "webhooks",
          token: ["NextToken", "NextToken"],
          as: ({ name }) => ({ definition: { name }, url: "https://example.com" }),
        },
        remove: { operation: "DeleteWebhook", key: "name", missing: "WebhookNotFoundException" },
        make: (n) => ({ name: `push-${n}` }),
      },
      pipeline: {
        key: "name",
        list: { operation: "ListPipelines", items: "pipelines", token },
        remove: { operation: "DeletePipeline", key: "name", missing: "PipelineNotFoundException" },
        make: (n) => ({ name: `site-${n}`, version: 1, created: new Date(0) }),
      },
      "custom-action-type": {
        key: "version",
        list: {
          operation: "ListActionTypes",
          items: "actionTypes",
          token,
          where: { owner: "actionOwnerFilter" },
          as: ({ version, owner }) => ({
            id: { category: "Build", owner, provider: "Own", version },
            inputArtifactDetails: { minimumCount: 0, maximumCount: 1 },
            outputArtifactDetails: { minimumCount: 0, maximumCount: 1 },
          }),
        },
        remove: { operation: "DeleteCustomActionType", key: "version", missing: "ActionTypeNotFoundException" },
        make: (n) => ({ version: String(n), owner: "Custom" }),
      },
    },
  }),
};
