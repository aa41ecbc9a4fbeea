import * as elb from "@aws-sdk/client-elastic-load-balancing";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { type Backing, times } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new elb.ElasticLoadBalancingClient(clientOptions(input));
  const Listeners = [{ Protocol: "HTTP", LoadBalancerPort: 80, InstancePort: 8080 }];
  await times(3, (index) =>
    client.send(
      new elb.CreateLoadBalancerCommand({
        LoadBalancerName: `old-${index}`,
        Listeners,
        AvailabilityZones: [`${input.region}a`],
      }),
    ),
  );
}

export const backing: Backing = { seed };
