import * as sdk from "@aws-sdk/client-cloudtrail";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble } from "@/server/testing/double";

const token = ["NextToken", "NextToken"] as const;

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.CloudTrailClient,
    kinds: {
      trail: {
        key: "TrailARN",
        list: { operation: "DescribeTrails", items: "trailList" },
        remove: { operation: "DeleteTrail", key: "Name", missing: "TrailNotFoundException" },
        make: (n, { region, accountId }) => ({
          TrailARN: `arn:aws:cloudtrail:${region}:${accountId}:trail/lab-${n}`,
          Name: `lab-${n}`,
          HomeRegion: region,
        }),
      },
      channel: {
        key: "ChannelArn",
        list: { operation: "ListChannels", items: "Channels", token },
        remove: { operation: "DeleteChannel", key: "Channel", missing: "ChannelNotFoundException" },
        make: (n, { region, accountId }) => ({
          ChannelArn: `arn:aws:cloudtrail:${region}:${accountId}:channel/${n}`,
          Name: `partner-${n}`,
        }),
      },
      "event-data-store": {
        key: "EventDataStoreArn",
        list: {
          operation: "ListEventDataStores",
          items: "EventDataStores",
          token,
          as: ({ EventDataStoreArn, Name }) => ({ EventDataStoreArn, Name }),
        },
        read: { GetEventDataStore: "EventDataStore" },
        remove: {
          operation: "DeleteEventDataStore",
          key: "EventDataStore",
          missing: "EventDataStoreNotFoundException",
        },
        make: (n, { region, accountId }) => ({
          EventDataStoreArn: `arn:aws:cloudtrail:${region}:${accountId}:eventdatastore/${n}`,
          Name: `events-${n}`,
          Status: "ENABLED",
          TerminationProtectionEnabled: true,
          FederationStatus: n === 0 ? "ENABLED" : "DISABLED",
        }),
      },
    },
    answers: {
      UpdateEventDataStore: (store, { EventDataStore, TerminationProtectionEnabled }) => {
        const found = store.get("event-data-store", String(EventDataStore));
        if (found?.Status !== "ENABLED") throw new DoubleError("InactiveEventDataStoreException", 400, "is inactive");
        found.TerminationProtectionEnabled = TerminationProtectionEnabled;
      },
      DisableFederation: (store, { EventDataStore }) => {
        const found = store.get("event-data-store", String(EventDataStore));
        if (found?.Status !== "ENABLED") throw new DoubleError("InactiveEventDataStoreException", 400, "is inactive");
        found.FederationStatus = "DISABLED";
      },
      // It stays in the list, pending.
      DeleteEventDataStore: (store, { EventDataStore }) => {
        const found = store.get("event-data-store", String(EventDataStore));
        if (found?.Status !== "ENABLED") throw new DoubleError("InactiveEventDataStoreException", 400, "is inactive");
        if (found.FederationStatus === "ENABLED") throw new DoubleError("EventDataStoreFederationEnabledException");
        if (found.TerminationProtectionEnabled) throw new DoubleError("EventDataStoreTerminationProtectedException");
        found.Status = "PENDING_DELETION";
      },
    },
  }),
};
