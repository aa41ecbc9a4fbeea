import {
  DeleteBackupCommand,
  DeleteFileCacheCommand,
  DeleteFileSystemCommand,
  DeleteStorageVirtualMachineCommand,
  DeleteVolumeCommand,
  DetachAndDeleteS3AccessPointCommand,
  FSxClient,
  paginateDescribeBackups,
  paginateDescribeFileCaches,
  paginateDescribeFileSystems,
  paginateDescribeS3AccessPointAttachments,
  paginateDescribeStorageVirtualMachines,
  paginateDescribeVolumes,
} from "@aws-sdk/client-fsx";
import { defineService } from "@/server/cleaner/define";

/**
 * https://docs.aws.amazon.com/fsx/latest/APIReference/API_DeleteFileSystem.html: volumes and virtual machines of ONTAP go
 * before their file system, those of OpenZFS with it; S3 access points before both. Automatic backups go with it.
 */
export const service = defineService({
  id: "fsx",
  title: "Amazon FSx",
  scope: "regional",
  client: (options) => new FSxClient(options),
  types: [
    {
      id: "s3-access-point",
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        for await (const page of paginateDescribeS3AccessPointAttachments({ client }, {})) {
          for (const { Name, Lifecycle } of page.S3AccessPointAttachments ?? []) {
            yield { id: Name ?? "", going: Lifecycle === "DELETING" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DetachAndDeleteS3AccessPointCommand({ Name: id })),
      // https://docs.aws.amazon.com/fsx/latest/APIReference/API_DescribeS3AccessPointAttachments.html
      unavailable: (error) =>
        error.name === "UnsupportedOperation" ? "S3 access points are not supported in this region" : undefined,
    },
    {
      id: "volume",
      after: ["fsx/s3-access-point"],
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const page of paginateDescribeVolumes({ client }, {})) {
          for (const { VolumeId, Lifecycle, CreationTime, VolumeType, OntapConfiguration } of page.Volumes ?? []) {
            // A root volume cannot go but with its virtual machine.
            if (VolumeType !== "ONTAP" || OntapConfiguration?.StorageVirtualMachineRoot) continue;
            yield { id: VolumeId ?? "", createdAt: CreationTime, going: Lifecycle === "DELETING" };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(
          new DeleteVolumeCommand({
            VolumeId: id,
            OntapConfiguration: { SkipFinalBackup: true, BypassSnaplockEnterpriseRetention: true },
          }),
        ),
    },
    {
      id: "storage-virtual-machine",
      after: ["fsx/volume"],
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const page of paginateDescribeStorageVirtualMachines({ client }, {})) {
          for (const { StorageVirtualMachineId, Lifecycle, CreationTime } of page.StorageVirtualMachines ?? []) {
            yield { id: StorageVirtualMachineId ?? "", createdAt: CreationTime, going: Lifecycle === "DELETING" };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteStorageVirtualMachineCommand({ StorageVirtualMachineId: id })),
    },
    {
      id: "file-system",
      after: ["fsx/s3-access-point", "fsx/storage-virtual-machine"],
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateDescribeFileSystems({ client }, {})) {
          for (const one of page.FileSystems ?? []) {
            yield {
              id: one.FileSystemId ?? "",
              createdAt: one.CreationTime,
              going: one.Lifecycle === "DELETING",
              refs: [...(one.SubnetIds ?? []), one.WindowsConfiguration?.ActiveDirectoryId ?? ""].filter(Boolean),
              data: { type: one.FileSystemType ?? "" },
            };
          }
        }
      },
      remove: ({ client }, { id, data }) =>
        client.send(new DeleteFileSystemCommand({ FileSystemId: id, ...withoutBackup(data) })),
    },
    {
      id: "file-cache",
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const page of paginateDescribeFileCaches({ client }, {})) {
          for (const { FileCacheId, Lifecycle, CreationTime, SubnetIds } of page.FileCaches ?? []) {
            const going = Lifecycle === "DELETING";
            yield { id: FileCacheId ?? "", createdAt: CreationTime, going, refs: SubnetIds ?? [] };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteFileCacheCommand({ FileCacheId: id })),
    },
    {
      id: "backup",
      after: ["fsx/file-system"],
      async *list({ client }) {
        for await (const page of paginateDescribeBackups({ client }, {})) {
          for (const { BackupId, Type, Lifecycle, CreationTime } of page.Backups ?? []) {
            if (Lifecycle === "DELETED") continue;
            // Those of AWS Backup are removed by their vault alone.
            yield { id: BackupId ?? "", createdAt: CreationTime, going: Type === "AWS_BACKUP" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteBackupCommand({ BackupId: id })),
    },
  ],
});

/** Windows and OpenZFS make a last backup unless told not to; Lustre makes none unless told to. */
function withoutBackup(data: Readonly<Record<string, string>> | undefined) {
  if (data?.type === "WINDOWS") return { WindowsConfiguration: { SkipFinalBackup: true } };
  if (data?.type === "OPENZFS") {
    const Options = ["DELETE_CHILD_VOLUMES_AND_SNAPSHOTS" as const];
    return { OpenZFSConfiguration: { SkipFinalBackup: true, Options } };
  }
  return {};
}
