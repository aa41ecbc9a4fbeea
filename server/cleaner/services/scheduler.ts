import {
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  paginateListScheduleGroups,
  paginateListSchedules,
  SchedulerClient,
} from "@aws-sdk/client-scheduler";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "scheduler",
  title: "Amazon EventBridge Scheduler",
  scope: "regional",
  client: (options) => new SchedulerClient(options),
  types: [
    {
      id: "schedule",
      stage: "first",
      async *list({ client }) {
        for await (const page of paginateListSchedules({ client, pageSize: 100 }, {})) {
          for (const { Name = "", GroupName = "default", CreationDate } of page.Schedules ?? []) {
            yield {
              id: `${GroupName}/${Name}`,
              createdAt: CreationDate,
              refs: [`group/${GroupName}`],
              data: { Name, GroupName },
            };
          }
        }
      },
      remove: ({ client }, { data }) =>
        client.send(new DeleteScheduleCommand({ Name: data?.Name, GroupName: data?.GroupName })),
    },
    {
      id: "schedule-group",
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateListScheduleGroups({ client, pageSize: 100 }, {})) {
          for (const { Name = "", State, CreationDate } of page.ScheduleGroups ?? []) {
            yield {
              id: `group/${Name}`,
              createdAt: CreationDate,
              going: State === "DELETING",
              protected: Name === "default" ? "AWS's own default group" : undefined,
              data: { Name },
            };
          }
        }
      },
      remove: ({ client }, { data }) => client.send(new DeleteScheduleGroupCommand({ Name: data?.Name })),
    },
  ],
});
