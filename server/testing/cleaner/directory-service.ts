import * as sdk from "@aws-sdk/client-directory-service";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble } from "@/server/testing/double";

const missing = "EntityDoesNotExistException";
const types = ["MicrosoftAD", "SharedMicrosoftAD", "SimpleAD", "ADConnector", "MicrosoftAD"];

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.DirectoryServiceClient,
    kinds: {
      directory: {
        key: "DirectoryId",
        list: { operation: "DescribeDirectories", items: "DirectoryDescriptions", token: ["NextToken", "NextToken"] },
        remove: {
          operation: "DeleteDirectory",
          key: "DirectoryId",
          missing,
          missingStatus: 400,
          refuses: ({ Type, RegionsInfo, sharedWith }) => {
            if (sharedWith) return new DoubleError("ClientException", 400, "The directory is shared");
            return Type === "SharedMicrosoftAD" || RegionsInfo
              ? new DoubleError("ClientException", 400, "The directory is that of another place")
              : undefined;
          },
          leaves: { Stage: "Deleting" },
        },
        make: (n) => ({
          DirectoryId: `d-${n}`,
          Type: types[n],
          Stage: "Active",
          LaunchTime: new Date(0),
          VpcSettings: n === 3 ? undefined : { VpcId: "vpc-1", SubnetIds: ["subnet-1", "subnet-2"] },
          ConnectSettings: n === 3 ? { VpcId: "vpc-1", SubnetIds: ["subnet-1"] } : undefined,
          RegionsInfo: n === 4 ? { PrimaryRegion: "eu-central-1", AdditionalRegions: [] } : undefined,
          sharedWith: n === 0 ? "210987654321" : undefined,
        }),
        count: types.length,
      },
    },
    answers: {
      DescribeSharedDirectories: (store, { OwnerDirectoryId }) => {
        const SharedAccountId = store.get("directory", String(OwnerDirectoryId))?.sharedWith;
        return { SharedDirectories: SharedAccountId ? [{ SharedAccountId, ShareStatus: "Shared" }] : [] };
      },
      UnshareDirectory: (store, { DirectoryId }) => {
        const directory = store.get("directory", String(DirectoryId));
        if (directory) directory.sharedWith = undefined;
      },
      RejectSharedDirectory: (store, { SharedDirectoryId }) => {
        if (!store.remove("directory", String(SharedDirectoryId))) throw new DoubleError(missing, 400);
      },
      RemoveRegion: (store, { DirectoryId }) => {
        const there = store.remove("directory", String(DirectoryId));
        if (!there) throw new DoubleError("DirectoryDoesNotExistException", 400);
      },
    },
  }),
};
