import * as scheduler from "@aws-sdk/client-scheduler";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { type Backing, makeRole } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new scheduler.SchedulerClient(clientOptions(input));
  const role = await makeRole(input, `scheduler-${input.region}`);
  await client.send(new scheduler.CreateScheduleGroupCommand({ Name: "lab" }));
  for (const [Name, GroupName] of [
    ["hourly", "lab"],
    ["daily", "default"],
  ]) {
    await client.send(
      new scheduler.CreateScheduleCommand({
        Name,
        GroupName,
        ScheduleExpression: "rate(1 hour)",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: { Arn: `arn:aws:lambda:${input.region}:123456789012:function:report`, RoleArn: role },
      }),
    );
  }
}

export const backing: Backing = { seed, failsWhenGone: ["schedule-group"] };
