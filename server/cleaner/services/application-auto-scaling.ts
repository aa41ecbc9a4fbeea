import {
  ApplicationAutoScalingClient,
  DeregisterScalableTargetCommand,
  paginateDescribeScalableTargets,
  type ScalableDimension,
  ServiceNamespace,
} from "@aws-sdk/client-application-auto-scaling";
import { defineService } from "@/server/cleaner/define";

/**
 * What scales tables, services and the like by itself. Policies and scheduled actions go with a target.
 * https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html
 */
export const service = defineService({
  id: "application-auto-scaling",
  title: "Application Auto Scaling",
  scope: "regional",
  client: (options) => new ApplicationAutoScalingClient(options),
  types: [
    {
      id: "scalable-target",
      stage: "first",
      async *list({ client }) {
        // Each list is of one namespace.
        for (const namespace of Object.values(ServiceNamespace)) {
          const asked = { ServiceNamespace: namespace };
          for await (const page of paginateDescribeScalableTargets({ client, pageSize: 50 }, asked)) {
            for (const { ResourceId = "", ScalableDimension: dimension = "", CreationTime } of page.ScalableTargets ??
              []) {
              yield {
                id: `${namespace}|${ResourceId}|${dimension}`,
                createdAt: CreationTime,
                data: { namespace, resource: ResourceId, dimension },
              };
            }
          }
        }
      },
      remove: ({ client }, { data }) =>
        client.send(
          new DeregisterScalableTargetCommand({
            ServiceNamespace: data?.namespace as ServiceNamespace,
            ResourceId: data?.resource,
            ScalableDimension: data?.dimension as ScalableDimension,
          }),
        ),
    },
  ],
});
