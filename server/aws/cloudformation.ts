import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from "@aws-sdk/client-cloudformation";
import { z } from "zod";
import { type Credentials, clientOptions } from "@/server/aws/clients";
import { CloudError, calling } from "@/server/aws/errors";
import { placeOf } from "@/server/aws/sts";
import type { Env } from "@/server/env";

/** One CloudFormation stack in a member account. `keys` are Atelier's own in that account. */

export type StackPlace = { keys: Credentials; region: string; name: string };

/** An output of a stack, as CloudFormation answers it. Its value may be a secret: never write it into a log. */
export type StackOutput = { key: string; value: string; description: string };

export type FoundStack = {
  id: string;
  /** working: something is under way · done: made · failed: CloudFormation gave up · deleting */
  progress: "working" | "done" | "failed" | "deleting";
  outputs: StackOutput[];
};

function client(env: Env, { keys, region }: StackPlace): CloudFormationClient {
  return new CloudFormationClient(clientOptions({ ...placeOf(env), region, credentials: keys }));
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes */
function progressOf(status: string): FoundStack["progress"] {
  if (status === "CREATE_COMPLETE" || status === "UPDATE_COMPLETE") return "done";
  if (status === "DELETE_IN_PROGRESS") return "deleting";
  // ROLLBACK_IN_PROGRESS ends in ROLLBACK_COMPLETE or ROLLBACK_FAILED: it is told once it has ended.
  if (status.endsWith("_IN_PROGRESS")) return "working";
  return "failed";
}

const answeredOutputs = z.array(
  z
    .object({ OutputKey: z.string(), OutputValue: z.string().default(""), Description: z.string().default("") })
    .transform((one): StackOutput => ({ key: one.OutputKey, value: one.OutputValue, description: one.Description })),
);

/** CloudFormation answers ValidationError for a stack that is not there, as for a bad request. */
function isMissing(error: unknown): boolean {
  return error instanceof CloudError && error.code === "ValidationError" && /does not exist/.test(reasonOf(error));
}

/** What AWS itself said about a failed call, for people who may see it. Never for the log: it quotes what people wrote. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof CloudError)) return error instanceof Error ? error.message : "";
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** The stack of this name, or null where there is none. */
export async function findStack(env: Env, place: StackPlace): Promise<FoundStack | null> {
  try {
    const answer = await calling("DescribeStacks", () =>
      client(env, place).send(new DescribeStacksCommand({ StackName: place.name })),
    );
    const stack = answer.Stacks?.[0];
    if (!stack?.StackId || !stack.StackStatus || stack.StackStatus === "DELETE_COMPLETE") return null;
    const outputs = answeredOutputs.parse(stack.Outputs ?? []);
    return { id: stack.StackId, progress: progressOf(stack.StackStatus), outputs };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export type StackOrder = {
  template: string;
  parameters: Readonly<Record<string, string>>;
};

/** After this CloudFormation itself gives a stack up. */
const giveUpMinutes = 60;

/**
 * Asks for a stack; it is not waited for. What was made stays when it fails, so that the reason can be looked at: it is in an
 * account that is emptied anyway. A stack of this name that is there throws `AlreadyExists`, so that asking twice makes one;
 * a request token would do the same, and refuse to make it again after it was deleted.
 */
export async function createStack(env: Env, place: StackPlace, order: StackOrder): Promise<void> {
  await calling("CreateStack", () =>
    client(env, place).send(
      new CreateStackCommand({
        StackName: place.name,
        TemplateBody: order.template,
        Parameters: Object.entries(order.parameters).map(([ParameterKey, ParameterValue]) => ({
          ParameterKey,
          ParameterValue,
        })),
        Capabilities: ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        OnFailure: "DO_NOTHING",
        TimeoutInMinutes: giveUpMinutes,
      }),
    ),
  );
}

/** Asks for a stack to be deleted; one that is not there is fine. */
export async function deleteStack(env: Env, place: StackPlace): Promise<void> {
  await calling("DeleteStack", () => client(env, place).send(new DeleteStackCommand({ StackName: place.name })));
}

/**
 * Why a stack failed, in CloudFormation's own words: the first resource that could not be made. Those that were given up
 * because of it say only so.
 */
export async function stackFailure(env: Env, place: StackPlace, stackId: string): Promise<string | null> {
  const cloudformation = client(env, place);
  let first: string | null = null;
  for (let token: string | undefined, pages = 0; pages < 20; pages++) {
    const page = await calling("DescribeStackEvents", () =>
      cloudformation.send(new DescribeStackEventsCommand({ StackName: stackId, NextToken: token })),
    );
    // The newest comes first, so the last that fits is the first that happened.
    for (const event of page.StackEvents ?? []) {
      const { ResourceStatus: status, ResourceStatusReason: why, LogicalResourceId: resource } = event;
      if (status !== "CREATE_FAILED" || !why || /^Resource creation cancelled/i.test(why)) continue;
      first = `${resource}: ${why}`;
    }
    token = page.NextToken;
    if (!token) break;
  }
  return first;
}
