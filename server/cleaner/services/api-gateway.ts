import {
  APIGatewayClient,
  DeleteApiKeyCommand,
  DeleteDomainNameCommand,
  DeleteRestApiCommand,
  DeleteUsagePlanCommand,
  DeleteVpcLinkCommand,
  paginateGetApiKeys,
  paginateGetDomainNames,
  paginateGetRestApis,
  paginateGetUsagePlans,
  paginateGetVpcLinks,
  UpdateUsagePlanCommand,
} from "@aws-sdk/client-api-gateway";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "api-gateway",
  title: "Amazon API Gateway (REST)",
  scope: "regional",
  client: (options) => new APIGatewayClient(options),
  types: [
    {
      id: "usage-plan",
      async *list({ client }) {
        for await (const page of paginateGetUsagePlans({ client, pageSize: 500 }, {})) {
          for (const { id, apiStages } of page.items ?? []) {
            const stages = (apiStages ?? []).map((one) => `${one.apiId}:${one.stage}`);
            yield { id: id ?? "", data: { stages: stages.join(" ") } };
          }
        }
      },
      // A plan goes only without stages.
      async prepare({ client }, { id, data }) {
        const stages = data?.stages?.split(" ").filter(Boolean) ?? [];
        if (stages.length === 0) return;
        const patchOperations = stages.map((value) => ({ op: "remove" as const, path: "/apiStages", value }));
        await client.send(new UpdateUsagePlanCommand({ usagePlanId: id, patchOperations }));
      },
      remove: ({ client }, { id }) => client.send(new DeleteUsagePlanCommand({ usagePlanId: id })),
    },
    {
      id: "domain-name",
      async *list({ client }) {
        for await (const page of paginateGetDomainNames({ client, pageSize: 500 }, {})) {
          for (const { domainName } of page.items ?? []) yield { id: domainName ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDomainNameCommand({ domainName: id })),
    },
    {
      id: "rest-api",
      after: ["api-gateway/usage-plan", "api-gateway/domain-name"],
      // AWS takes one such removal in 30 seconds.
      // https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateGetRestApis({ client, pageSize: 500 }, {})) {
          for (const { id, createdDate } of page.items ?? []) yield { id: id ?? "", createdAt: createdDate };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteRestApiCommand({ restApiId: id })),
    },
    {
      id: "api-key",
      async *list({ client }) {
        for await (const page of paginateGetApiKeys({ client, pageSize: 500 }, {})) {
          for (const { id } of page.items ?? []) yield { id: id ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteApiKeyCommand({ apiKey: id })),
    },
    {
      id: "vpc-link",
      after: ["api-gateway/rest-api"],
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        for await (const page of paginateGetVpcLinks({ client, pageSize: 500 }, {})) {
          for (const { id, status } of page.items ?? []) yield { id: id ?? "", going: status === "DELETING" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteVpcLinkCommand({ vpcLinkId: id })),
    },
  ],
});
