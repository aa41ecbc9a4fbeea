import * as sdk from "@aws-sdk/client-opensearchserverless";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble } from "@/server/testing/double";

const missing = "ResourceNotFoundException";

function kind(
  name: string,
  items: string,
  types: readonly string[] = [],
  remove: Partial<DoubleKind["remove"]> = {},
): DoubleKind {
  const key = name.endsWith("Policy") ? "name" : "id";
  return {
    key,
    list: {
      operation: `List${name.replace(/y$/, "ie")}s`,
      items,
      token: ["nextToken", "nextToken"],
      ...(types.length > 0 ? { where: { type: "type" } } : {}),
    },
    remove: { operation: `Delete${name}`, key, missing, missingStatus: 400, ...remove },
    make: (n) => ({ [key]: `lab-${n}`, status: "ACTIVE", type: types[n % types.length] }),
  };
}

const leaves = { status: "DELETING" };

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.OpenSearchServerlessClient,
    kinds: {
      collection: kind("Collection", "collectionSummaries", [], { leaves }),
      "collection-group": kind("CollectionGroup", "collectionGroupSummaries", [], {
        refuses: (_, store) =>
          store.all("collection").length > 0
            ? new DoubleError("ConflictException", 409, "The group has collections")
            : undefined,
      }),
      "vpc-endpoint": kind("VpcEndpoint", "vpcEndpointSummaries", [], { leaves }),
      "access-policy": kind("AccessPolicy", "accessPolicySummaries", ["data"]),
      "security-policy": kind("SecurityPolicy", "securityPolicySummaries", ["encryption", "network"]),
      "lifecycle-policy": kind("LifecyclePolicy", "lifecyclePolicySummaries", ["retention"]),
      "security-config": kind("SecurityConfig", "securityConfigSummaries", ["saml", "iamidentitycenter"]),
    },
  }),
};
