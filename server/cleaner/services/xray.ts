import {
  DeleteGroupCommand,
  DeleteResourcePolicyCommand,
  DeleteSamplingRuleCommand,
  paginateGetGroups,
  paginateGetSamplingRules,
  paginateListResourcePolicies,
  XRayClient,
} from "@aws-sdk/client-xray";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "xray",
  title: "AWS X-Ray",
  scope: "regional",
  client: (options) => new XRayClient(options),
  types: [
    {
      id: "group",
      async *list({ client }) {
        for await (const page of paginateGetGroups({ client }, {})) {
          for (const { GroupARN: id = "", GroupName } of page.Groups ?? []) {
            yield { id, protected: GroupName === "Default" ? "AWS's own default group" : undefined };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteGroupCommand({ GroupARN: id })),
    },
    {
      id: "sampling-rule",
      async *list({ client }) {
        for await (const page of paginateGetSamplingRules({ client }, {})) {
          for (const { SamplingRule: rule, CreatedAt } of page.SamplingRuleRecords ?? []) {
            yield {
              id: rule?.RuleARN ?? rule?.RuleName ?? "",
              createdAt: CreatedAt,
              protected: rule?.RuleName === "Default" ? "AWS's own default rule" : undefined,
            };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteSamplingRuleCommand({ RuleARN: id })),
    },
    {
      id: "resource-policy",
      async *list({ client }) {
        for await (const page of paginateListResourcePolicies({ client }, {})) {
          for (const { PolicyName: id = "" } of page.ResourcePolicies ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteResourcePolicyCommand({ PolicyName: id })),
    },
  ],
});
