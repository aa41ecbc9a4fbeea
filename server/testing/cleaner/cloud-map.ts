import * as cloudMap from "@aws-sdk/client-servicediscovery";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import type { Backing } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new cloudMap.ServiceDiscoveryClient(clientOptions(input));
  await client.send(new cloudMap.CreateHttpNamespaceCommand({ Name: "shop" }));
  const { Namespaces } = await client.send(new cloudMap.ListNamespacesCommand({}));
  const NamespaceId = Namespaces?.[0]?.Id;
  for (const Name of ["cart", "orders"]) {
    const { Service } = await client.send(new cloudMap.CreateServiceCommand({ Name, NamespaceId }));
    const Attributes = { AWS_INSTANCE_IPV4: "10.0.0.7" };
    const instance = { ServiceId: Service?.Id, InstanceId: `${Name}-1`, Attributes };
    await client.send(new cloudMap.RegisterInstanceCommand(instance));
  }
}

export const backing: Backing = { seed };
