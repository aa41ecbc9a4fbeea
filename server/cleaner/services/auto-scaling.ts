import {
  AutoScalingClient,
  DeleteAutoScalingGroupCommand,
  DeleteLaunchConfigurationCommand,
  paginateDescribeAutoScalingGroups,
  paginateDescribeLaunchConfigurations,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { defineService } from "@/server/cleaner/define";

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-process-shutdown.html: policies, hooks and schedules go with the group. */
export const service = defineService({
  id: "auto-scaling",
  title: "Amazon EC2 Auto Scaling",
  scope: "regional",
  client: (options) => new AutoScalingClient(options),
  types: [
    {
      id: "group",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const page of paginateDescribeAutoScalingGroups({ client, pageSize: 100 }, {})) {
          for (const group of page.AutoScalingGroups ?? []) {
            const locked = group.DeletionProtection && group.DeletionProtection !== "none";
            yield {
              id: group.AutoScalingGroupName ?? "",
              createdAt: group.CreatedTime,
              // The only status that AWS gives: "Delete in progress".
              going: group.Status?.startsWith("Delete") ?? false,
              refs: group.VPCZoneIdentifier?.split(",").filter(Boolean) ?? [],
              data: { locked: locked ? "yes" : "" },
            };
          }
        }
      },
      async prepare({ client }, { id, data }) {
        if (!data?.locked) return;
        const open = { AutoScalingGroupName: id, DeletionProtection: "none" } as const;
        await client.send(new UpdateAutoScalingGroupCommand(open));
      },
      // With its instances, also those that are protected from scaling in.
      remove: ({ client }, { id }) =>
        client.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: id, ForceDelete: true })),
    },
    {
      id: "launch-configuration",
      after: ["auto-scaling/group"],
      async *list({ client }) {
        for await (const page of paginateDescribeLaunchConfigurations({ client, pageSize: 100 }, {})) {
          for (const { LaunchConfigurationName: id = "", CreatedTime } of page.LaunchConfigurations ?? []) {
            yield { id, createdAt: CreatedTime };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteLaunchConfigurationCommand({ LaunchConfigurationName: id })),
    },
  ],
});
