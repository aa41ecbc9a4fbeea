import * as ec2 from "@aws-sdk/client-ec2";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import type { Backing } from "@/server/testing/cleaner/backing";
import { defineDouble } from "@/server/testing/double";

async function seedEc2(input: ClientInput): Promise<void> {
  const client = new ec2.EC2Client(clientOptions(input));
  const run = await client.send(
    new ec2.RunInstancesCommand({ ImageId: "ami-12c6146b", MinCount: 2, MaxCount: 2, InstanceType: "t3.micro" }),
  );
  const id = run.Instances?.[0]?.InstanceId ?? "";
  const locked = { InstanceId: id, DisableApiTermination: { Value: true } };
  await client.send(new ec2.ModifyInstanceAttributeCommand(locked));
  const zone = `${input.region}a`;
  const volume = await client.send(new ec2.CreateVolumeCommand({ AvailabilityZone: zone, Size: 1 }));
  const attach = { VolumeId: volume.VolumeId, InstanceId: id, Device: "/dev/sdf" };
  await client.send(new ec2.AttachVolumeCommand(attach));
  await client.send(new ec2.CreateSnapshotCommand({ VolumeId: volume.VolumeId }));
  await client.send(new ec2.CreateImageCommand({ InstanceId: run.Instances?.[1]?.InstanceId, Name: "golden" }));
  await client.send(new ec2.CreateKeyPairCommand({ KeyName: "laptop" }));
  await client.send(
    new ec2.CreateLaunchTemplateCommand({
      LaunchTemplateName: "fleet",
      LaunchTemplateData: { ImageId: "ami-12c6146b", InstanceType: "t3.micro" },
    }),
  );
}

const token = ["NextToken", "NextToken"] as const;

/** Lists in requests of EC2 reach the double as members of their own: "FleetId.1". */
export const backing: Backing = {
  seed: seedEc2,
  double: defineDouble({
    sdk: ec2,
    client: ec2.EC2Client,
    kinds: {
      fleet: {
        key: "FleetId",
        list: { operation: "DescribeFleets", items: "Fleets", token },
        remove: { operation: "DeleteFleets", key: "FleetId.1", missing: "fleetIdDoesNotExist" },
        make: (n) => ({ FleetId: `fleet-${n}`, FleetState: "active" }),
      },
      "spot-fleet": {
        key: "SpotFleetRequestId",
        list: { operation: "DescribeSpotFleetRequests", items: "SpotFleetRequestConfigs", token },
        remove: {
          operation: "CancelSpotFleetRequests",
          key: "SpotFleetRequestId.1",
          missing: "fleetRequestIdDoesNotExist",
        },
        make: (n) => ({ SpotFleetRequestId: `sfr-${n}`, SpotFleetRequestState: "active" }),
      },
      "spot-request": {
        key: "SpotInstanceRequestId",
        list: { operation: "DescribeSpotInstanceRequests", items: "SpotInstanceRequests", token },
        remove: {
          operation: "CancelSpotInstanceRequests",
          key: "SpotInstanceRequestId.1",
          missing: "InvalidSpotInstanceRequestID.NotFound",
          missingStatus: 400,
        },
        make: (n) => ({ SpotInstanceRequestId: `sir-${n}`, State: "active" }),
      },
      "dedicated-host": {
        key: "HostId",
        list: { operation: "DescribeHosts", items: "Hosts", token },
        remove: { operation: "ReleaseHosts", key: "HostId.1", missing: "Client.InvalidHost.NotFound" },
        make: (n) => ({ HostId: `h-${n}`, State: "available" }),
      },
    },
    // These three answer well, and say inside what they refused.
    answers: {
      DeleteFleets: (store, input) => {
        const FleetId = String(input["FleetId.1"]);
        const gone = { Error: { Code: "fleetIdDoesNotExist", Message: "It does not exist" }, FleetId };
        return store.remove("fleet", FleetId) ? {} : { UnsuccessfulFleetDeletions: [gone] };
      },
      CancelSpotFleetRequests: (store, input) => {
        const SpotFleetRequestId = String(input["SpotFleetRequestId.1"]);
        const why = { Code: "fleetRequestIdDoesNotExist", Message: "It does not exist" };
        const fleet = store.get("spot-fleet", SpotFleetRequestId);
        if (fleet?.SpotFleetRequestState !== "active") {
          return { UnsuccessfulFleetRequests: [{ Error: why, SpotFleetRequestId }] };
        }
        fleet.SpotFleetRequestState = "cancelled_terminating";
        return {};
      },
      ReleaseHosts: (store, input) => {
        const ResourceId = String(input["HostId.1"]);
        const gone = { Error: { Code: "Client.InvalidHost.NotFound", Message: "It does not exist" }, ResourceId };
        return store.remove("dedicated-host", ResourceId) ? {} : { Unsuccessful: [gone] };
      },
    },
  }),
};
