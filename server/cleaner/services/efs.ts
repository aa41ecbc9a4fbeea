import {
  DeleteFileSystemCommand,
  DeleteMountTargetCommand,
  DeleteReplicationConfigurationCommand,
  EFSClient,
  paginateDescribeFileSystems,
  paginateDescribeMountTargets,
  paginateDescribeReplicationConfigurations,
} from "@aws-sdk/client-efs";
import { defineService } from "@/server/cleaner/define";

/**
 * https://docs.aws.amazon.com/efs/latest/ug/API_DeleteFileSystem.html: mount targets go before, and a replication is ended
 * before either of its file systems can go. Access points go with their file system.
 */
export const service = defineService({
  id: "efs",
  title: "Amazon EFS",
  scope: "regional",
  client: (options) => new EFSClient(options),
  types: [
    {
      id: "replication",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client, region }) {
        for await (const page of paginateDescribeReplicationConfigurations({ client }, {})) {
          for (const one of page.Replications ?? []) {
            const going = one.Destinations?.every((destination) => destination.Status === "DELETING") ?? false;
            // It is listed on both sides, and asked for on both: either may be empty of it first.
            const source = one.SourceFileSystemRegion === region;
            const own = source
              ? one.SourceFileSystemId
              : one.Destinations?.find((to) => to.Region === region)?.FileSystemId;
            yield { id: one.SourceFileSystemId ?? "", going, refs: own ? [own] : [] };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteReplicationConfigurationCommand({ SourceFileSystemId: id })),
    },
    {
      id: "mount-target",
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        for await (const page of paginateDescribeFileSystems({ client }, {})) {
          for (const { FileSystemId = "" } of page.FileSystems ?? []) {
            for await (const { MountTargets } of paginateDescribeMountTargets({ client }, { FileSystemId })) {
              for (const { MountTargetId, SubnetId = "", LifeCycleState } of MountTargets ?? []) {
                if (LifeCycleState === "deleted") continue;
                const refs = [FileSystemId, SubnetId];
                yield { id: MountTargetId ?? "", going: LifeCycleState === "deleting", refs };
              }
            }
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteMountTargetCommand({ MountTargetId: id })),
    },
    {
      id: "file-system",
      after: ["efs/replication", "efs/mount-target"],
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateDescribeFileSystems({ client }, {})) {
          for (const { FileSystemId, CreationTime, LifeCycleState } of page.FileSystems ?? []) {
            if (LifeCycleState === "deleted") continue;
            yield { id: FileSystemId ?? "", createdAt: CreationTime, going: LifeCycleState === "deleting" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteFileSystemCommand({ FileSystemId: id })),
    },
  ],
});
