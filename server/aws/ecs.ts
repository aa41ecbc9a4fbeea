import { DescribeTasksCommand, ECSClient, RunTaskCommand, StopTaskCommand, type Task } from "@aws-sdk/client-ecs";
import { clientOptions } from "@/server/aws/clients";
import { calling, kindOf } from "@/server/aws/errors";
import { baseCredentials, placeOf } from "@/server/aws/sts";
import type { Env } from "@/server/env";

/** Tasks of Atelier's own cluster: a machine of its own for a run of the cleaner, which ends itself when it is done. */

/** Few tries: what does not go now is asked again by a later job, which keeps no slot waiting. */
function client(env: Env): ECSClient {
  const tries = { attempts: 2, throttledAttempts: 1 };
  return new ECSClient(clientOptions({ ...placeOf(env), credentials: baseCredentials(env), ...tries }));
}

/** `later`: there is no machine now, for `reason`. `unsure`: no answer; asking again with the same token starts one at most. */
export type TaskAnswer =
  | { kind: "started"; arn: string }
  | { kind: "later"; reason: string }
  | { kind: "unsure"; reason: string };

/**
 * Reasons that say "not now" and nothing about what was asked for.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
 */
const noCapacity = /^(RESOURCE|AGENT|LOCATION)\b|capacity is unavailable|reached the limit|limit on the number/i;

/** Whether a task that stopped never had a machine. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
const neverPlaced = (task: Task) => task.stopCode === "TaskFailedToStart" && noCapacity.test(task.stoppedReason ?? "");

/**
 * Starts one task with a command of its own. The same `token` (at most 64 characters) starts one task however often it is
 * asked for. Throws `CloudError` for what no waiting helps (a cluster that is not there, no permission).
 */
export async function startTask(env: Env, input: { token: string; command: string[] }): Promise<TaskAnswer> {
  const command = new RunTaskCommand({
    cluster: env.ATELIER_CLEANER_CLUSTER,
    taskDefinition: env.ATELIER_CLEANER_TASK_DEFINITION,
    launchType: "FARGATE",
    count: 1,
    clientToken: input.token,
    startedBy: "atelier-cleaner",
    propagateTags: "TASK_DEFINITION",
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: env.ATELIER_CLEANER_SUBNETS,
        securityGroups: env.ATELIER_CLEANER_SECURITY_GROUPS,
        assignPublicIp: "DISABLED",
      },
    },
    overrides: { containerOverrides: [{ name: env.ATELIER_CLEANER_CONTAINER, command: input.command }] },
  });
  try {
    const { tasks, failures } = await calling("RunTask", () => client(env).send(command));
    const arn = tasks?.[0]?.taskArn;
    if (arn) return { kind: "started", arn };
    const reason = failures?.[0]?.reason ?? "no reason given";
    if (failures?.[0]?.reason && !noCapacity.test(reason)) throw new Error(`ECS refused to start a machine: ${reason}`);
    return { kind: "later", reason };
  } catch (error) {
    const said = error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
    if (kindOf(error) === "Throttled" || noCapacity.test(said)) return { kind: "later", reason: said.slice(0, 200) };
    if (kindOf(error) === "Unavailable") return { kind: "unsure", reason: (error as Error).message };
    throw error;
  }
}

export type TaskState =
  | { kind: "running" }
  | { kind: "stopped"; at: Date | null; reason: string; exitCode: number | null; neverPlaced: boolean };

/** Where a task stands; without an answer it is not seen to have stopped. One that ECS no longer knows (it forgets stopped ones after about an hour) has stopped. */
export async function taskState(env: Env, arn: string): Promise<TaskState> {
  const command = new DescribeTasksCommand({ cluster: env.ATELIER_CLEANER_CLUSTER, tasks: [arn] });
  const answer = await calling("DescribeTasks", () => client(env).send(command)).catch((error: unknown) => {
    if (kindOf(error) === "Throttled" || kindOf(error) === "Unavailable") return null;
    throw error;
  });
  if (!answer) return { kind: "running" };
  const { tasks, failures } = answer;
  const task = tasks?.[0];
  if (!task) {
    const reason = failures?.[0]?.reason ?? "MISSING";
    if (reason !== "MISSING") throw new Error(`ECS did not tell about a task: ${reason}`);
    const forgotten = "ECS no longer knows it, so it has stopped";
    return { kind: "stopped", at: null, reason: forgotten, exitCode: null, neverPlaced: false };
  }
  if (task.lastStatus !== "STOPPED") return { kind: "running" };
  return {
    kind: "stopped",
    at: task.stoppedAt ?? null,
    reason: [task.stopCode, task.stoppedReason].filter(Boolean).join(": ") || "no reason given",
    exitCode: task.containers?.[0]?.exitCode ?? null,
    neverPlaced: neverPlaced(task),
  };
}

/** Asks ECS to stop a task that did not end itself. */
export async function stopTask(env: Env, arn: string, reason: string): Promise<void> {
  const command = new StopTaskCommand({ cluster: env.ATELIER_CLEANER_CLUSTER, task: arn, reason });
  await calling("StopTask", () => client(env).send(command));
}
