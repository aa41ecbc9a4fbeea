import * as apis2 from "@aws-sdk/client-apigatewayv2";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import type { Backing } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new apis2.ApiGatewayV2Client(clientOptions(input));
  await client.send(new apis2.CreateApiCommand({ Name: "chat", ProtocolType: "HTTP" }));
  await client.send(new apis2.CreateVpcLinkCommand({ Name: "inside", SubnetIds: ["subnet-1"] }));
  await client.send(new apis2.CreateDomainNameCommand({ DomainName: `chat-${input.region}.example.com` }));
}

export const backing: Backing = {
  seed,
};
