import { DeleteQueueCommand, paginateListQueues, SQSClient } from "@aws-sdk/client-sqs";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "sqs",
  title: "Amazon SQS",
  scope: "regional",
  client: (options) => new SQSClient(options),
  types: [
    {
      id: "queue",
      async *list({ client }) {
        // Without MaxResults SQS answers with the first 1,000 and no token.
        for await (const page of paginateListQueues({ client, pageSize: 1000 }, {})) {
          for (const url of page.QueueUrls ?? []) yield { id: url };
        }
      },
      remove: ({ client }, queue) => client.send(new DeleteQueueCommand({ QueueUrl: queue.id })),
    },
  ],
});
