import {
  ApiGatewayV2Client,
  DeleteApiCommand,
  DeleteDomainNameCommand,
  DeleteVpcLinkCommand,
  GetApisCommand,
  GetDomainNamesCommand,
  GetVpcLinksCommand,
} from "@aws-sdk/client-apigatewayv2";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "api-gateway-v2",
  title: "Amazon API Gateway (HTTP and WebSocket)",
  scope: "regional",
  client: (options) => new ApiGatewayV2Client(options),
  types: [
    {
      id: "domain-name",
      async *list({ client }) {
        for (let NextToken: string | undefined; ; ) {
          const page = await client.send(new GetDomainNamesCommand({ NextToken }));
          for (const { DomainName } of page.Items ?? []) yield { id: DomainName ?? "" };
          NextToken = page.NextToken;
          if (!NextToken) return;
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDomainNameCommand({ DomainName: id })),
    },
    {
      id: "api",
      after: ["api-gateway-v2/domain-name"],
      async *list({ client }) {
        for (let NextToken: string | undefined; ; ) {
          const page = await client.send(new GetApisCommand({ NextToken }));
          for (const { ApiId, CreatedDate } of page.Items ?? []) yield { id: ApiId ?? "", createdAt: CreatedDate };
          NextToken = page.NextToken;
          if (!NextToken) return;
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteApiCommand({ ApiId: id })),
    },
    {
      id: "vpc-link",
      after: ["api-gateway-v2/api"],
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        for (let NextToken: string | undefined; ; ) {
          const page = await client.send(new GetVpcLinksCommand({ NextToken }));
          for (const { VpcLinkId, VpcLinkStatus, SubnetIds = [], SecurityGroupIds = [] } of page.Items ?? []) {
            const refs = [...SubnetIds, ...SecurityGroupIds];
            yield { id: VpcLinkId ?? "", going: VpcLinkStatus === "DELETING", refs };
          }
          NextToken = page.NextToken;
          if (!NextToken) return;
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteVpcLinkCommand({ VpcLinkId: id })),
    },
  ],
});
