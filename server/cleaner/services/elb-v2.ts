import {
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DeleteTrustStoreCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
  paginateDescribeTrustStores,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { defineService } from "@/server/cleaner/define";

/**
 * Application, network and gateway load balancers. Listeners and rules go with them.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html: refused with
 * OperationNotPermitted while deletion protection is on, with ResourceInUse while an endpoint service stands on it.
 */
export const service = defineService({
  id: "elb-v2",
  title: "Elastic Load Balancing",
  scope: "regional",
  client: (options) => new ElasticLoadBalancingV2Client(options),
  types: [
    {
      id: "load-balancer",
      after: ["vpc/endpoint-service"],
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        for await (const page of paginateDescribeLoadBalancers({ client, pageSize: 400 }, {})) {
          for (const one of page.LoadBalancers ?? []) {
            const subnets = (one.AvailabilityZones ?? []).flatMap((zone) => zone.SubnetId ?? []);
            const refs = [...subnets, ...(one.SecurityGroups ?? [])];
            yield { id: one.LoadBalancerArn ?? "", createdAt: one.CreatedTime, refs };
          }
        }
      },
      async prepare({ client }, { id }) {
        const Attributes = [{ Key: "deletion_protection.enabled", Value: "false" }];
        await client.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: id, Attributes }));
      },
      remove: ({ client }, { id }) => client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: id })),
    },
    {
      id: "target-group",
      after: ["elb-v2/load-balancer"],
      async *list({ client }) {
        for await (const page of paginateDescribeTargetGroups({ client, pageSize: 400 }, {})) {
          for (const { TargetGroupArn } of page.TargetGroups ?? []) yield { id: TargetGroupArn ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteTargetGroupCommand({ TargetGroupArn: id })),
    },
    {
      id: "trust-store",
      after: ["elb-v2/load-balancer"],
      async *list({ client }) {
        for await (const page of paginateDescribeTrustStores({ client, pageSize: 400 }, {})) {
          for (const { TrustStoreArn } of page.TrustStores ?? []) yield { id: TrustStoreArn ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteTrustStoreCommand({ TrustStoreArn: id })),
    },
  ],
});
