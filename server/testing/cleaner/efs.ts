import * as sdk from "@aws-sdk/client-efs";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble } from "@/server/testing/double";

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.EFSClient,
    kinds: {
      replication: {
        key: "SourceFileSystemId",
        list: {
          operation: "DescribeReplicationConfigurations",
          items: "Replications",
          token: ["NextToken", "NextToken"],
        },
        remove: {
          operation: "DeleteReplicationConfiguration",
          key: "SourceFileSystemId",
          missing: "ReplicationNotFound",
        },
        make: (n, { region }) => ({
          SourceFileSystemId: `fs-${n}`,
          SourceFileSystemRegion: region,
          Destinations: [{ Status: "ENABLED", FileSystemId: `fs-${n}9`, Region: "eu-central-1" }],
        }),
      },
      "mount-target": {
        key: "MountTargetId",
        list: {
          operation: "DescribeMountTargets",
          items: "MountTargets",
          token: ["Marker", "NextMarker"],
          where: { FileSystemId: "FileSystemId" },
        },
        remove: {
          operation: "DeleteMountTarget",
          key: "MountTargetId",
          missing: "MountTargetNotFound",
          leaves: { LifeCycleState: "deleting" },
        },
        make: (n) => ({
          MountTargetId: `fsmt-${n}`,
          FileSystemId: "fs-0",
          SubnetId: `subnet-${n}`,
          LifeCycleState: "available",
        }),
      },
      "file-system": {
        key: "FileSystemId",
        list: { operation: "DescribeFileSystems", items: "FileSystems", token: ["Marker", "NextMarker"] },
        remove: {
          operation: "DeleteFileSystem",
          key: "FileSystemId",
          missing: "FileSystemNotFound",
          refuses: ({ FileSystemId }, store) => {
            if (store.all("mount-target").some((target) => target.FileSystemId === FileSystemId)) {
              return new DoubleError("FileSystemInUse", 409, "The file system has mount targets");
            }
            return store.all("replication").some((one) => one.SourceFileSystemId === FileSystemId)
              ? new DoubleError("FileSystemInUse", 409, "The file system is part of a replication configuration")
              : undefined;
          },
          leaves: { LifeCycleState: "deleting" },
        },
        make: (n) => ({ FileSystemId: `fs-${n}`, LifeCycleState: "available", CreationTime: new Date(0) }),
      },
    },
  }),
};
