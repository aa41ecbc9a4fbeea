import * as sdk from "@aws-sdk/client-wafv2";
import type { Backing } from "@/server/testing/cleaner/backing";
import { type DoubleKind, defineDouble } from "@/server/testing/double";

function kind(what: string, items: string, path: string): DoubleKind {
  return {
    key: "Id",
    list: { operation: `List${what}s`, items, token: ["NextMarker", "NextMarker"], where: { Scope: "Scope" } },
    remove: { operation: `Delete${what}`, key: "Id", missing: "WAFNonexistentItemException", missingStatus: 400 },
    make: (n, { region, accountId }) => {
      const Scope = region === "us-east-1" && n === 2 ? "CLOUDFRONT" : "REGIONAL";
      const scope = Scope === "CLOUDFRONT" ? "global" : "regional";
      return {
        Id: `${path}-${n}`,
        Name: `lab-${n}`,
        ARN: `arn:aws:wafv2:${region}:${accountId}:${scope}/${path}/lab-${n}/${path}-${n}`,
        LockToken: `token-${n}`,
        Scope,
      };
    },
  };
}

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.WAFV2Client,
    kinds: {
      "web-acl": kind("WebACL", "WebACLs", "webacl"),
      "rule-group": kind("RuleGroup", "RuleGroups", "rulegroup"),
      "ip-set": kind("IPSet", "IPSets", "ipset"),
      "regex-pattern-set": kind("RegexPatternSet", "RegexPatternSets", "regexpatternset"),
    },
  }),
};
