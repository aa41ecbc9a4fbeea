import * as apis from "@aws-sdk/client-api-gateway";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import type { Backing } from "@/server/testing/cleaner/backing";

async function seedApis(input: ClientInput): Promise<void> {
  const client = new apis.APIGatewayClient(clientOptions(input));
  const { id: restApiId } = await client.send(new apis.CreateRestApiCommand({ name: "shop" }));
  await client.send(new apis.CreateUsagePlanCommand({ name: "free" }));
  await client.send(new apis.CreateApiKeyCommand({ name: "partner", enabled: true }));
  const domain = { domainName: `api-${input.region}.example.com`, certificateName: "c", certificateArn: "arn:c" };
  await client.send(new apis.CreateDomainNameCommand(domain));
  const { items } = await client.send(new apis.GetResourcesCommand({ restApiId }));
  const method = { httpMethod: "GET", authorizationType: "NONE" };
  await client.send(new apis.PutMethodCommand({ restApiId, resourceId: items?.[0]?.id, ...method }));
  const target = `arn:aws:elasticloadbalancing:${input.region}:123456789012:loadbalancer/net/a/1`;
  await client.send(new apis.CreateVpcLinkCommand({ name: "inside", targetArns: [target] }));
}

export const backing: Backing = {
  seed: seedApis,
  failsWhenGone: ["rest-api", "usage-plan"],
};
