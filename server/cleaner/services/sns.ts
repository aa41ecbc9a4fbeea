import {
  DeletePlatformApplicationCommand,
  DeleteTopicCommand,
  paginateListPlatformApplications,
  paginateListSubscriptions,
  paginateListTopics,
  SNSClient,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "sns",
  title: "Amazon SNS",
  scope: "regional",
  client: (options) => new SNSClient(options),
  types: [
    {
      id: "subscription",
      async *list({ client }) {
        for await (const page of paginateListSubscriptions({ client }, {})) {
          for (const { SubscriptionArn: id } of page.Subscriptions ?? []) {
            // One that nobody confirmed has no ARN: it cannot be removed, ends by itself, and goes with its topic.
            if (id?.startsWith("arn:")) yield { id };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new UnsubscribeCommand({ SubscriptionArn: id })),
    },
    {
      id: "topic",
      after: ["sns/subscription"],
      async *list({ client }) {
        for await (const page of paginateListTopics({ client }, {})) {
          for (const { TopicArn } of page.Topics ?? []) yield { id: TopicArn ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteTopicCommand({ TopicArn: id })),
    },
    {
      id: "platform-application",
      async *list({ client }) {
        for await (const page of paginateListPlatformApplications({ client }, {})) {
          for (const one of page.PlatformApplications ?? []) yield { id: one.PlatformApplicationArn ?? "" };
        }
      },
      // Mobile push exists in a part of the regions only; the others answer with this.
      unavailable: (error) =>
        error.name === "InvalidAction" ? "mobile push is not offered in this region" : undefined,
      remove: ({ client }, { id }) => client.send(new DeletePlatformApplicationCommand({ PlatformApplicationArn: id })),
    },
  ],
});
