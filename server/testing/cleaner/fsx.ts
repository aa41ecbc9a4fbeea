import * as sdk from "@aws-sdk/client-fsx";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble } from "@/server/testing/double";

const token = ["NextToken", "NextToken"] as const;
const missingStatus = 400;
const leaves = { Lifecycle: "DELETING" };
const refused = (message: string) => new DoubleError("BadRequest", 400, message);

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.FSxClient,
    kinds: {
      "s3-access-point": {
        key: "Name",
        list: { operation: "DescribeS3AccessPointAttachments", items: "S3AccessPointAttachments", token },
        remove: {
          operation: "DetachAndDeleteS3AccessPoint",
          key: "Name",
          missing: "S3AccessPointAttachmentNotFound",
          missingStatus,
          leaves,
        },
        make: (n) => ({ Name: `door-${n}`, Lifecycle: "AVAILABLE", Type: "OPENZFS" }),
      },
      volume: {
        key: "VolumeId",
        list: { operation: "DescribeVolumes", items: "Volumes", token },
        remove: { operation: "DeleteVolume", key: "VolumeId", missing: "VolumeNotFound", missingStatus, leaves },
        make: (n) => ({ VolumeId: `fsvol-${n}`, VolumeType: "ONTAP", Lifecycle: "CREATED", CreationTime: new Date(0) }),
      },
      "storage-virtual-machine": {
        key: "StorageVirtualMachineId",
        list: { operation: "DescribeStorageVirtualMachines", items: "StorageVirtualMachines", token },
        remove: {
          operation: "DeleteStorageVirtualMachine",
          key: "StorageVirtualMachineId",
          missing: "StorageVirtualMachineNotFound",
          missingStatus,
          refuses: (_, store) =>
            store.all("volume").length > 0 ? refused("The virtual machine still has volumes") : undefined,
          leaves,
        },
        make: (n) => ({ StorageVirtualMachineId: `svm-${n}`, Lifecycle: "CREATED", CreationTime: new Date(0) }),
      },
      "file-system": {
        key: "FileSystemId",
        list: { operation: "DescribeFileSystems", items: "FileSystems", token },
        remove: {
          operation: "DeleteFileSystem",
          key: "FileSystemId",
          missing: "FileSystemNotFound",
          missingStatus,
          refuses: ({ FileSystemType }, store) =>
            FileSystemType === "ONTAP" && store.all("storage-virtual-machine").length > 0
              ? refused("The file system still has virtual machines")
              : undefined,
          leaves,
        },
        make: (n) => ({
          FileSystemId: `fs-${n}`,
          FileSystemType: ["ONTAP", "OPENZFS", "WINDOWS", "LUSTRE"][n],
          Lifecycle: "AVAILABLE",
          CreationTime: new Date(0),
          SubnetIds: [`subnet-${n}`],
        }),
        count: 4,
      },
      "file-cache": {
        key: "FileCacheId",
        list: { operation: "DescribeFileCaches", items: "FileCaches", token },
        remove: {
          operation: "DeleteFileCache",
          key: "FileCacheId",
          missing: "FileCacheNotFound",
          missingStatus,
          leaves,
        },
        make: (n) => ({ FileCacheId: `fc-${n}`, Lifecycle: "AVAILABLE" }),
      },
      backup: {
        key: "BackupId",
        list: { operation: "DescribeBackups", items: "Backups", token },
        remove: {
          operation: "DeleteBackup",
          key: "BackupId",
          missing: "BackupNotFound",
          missingStatus,
          leaves: { Lifecycle: "DELETED" },
        },
        make: (n) => ({ BackupId: `backup-${n}`, Lifecycle: "AVAILABLE", Type: "USER_INITIATED" }),
      },
    },
  }),
};
