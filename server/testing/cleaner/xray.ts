import * as sdk from "@aws-sdk/client-xray";
import type { Backing } from "@/server/testing/cleaner/backing";
import { defineDouble } from "@/server/testing/double";

const token = ["NextToken", "NextToken"] as const;
// X-Ray has no error of its own for what is not there; the message says it.
const missing = "InvalidRequestException";

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.XRayClient,
    kinds: {
      group: {
        key: "GroupARN",
        list: { operation: "GetGroups", items: "Groups", token },
        remove: { operation: "DeleteGroup", key: "GroupARN", missing, missingStatus: 400 },
        make: (n, { region, accountId }) => ({
          GroupARN: `arn:aws:xray:${region}:${accountId}:group/slow-${n}/X`,
          GroupName: `slow-${n}`,
        }),
      },
      "sampling-rule": {
        key: "RuleARN",
        list: {
          operation: "GetSamplingRules",
          items: "SamplingRuleRecords",
          token,
          as: ({ RuleARN, RuleName }) => ({ SamplingRule: { RuleARN, RuleName }, CreatedAt: new Date(0) }),
        },
        remove: { operation: "DeleteSamplingRule", key: "RuleARN", missing, missingStatus: 400 },
        make: (n, { region, accountId }) => ({
          RuleARN: `arn:aws:xray:${region}:${accountId}:sampling-rule/all-${n}`,
          RuleName: `all-${n}`,
        }),
      },
      "resource-policy": {
        key: "PolicyName",
        list: { operation: "ListResourcePolicies", items: "ResourcePolicies", token },
        remove: { operation: "DeleteResourcePolicy", key: "PolicyName", missing, missingStatus: 400 },
        make: (n) => ({ PolicyName: `topics-${n}`, PolicyDocument: "{}" }),
      },
    },
  }),
};
