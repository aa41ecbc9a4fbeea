import {
  DeleteBrokerCommand,
  DeleteConfigurationCommand,
  ListConfigurationsCommand,
  MqClient,
  paginateListBrokers,
} from "@aws-sdk/client-mq";
import { defineService } from "@/server/cleaner/define";

/** Amazon MQ makes a configuration with each broker and leaves it behind. A broker that is being made cannot be deleted yet. */
export const service = defineService({
  id: "mq",
  title: "Amazon MQ",
  scope: "regional",
  client: (options) => new MqClient(options),
  types: [
    {
      id: "broker",
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateListBrokers({ client, pageSize: 100 }, {})) {
          for (const { BrokerId: id = "", BrokerState, Created } of page.BrokerSummaries ?? []) {
            yield { id, createdAt: Created, going: BrokerState === "DELETION_IN_PROGRESS" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteBrokerCommand({ BrokerId: id })),
    },
    {
      id: "configuration",
      after: ["mq/broker"],
      async *list({ client }) {
        for (let token: string | undefined; ; ) {
          const page = await client.send(new ListConfigurationsCommand({ MaxResults: 100, NextToken: token }));
          for (const { Id: id = "", Created } of page.Configurations ?? []) yield { id, createdAt: Created };
          token = page.NextToken;
          if (!token) return;
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteConfigurationCommand({ ConfigurationId: id })),
    },
  ],
});
