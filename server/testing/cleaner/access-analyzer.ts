import * as sdk from "@aws-sdk/client-accessanalyzer";
import type { Backing } from "@/server/testing/cleaner/backing";
import { defineDouble } from "@/server/testing/double";

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.AccessAnalyzerClient,
    kinds: {
      analyzer: {
        key: "name",
        list: { operation: "ListAnalyzers", items: "analyzers", token: ["nextToken", "nextToken"] },
        remove: { operation: "DeleteAnalyzer", key: "analyzerName", missing: "ResourceNotFoundException" },
        make: (n, { region, accountId }) => ({
          name: `outside-${n}`,
          arn: `arn:aws:access-analyzer:${region}:${accountId}:analyzer/outside-${n}`,
          type: "ACCOUNT",
          status: "ACTIVE",
          createdAt: new Date(0),
        }),
      },
    },
  }),
};
