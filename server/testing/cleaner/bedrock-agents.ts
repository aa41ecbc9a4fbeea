import * as sdk from "@aws-sdk/client-bedrock-agent";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble, type Shape, type Store } from "@/server/testing/double";

const missing = "ResourceNotFoundException";
const times = { createdAt: new Date(0), updatedAt: new Date(0) };

function kind(
  key: string,
  list: string,
  items: string,
  remove: Partial<NonNullable<DoubleKind["remove"]>> & { operation: string },
  item: Shape = {},
): DoubleKind {
  return {
    key,
    list: { operation: list, items, token: ["nextToken", "nextToken"] },
    remove: { key, missing, ...remove },
    make: (n) => ({ [key]: `LAB${n}`, name: "lab", ...times, ...item }),
  };
}

function base(store: Store, { knowledgeBaseId }: Shape): Shape {
  const item = store.get("knowledge-base", String(knowledgeBaseId));
  if (!item) throw new DoubleError(missing, 404, "does not exist");
  return item;
}
const source = ({ knowledgeBaseId, sources, policy }: Shape) => ({
  knowledgeBaseId,
  dataSourceId: "DS1",
  name: "documents",
  status: "AVAILABLE",
  dataSourceConfiguration: { type: "S3", s3Configuration: { bucketArn: "arn:aws:s3:::documents" } },
  dataDeletionPolicy: policy,
  sources,
  ...times,
});
const change = (store: Store, input: Shape, members: Shape) =>
  store.put("knowledge-base", String(input.knowledgeBaseId), { ...base(store, input), ...members });

/** Each knowledge base has a data source, whose vectors are to be deleted one by one until it is told otherwise. */
export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.BedrockAgentClient,
    kinds: {
      agent: kind(
        "agentId",
        "ListAgents",
        "agentSummaries",
        { operation: "DeleteAgent", leaves: { agentStatus: "DELETING" } },
        { agentName: "lab", agentStatus: "PREPARED" },
      ),
      flow: kind("id", "ListFlows", "flowSummaries", { operation: "DeleteFlow", key: "flowIdentifier" }),
      "knowledge-base": kind(
        "knowledgeBaseId",
        "ListKnowledgeBases",
        "knowledgeBaseSummaries",
        {
          operation: "DeleteKnowledgeBase",
          refuses: ({ sources }, store) =>
            sources || store.all("agent").length > 0 ? new DoubleError("ConflictException", 409) : undefined,
          leaves: { status: "DELETING" },
        },
        { status: "ACTIVE", sources: true, policy: "DELETE" },
      ),
      prompt: kind("id", "ListPrompts", "promptSummaries", { operation: "DeletePrompt", key: "promptIdentifier" }),
    },
    answers: {
      ListDataSources: (store, input) => {
        const item = base(store, input);
        return { dataSourceSummaries: item.sources ? [source(item)] : [] };
      },
      GetDataSource: (store, input) => ({ dataSource: source(base(store, input)) }),
      UpdateDataSource: (store, input) => {
        change(store, input, { policy: input.dataDeletionPolicy });
        return { dataSource: source(base(store, input)) };
      },
      DeleteDataSource: (store, input) => {
        if (base(store, input).policy !== "RETAIN") throw new DoubleError("ConflictException", 409);
        change(store, input, { sources: false });
        return { ...input, status: "DELETING" };
      },
    },
  }),
};
