import * as sdk from "@aws-sdk/client-mq";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble } from "@/server/testing/double";

const missing = "NotFoundException";
const token = ["NextToken", "NextToken"] as const;

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.MqClient,
    kinds: {
      broker: {
        key: "BrokerId",
        list: { operation: "ListBrokers", items: "BrokerSummaries", token },
        remove: {
          operation: "DeleteBroker",
          key: "BrokerId",
          missing,
          leaves: { BrokerState: "DELETION_IN_PROGRESS" },
        },
        make: (n) => ({
          BrokerId: `b-${n}`,
          BrokerName: `orders-${n}`,
          BrokerState: "RUNNING",
          EngineType: "ACTIVEMQ",
        }),
      },
      configuration: {
        key: "Id",
        list: { operation: "ListConfigurations", items: "Configurations", token },
        remove: {
          operation: "DeleteConfiguration",
          key: "ConfigurationId",
          missing,
          refuses: (_, store) =>
            store.all("broker").length > 0
              ? new DoubleError("ConflictException", 409, "The configuration is associated with a broker.")
              : undefined,
        },
        make: (n) => ({ Id: `c-${n}`, Name: `orders-${n}-configuration`, EngineType: "ACTIVEMQ" }),
      },
    },
  }),
};
