import {
  CloudTrailClient,
  DeleteChannelCommand,
  DeleteEventDataStoreCommand,
  DeleteTrailCommand,
  DescribeTrailsCommand,
  DisableFederationCommand,
  GetEventDataStoreCommand,
  paginateListChannels,
  paginateListEventDataStores,
  UpdateEventDataStoreCommand,
} from "@aws-sdk/client-cloudtrail";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "cloudtrail",
  title: "AWS CloudTrail",
  scope: "regional",
  client: (options) => new CloudTrailClient(options),
  types: [
    {
      id: "trail",
      async *list({ client, region }) {
        // One call for all; a trail of many regions and the Organization's show in each, and count in their home alone.
        const { trailList = [] } = await client.send(new DescribeTrailsCommand({ includeShadowTrails: true }));
        for (const { TrailARN: id = "", HomeRegion, IsOrganizationTrail } of trailList) {
          if (HomeRegion !== region) continue;
          yield { id, protected: IsOrganizationTrail ? "the Organization's trail" : undefined };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteTrailCommand({ Name: id })),
    },
    {
      id: "channel",
      async *list({ client }) {
        for await (const page of paginateListChannels({ client }, {})) {
          for (const { ChannelArn: id = "", Name } of page.Channels ?? []) {
            const own = Name?.startsWith("aws-service-channel/");
            yield { id, protected: own ? "made and removed by an AWS service" : undefined };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteChannelCommand({ Channel: id })),
      unavailable: noLake,
    },
    {
      // Its removal starts a wait of seven days in which it can be restored, and read by whoever does:
      // https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteEventDataStore.html
      id: "event-data-store",
      after: ["cloudtrail/channel"],
      async *list({ client }) {
        for await (const page of paginateListEventDataStores({ client }, {})) {
          for (const { EventDataStoreArn: id = "" } of page.EventDataStores ?? []) {
            // The list itself no longer says in which state they are.
            const store = await client.send(new GetEventDataStoreCommand({ EventDataStore: id }));
            yield {
              id,
              createdAt: store.CreatedTimestamp,
              protected:
                store.Status === "PENDING_DELETION"
                  ? "deleted; AWS keeps it for 7 days, in which the next holder can restore it"
                  : undefined,
              data: {
                locked: store.TerminationProtectionEnabled ? "yes" : "",
                federated: store.FederationStatus?.startsWith("ENABL") ? "yes" : "",
              },
            };
          }
        }
      },
      async remove({ client }, { id: EventDataStore, data }) {
        const unlocked = { EventDataStore, TerminationProtectionEnabled: false };
        try {
          if (data?.federated) await client.send(new DisableFederationCommand({ EventDataStore }));
          if (data?.locked) await client.send(new UpdateEventDataStoreCommand(unlocked));
          await client.send(new DeleteEventDataStoreCommand({ EventDataStore }));
        } catch (error) {
          // Asked for before: it waits out its seven days.
          if (!(error instanceof Error) || error.name !== "InactiveEventDataStoreException") throw error;
        }
      },
      unavailable: noLake,
    },
  ],
});

/** "The requested operation is not supported", as the lists of CloudTrail Lake document it. */
function noLake(error: Error): string | undefined {
  return error.name === "UnsupportedOperationException" ? "CloudTrail Lake is not offered here" : undefined;
}
