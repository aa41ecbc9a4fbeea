import {
  DeleteDirectoryCommand,
  DirectoryServiceClient,
  paginateDescribeDirectories,
  paginateDescribeSharedDirectories,
  RejectSharedDirectoryCommand,
  RemoveRegionCommand,
  UnshareDirectoryCommand,
} from "@aws-sdk/client-directory-service";
import { defineService } from "@/server/cleaner/define";

/**
 * https://docs.aws.amazon.com/directoryservice/latest/admin-guide/ms_ad_delete.html: a directory is refused while applications
 * (WorkSpaces, FSx, RDS …) or other accounts use it. Snapshots, trusts and log subscriptions go with it.
 */
export const service = defineService({
  id: "directory-service",
  title: "AWS Directory Service",
  scope: "regional",
  client: (options) => new DirectoryServiceClient(options),
  types: [
    {
      id: "directory",
      after: ["workspaces/directory", "fsx/file-system", "rds/instance"],
      gone: "listed",
      deadlineSeconds: 2_400,
      async *list({ client, region }) {
        for await (const page of paginateDescribeDirectories({ client }, {})) {
          for (const one of page.DirectoryDescriptions ?? []) {
            if (one.Stage === "Deleted") continue;
            const network = one.VpcSettings ?? one.ConnectSettings;
            const primary = one.RegionsInfo?.PrimaryRegion ?? region;
            yield {
              id: one.DirectoryId ?? "",
              createdAt: one.LaunchTime,
              going: one.Stage === "Deleting",
              refs: [network?.VpcId, ...(network?.SubnetIds ?? []), network?.SecurityGroupId].flatMap((id) => id ?? []),
              data: { type: one.Type ?? "", replica: primary === region ? "" : "yes" },
            };
          }
        }
      },
      async prepare({ client }, { id, data }) {
        if (data?.type !== "MicrosoftAD" || data.replica) return;
        try {
          for await (const page of paginateDescribeSharedDirectories({ client }, { OwnerDirectoryId: id })) {
            for (const { SharedAccountId, ShareStatus } of page.SharedDirectories ?? []) {
              if (ShareStatus === "Deleted" || ShareStatus === "Deleting") continue;
              const UnshareTarget = { Id: SharedAccountId, Type: "ACCOUNT" as const };
              await client.send(new UnshareDirectoryCommand({ DirectoryId: id, UnshareTarget }));
            }
          }
        } catch (error) {
          // Where nothing can be shared, nothing is.
          if (!(error instanceof Error) || error.name !== "UnsupportedOperationException") throw error;
        }
      },
      remove: ({ client }, { id, data }) => {
        // That of another account: only its share with this one ends.
        if (data?.type === "SharedMicrosoftAD") {
          return client.send(new RejectSharedDirectoryCommand({ SharedDirectoryId: id }));
        }
        return data?.replica
          ? client.send(new RemoveRegionCommand({ DirectoryId: id }))
          : client.send(new DeleteDirectoryCommand({ DirectoryId: id }));
      },
    },
  ],
});
