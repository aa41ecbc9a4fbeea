import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateQueueCommand, DeleteQueueCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { assumedRole, clientOptions } from "@/server/aws/clients";
import { forgetCredentials } from "@/server/aws/sts";
import { type CommandIo, runCommand } from "@/server/cleaner/command";
import type { Emulator } from "@/server/testing/emulator";

/** The command line of the cleaner against an emulator, with a folder of its own for its records. */

export function commandLine(aws: Emulator) {
  process.env.AWS_ACCESS_KEY_ID = aws.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = aws.secretAccessKey;
  forgetCredentials();
  const folder = mkdtempSync(join(tmpdir(), "atelier-cleaner-"));
  const env = {
    ATELIER_MODE: "test",
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: "eu-west-1",
    ATELIER_CLEANER_STATE: join(folder, "state"),
  };

  async function command(args: string[], more: Partial<CommandIo> = {}) {
    const said = { out: "", err: "" };
    const out = (text: string) => {
      said.out += text;
    };
    const err = (text: string) => {
      said.err += text;
    };
    const code = await runCommand({ args, env, out, err, terminal: false, ...more });
    return { code, ...said };
  }

  return { command, env, folder };
}

/** The queues of an account, by their names: something cheap to leave behind. */
export function queuesOf(aws: Emulator, accountId: string) {
  const credentials = assumedRole({
    endpoint: aws.endpoint,
    region: "eu-west-1",
    sessionName: "test",
    roleArn: `arn:aws:iam::${accountId}:role/OrganizationAccountAccessRole`,
    credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey },
  });
  const sqs = new SQSClient(clientOptions({ region: "eu-west-1", credentials, endpoint: aws.endpoint }));
  return {
    make: (name: string) => sqs.send(new CreateQueueCommand({ QueueName: name })),
    remove: (name: string) => sqs.send(new DeleteQueueCommand({ QueueUrl: `${aws.endpoint}/${accountId}/${name}` })),
    names: async () =>
      ((await sqs.send(new ListQueuesCommand({}))).QueueUrls ?? []).map((url) => url.split("/").at(-1)),
  };
}
