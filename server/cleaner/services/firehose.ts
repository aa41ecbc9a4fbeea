import { DeleteDeliveryStreamCommand, FirehoseClient, ListDeliveryStreamsCommand } from "@aws-sdk/client-firehose";
import { defineService } from "@/server/cleaner/define";

/** https://docs.aws.amazon.com/firehose/latest/APIReference/API_DeleteDeliveryStream.html: force, or one whose key is gone stays. */
export const service = defineService({
  id: "firehose",
  title: "Amazon Data Firehose",
  scope: "regional",
  client: (options) => new FirehoseClient(options),
  types: [
    {
      id: "delivery-stream",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for (let last: string | undefined; ; ) {
          const page = await client.send(new ListDeliveryStreamsCommand({ ExclusiveStartDeliveryStreamName: last }));
          for (const id of page.DeliveryStreamNames ?? []) yield { id };
          last = page.DeliveryStreamNames?.at(-1);
          if (!page.HasMoreDeliveryStreams || !last) return;
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName: id, AllowForceDelete: true })),
    },
  ],
});
