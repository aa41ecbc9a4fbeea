import * as ec2 from "@aws-sdk/client-ec2";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import type { Backing } from "@/server/testing/cleaner/backing";

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

export const backing: Backing = {
  seed: seedEc2,
  onlyListed: ["dedicated-host", "fleet", "spot-fleet", "spot-request"],
};
