import { AccessAnalyzerClient, DeleteAnalyzerCommand, paginateListAnalyzers } from "@aws-sdk/client-accessanalyzer";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "access-analyzer",
  title: "IAM Access Analyzer",
  scope: "regional",
  client: (options) => new AccessAnalyzerClient(options),
  types: [
    {
      // Archive rules and findings go along.
      id: "analyzer",
      after: ["security-hub/hub-v2"],
      async *list({ client }) {
        for await (const page of paginateListAnalyzers({ client }, {})) {
          for (const { name: id = "", createdAt, managedBy } of page.analyzers ?? []) {
            // One that another service made goes with that service's removal.
            yield { id, createdAt, going: managedBy !== undefined };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteAnalyzerCommand({ analyzerName: id })),
    },
  ],
});
