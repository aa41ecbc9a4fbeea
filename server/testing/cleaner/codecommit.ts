import * as sdk from "@aws-sdk/client-codecommit";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble } from "@/server/testing/double";

const token = ["nextToken", "nextToken"] as const;

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.CodeCommitClient,
    kinds: {
      repository: {
        key: "repositoryName",
        list: { operation: "ListRepositories", items: "repositories", token },
        remove: {
          operation: "DeleteRepository",
          key: "repositoryName",
          missing: "RepositoryDoesNotExistException",
          missingStatus: 400,
        },
        make: (n) => ({ repositoryName: `site-${n}`, repositoryId: String(n) }),
      },
      "approval-rule-template": {
        key: "approvalRuleTemplateName",
        list: {
          operation: "ListApprovalRuleTemplates",
          items: "approvalRuleTemplateNames",
          token,
          as: ({ approvalRuleTemplateName }) => approvalRuleTemplateName,
        },
        remove: {
          operation: "DeleteApprovalRuleTemplate",
          key: "approvalRuleTemplateName",
          missing: "ApprovalRuleTemplateDoesNotExistException",
          missingStatus: 400,
          refuses: (_, store) =>
            store.all("repository").length > 0 ? new DoubleError("ApprovalRuleTemplateInUseException") : undefined,
        },
        make: (n) => ({ approvalRuleTemplateName: `two-${n}` }),
      },
    },
  }),
};
