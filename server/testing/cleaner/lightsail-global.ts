import * as sdk from "@aws-sdk/client-lightsail";
import type { Backing } from "@/server/testing/cleaner/backing";
import { defineDouble } from "@/server/testing/double";

const token = ["pageToken", "nextPageToken"] as const;
const missing = "NotFoundException";

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.LightsailClient,
    global: true,
    kinds: {
      distribution: {
        key: "name",
        list: { operation: "GetDistributions", items: "distributions", token },
        remove: {
          operation: "DeleteDistribution",
          key: "distributionName",
          missing,
          leaves: { status: "InProgress" },
        },
        make: (n) => ({ name: `cdn-${n}`, status: "Deployed", isEnabled: true }),
      },
      domain: {
        key: "name",
        list: { operation: "GetDomains", items: "domains", token },
        remove: { operation: "DeleteDomain", key: "domainName", missing },
        make: (n) => ({ name: `shop-${n}.example` }),
      },
    },
  }),
};
