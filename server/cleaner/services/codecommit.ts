import {
  CodeCommitClient,
  DeleteApprovalRuleTemplateCommand,
  DeleteRepositoryCommand,
  paginateListApprovalRuleTemplates,
  paginateListRepositories,
} from "@aws-sdk/client-codecommit";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "codecommit",
  title: "AWS CodeCommit",
  scope: "regional",
  client: (options) => new CodeCommitClient(options),
  types: [
    {
      id: "repository",
      async *list({ client }) {
        for await (const page of paginateListRepositories({ client }, {})) {
          for (const { repositoryName: id = "" } of page.repositories ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteRepositoryCommand({ repositoryName: id })),
    },
    {
      id: "approval-rule-template",
      after: ["codecommit/repository"],
      async *list({ client }) {
        for await (const page of paginateListApprovalRuleTemplates({ client }, {})) {
          for (const id of page.approvalRuleTemplateNames ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteApprovalRuleTemplateCommand({ approvalRuleTemplateName: id })),
    },
  ],
});
