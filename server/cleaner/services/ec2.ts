import {
  CancelSpotFleetRequestsCommand,
  CancelSpotInstanceRequestsCommand,
  DeleteFleetsCommand,
  DeleteKeyPairCommand,
  DeleteLaunchTemplateCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DeregisterImageCommand,
  DescribeKeyPairsCommand,
  EC2Client,
  type Instance,
  ModifyInstanceAttributeCommand,
  paginateDescribeFleets,
  paginateDescribeHosts,
  paginateDescribeImages,
  paginateDescribeInstances,
  paginateDescribeLaunchTemplates,
  paginateDescribeSnapshots,
  paginateDescribeSpotFleetRequests,
  paginateDescribeSpotInstanceRequests,
  paginateDescribeVolumes,
  ReleaseHostsCommand,
  TerminateInstancesCommand,
  type Volume,
} from "@aws-sdk/client-ec2";
import { defineService, type Resource } from "@/server/cleaner/define";

/** Machines, their disks and what starts them. Networks are in `vpc.ts`. */
export const service = defineService({
  id: "ec2",
  title: "Amazon EC2",
  scope: "regional",
  client: (options) => new EC2Client(options),
  types: [
    {
      id: "fleet",
      stage: "first",
      async *list({ client }) {
        const states = [{ Name: "fleet-state", Values: ["submitted", "active", "modifying"] }];
        for await (const page of paginateDescribeFleets({ client }, { Filters: states })) {
          for (const { FleetId, FleetState } of page.Fleets ?? []) {
            if (!FleetState?.startsWith("deleted")) yield { id: FleetId ?? "" };
          }
        }
      },
      async remove({ client }, { id }) {
        const asked = new DeleteFleetsCommand({ FleetIds: [id], TerminateInstances: true });
        const error = (await client.send(asked)).UnsuccessfulFleetDeletions?.[0]?.Error;
        if (error) throw Object.assign(new Error(error.Message), { name: error.Code ?? "DeleteFleets" });
      },
    },
    {
      id: "spot-fleet",
      stage: "first",
      async *list({ client }) {
        for await (const page of paginateDescribeSpotFleetRequests({ client }, {})) {
          for (const { SpotFleetRequestId, SpotFleetRequestState } of page.SpotFleetRequestConfigs ?? []) {
            if (!SpotFleetRequestState?.startsWith("cancelled")) yield { id: SpotFleetRequestId ?? "" };
          }
        }
      },
      async remove({ client }, { id }) {
        const asked = new CancelSpotFleetRequestsCommand({ SpotFleetRequestIds: [id], TerminateInstances: true });
        const error = (await client.send(asked)).UnsuccessfulFleetRequests?.[0]?.Error;
        if (error) throw Object.assign(new Error(error.Message), { name: error.Code ?? "CancelSpotFleetRequests" });
      },
    },
    {
      id: "spot-request",
      stage: "first",
      async *list({ client }) {
        const states = [{ Name: "state", Values: ["open", "active", "disabled"] }];
        for await (const page of paginateDescribeSpotInstanceRequests({ client }, { Filters: states })) {
          for (const { SpotInstanceRequestId } of page.SpotInstanceRequests ?? []) {
            yield { id: SpotInstanceRequestId ?? "" };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [id] })),
    },
    {
      id: "instance",
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        const states = ["pending", "running", "shutting-down", "stopping", "stopped"];
        const filter = { Filters: [{ Name: "instance-state-name", Values: states }] };
        for await (const page of paginateDescribeInstances({ client, pageSize: 1000 }, filter)) {
          for (const instance of (page.Reservations ?? []).flatMap((one) => one.Instances ?? [])) {
            yield {
              id: instance.InstanceId ?? "",
              createdAt: instance.LaunchTime,
              going: instance.State?.Name === "shutting-down",
              refs: usedBy(instance),
            };
          }
        }
      },
      async remove({ client }, { id }) {
        const terminate = () => client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
        try {
          await terminate();
        } catch (error) {
          if (!(error instanceof Error) || error.name !== "OperationNotPermitted") throw error;
          const off = { InstanceId: id, DisableApiTermination: { Value: false } };
          await client.send(new ModifyInstanceAttributeCommand(off));
          await terminate();
        }
      },
    },
    {
      id: "volume",
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateDescribeVolumes({ client, pageSize: 500 }, {})) {
          for (const volume of page.Volumes ?? []) {
            if (goesWithInstance(volume)) continue;
            const { VolumeId: id = "", CreateTime: createdAt, State } = volume;
            yield { id, createdAt, going: State === "deleting" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteVolumeCommand({ VolumeId: id })),
    },
    {
      id: "image",
      async *list({ client }) {
        for await (const page of paginateDescribeImages({ client }, { Owners: ["self"], IncludeDisabled: true })) {
          for (const image of page.Images ?? []) {
            const disks = image.BlockDeviceMappings ?? [];
            yield { id: image.ImageId ?? "", refs: disks.flatMap((disk) => disk.Ebs?.SnapshotId ?? []) };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeregisterImageCommand({ ImageId: id })),
    },
    {
      id: "snapshot",
      async *list({ client }) {
        for await (const page of paginateDescribeSnapshots({ client, pageSize: 1000 }, { OwnerIds: ["self"] })) {
          for (const { SnapshotId, StartTime } of page.Snapshots ?? []) {
            yield { id: SnapshotId ?? "", createdAt: StartTime };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteSnapshotCommand({ SnapshotId: id })),
    },
    {
      id: "launch-template",
      async *list({ client }) {
        for await (const page of paginateDescribeLaunchTemplates({ client }, {})) {
          for (const { LaunchTemplateId } of page.LaunchTemplates ?? []) yield { id: LaunchTemplateId ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id })),
    },
    {
      id: "key-pair",
      async *list({ client }) {
        const page = await client.send(new DescribeKeyPairsCommand({}));
        for (const { KeyPairId, KeyName } of page.KeyPairs ?? []) {
          yield { id: KeyPairId ?? KeyName ?? "", data: { name: KeyName ?? "" } };
        }
      },
      remove: ({ client }, { data }) => client.send(new DeleteKeyPairCommand({ KeyName: data?.name })),
    },
    {
      id: "dedicated-host",
      after: ["ec2/instance"],
      async *list({ client }) {
        for await (const page of paginateDescribeHosts({ client }, {})) {
          for (const { HostId, State } of page.Hosts ?? []) {
            if (!State?.startsWith("released")) yield { id: HostId ?? "" };
          }
        }
      },
      async remove({ client }, { id }) {
        const { Unsuccessful } = await client.send(new ReleaseHostsCommand({ HostIds: [id] }));
        const error = Unsuccessful?.[0]?.Error;
        if (error) throw Object.assign(new Error(error.Message), { name: error.Code ?? "ReleaseHosts" });
      },
    },
  ],
});

/** What an instance stands on, and the disks and interfaces that stay when it goes. */
function usedBy(instance: Instance): Resource["refs"] {
  return [
    instance.SubnetId,
    instance.VpcId,
    ...(instance.SecurityGroups ?? []).map((group) => group.GroupId),
    ...(instance.NetworkInterfaces ?? []).map((one) => one.NetworkInterfaceId),
    ...(instance.BlockDeviceMappings ?? []).map((disk) => disk.Ebs?.VolumeId),
  ].flatMap((id) => id ?? []);
}

/** Such a disk is no find of its own: were it still there after its instance, it would be listed, unattached. */
function goesWithInstance(volume: Volume): boolean {
  return (volume.Attachments ?? []).some((one) => one.State === "attached" && one.DeleteOnTermination === true);
}
