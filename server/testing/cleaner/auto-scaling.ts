import * as sdk from "@aws-sdk/client-auto-scaling";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble } from "@/server/testing/double";

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.AutoScalingClient,
    kinds: {
      group: {
        key: "AutoScalingGroupName",
        list: {
          operation: "DescribeAutoScalingGroups",
          items: "AutoScalingGroups",
          token: ["NextToken", "NextToken"],
        },
        remove: {
          operation: "DeleteAutoScalingGroup",
          key: "AutoScalingGroupName",
          missing: "ValidationError",
          missingStatus: 400,
          refuses: (group) =>
            group.DeletionProtection === "none"
              ? undefined
              : new DoubleError("ResourceInUse", 400, "The group has deletion protection"),
          leaves: { Status: "Delete in progress" },
        },
        make: (n, { region }) => ({
          AutoScalingGroupName: `fleet-${n}`,
          CreatedTime: new Date(0),
          MinSize: 1,
          MaxSize: 2,
          DesiredCapacity: 1,
          DefaultCooldown: 300,
          HealthCheckType: "EC2",
          AvailabilityZones: [`${region}a`],
          VPCZoneIdentifier: "subnet-1,subnet-2",
          DeletionProtection: n === 0 ? "prevent-all-deletion" : "none",
        }),
      },
      "launch-configuration": {
        key: "LaunchConfigurationName",
        list: {
          operation: "DescribeLaunchConfigurations",
          items: "LaunchConfigurations",
          token: ["NextToken", "NextToken"],
        },
        remove: {
          operation: "DeleteLaunchConfiguration",
          key: "LaunchConfigurationName",
          missing: "ValidationError",
          missingStatus: 400,
          refuses: (_, store) =>
            store.all("group").length > 0
              ? new DoubleError("ResourceInUse", 400, "Cannot delete launch configuration: it is attached to a group")
              : undefined,
        },
        make: (n) => ({
          LaunchConfigurationName: `old-${n}`,
          ImageId: "ami-1",
          InstanceType: "t3.micro",
          CreatedTime: new Date(0),
        }),
      },
    },
    answers: {
      UpdateAutoScalingGroup: (store, { AutoScalingGroupName, DeletionProtection }) => {
        const name = String(AutoScalingGroupName);
        store.put("group", name, { ...store.get("group", name), DeletionProtection });
      },
    },
  }),
};
