import { messageJson } from "@/components/mail/message-json";
import { ruleJson } from "@/components/mail/rule-json";
import { MailTab } from "@/components/workshops/mail-tab";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { countAgain, listMessages } from "@/server/mail/overview";
import { mailTimeline } from "@/server/mail/timeline";
import { consolePaths } from "@/server/paths";
import { readWorkshop } from "../../read";

export default async function WorkshopMailPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const { timeZone } = await readWorkshop(id);
  const ctx = await memberContext(consolePaths.workshop(id, "mail"));
  const [rules, messages, again] = await pageOrNotFound(() =>
    Promise.all([
      mailTimeline(ctx, { workshopId: id }),
      listMessages(ctx, { workshopId: id }),
      countAgain(ctx, { workshopId: id }),
    ]),
  );
  return (
    <MailTab
      workshopId={id}
      timeZone={timeZone}
      rules={rules.map(ruleJson)}
      messages={messages.map(messageJson)}
      again={again}
    />
  );
}
