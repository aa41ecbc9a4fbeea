import {
  DeleteChannelCommand,
  DeleteStreamCommand,
  KinesisClient,
  ListStreamsCommand,
  paginateListChannels,
} from "@aws-sdk/client-kinesis";
import { defineService } from "@/server/cleaner/define";
import { notOffered } from "@/server/cleaner/failures";

async function removeChannels(client: KinesisClient, StreamARN: string | undefined): Promise<void> {
  for await (const page of paginateListChannels({ client }, { StreamFilter: [{ StreamARN }] })) {
    for (const { ChannelARN } of page.ChannelSummaries ?? []) {
      await client.send(new DeleteChannelCommand({ ChannelARN }));
    }
  }
}

/**
 * A stream goes with its consumers when that is said, but not while it has channels.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteStream.html
 */
export const service = defineService({
  id: "kinesis",
  title: "Amazon Kinesis Data Streams",
  scope: "regional",
  client: (options) => new KinesisClient(options),
  types: [
    {
      id: "stream",
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        for (let last: string | undefined; ; ) {
          const page = await client.send(new ListStreamsCommand({ ExclusiveStartStreamName: last }));
          const states = new Map((page.StreamSummaries ?? []).map((one) => [one.StreamName, one]));
          for (const id of page.StreamNames ?? []) {
            const { StreamStatus, StreamCreationTimestamp, StreamARN = "" } = states.get(id) ?? {};
            yield {
              id,
              createdAt: StreamCreationTimestamp,
              going: StreamStatus === "DELETING",
              data: { arn: StreamARN },
            };
          }
          last = page.StreamNames?.at(-1);
          if (!page.HasMoreStreams || !last) return;
        }
      },
      async remove({ client }, { id, data }) {
        const remove = new DeleteStreamCommand({ StreamName: id, EnforceConsumerDeletion: true });
        try {
          await client.send(remove);
        } catch (error) {
          if (!(error instanceof Error) || error.name !== "ResourceInUseException") throw error;
          await removeChannels(client, data?.arn).catch((reason: unknown) => {
            if (!(reason instanceof Error) || !notOffered(reason)) throw reason;
          });
          throw error;
        }
      },
    },
  ],
});
