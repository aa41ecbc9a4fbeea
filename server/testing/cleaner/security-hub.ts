import * as sdk from "@aws-sdk/client-securityhub";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble, type Shape, type Store } from "@/server/testing/double";

function hubOf(store: Store): Shape {
  const [hub] = store.all("hub");
  if (hub) return hub;
  const message = `Account ${store.accountId} is not subscribed to AWS Security Hub`;
  throw new DoubleError("InvalidAccessException", 401, message);
}

function secondHubOf(store: Store): Shape {
  const [hub] = store.all("hub-v2");
  if (hub) return hub;
  throw new DoubleError("ResourceNotFoundException", 404, "The hub does not exist");
}

// There is one of each, and no list: the further answers take the place of the kinds' own.
export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.SecurityHubClient,
    kinds: {
      hub: {
        key: "HubArn",
        count: 1,
        list: { operation: "DescribeHub", items: "HubArn" },
        remove: { operation: "DisableSecurityHub", key: "HubArn", missing: "InvalidAccessException" },
        make: (_, { region, accountId }) => ({
          HubArn: `arn:aws:securityhub:${region}:${accountId}:hub/default`,
          Administrator: { AccountId: "210987654321", InvitationId: "7ab938c5d52d7904ad09f9e7c20cc4eb" },
          SubscribedAt: "2026-01-05T09:00:00.000Z",
        }),
      },
      "hub-v2": {
        key: "HubV2Arn",
        count: 1,
        list: { operation: "DescribeSecurityHubV2", items: "HubV2Arn" },
        remove: { operation: "DisableSecurityHubV2", key: "HubV2Arn", missing: "ResourceNotFoundException" },
        make: (_, { region, accountId }) => ({
          HubV2Arn: `arn:aws:securityhub:${region}:${accountId}:hubv2/1`,
        }),
      },
    },
    answers: {
      DescribeHub: hubOf,
      GetAdministratorAccount: (store) => ({ Administrator: hubOf(store).Administrator }),
      DisassociateFromAdministratorAccount: (store) => {
        hubOf(store).Administrator = undefined;
      },
      DisableSecurityHub: (store) => {
        const { HubArn, Administrator } = hubOf(store);
        if (Administrator) throw new DoubleError("InvalidAccessException", 401, "The account is a member");
        store.remove("hub", String(HubArn));
      },
      DescribeSecurityHubV2: secondHubOf,
      DisableSecurityHubV2: (store) => void store.remove("hub-v2", String(secondHubOf(store).HubV2Arn)),
    },
  }),
};
