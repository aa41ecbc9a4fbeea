import {
  DeleteLoadBalancerCommand,
  ElasticLoadBalancingClient,
  paginateDescribeLoadBalancers,
} from "@aws-sdk/client-elastic-load-balancing";
import { defineService } from "@/server/cleaner/define";

/** https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DeleteLoadBalancer.html: listeners go with it. */
export const service = defineService({
  id: "elb",
  title: "Elastic Load Balancing (Classic)",
  scope: "regional",
  client: (options) => new ElasticLoadBalancingClient(options),
  types: [
    {
      id: "load-balancer",
      async *list({ client }) {
        for await (const page of paginateDescribeLoadBalancers({ client }, {})) {
          for (const { LoadBalancerName, CreatedTime, Subnets, SecurityGroups } of page.LoadBalancerDescriptions ??
            []) {
            const refs = [...(Subnets ?? []), ...(SecurityGroups ?? [])];
            yield { id: LoadBalancerName ?? "", createdAt: CreatedTime, refs };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteLoadBalancerCommand({ LoadBalancerName: id })),
    },
  ],
});
