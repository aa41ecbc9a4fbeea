import { messageJson } from "@/components/mail/message-json";
import { MailTab } from "@/components/workshops/mail-tab";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { listMessages, upcomingMails } from "@/server/mail/overview";
import { consolePaths } from "@/server/paths";
import { readWorkshop } from "../../read";

export default async function WorkshopMailPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const { timeZone } = await readWorkshop(id);
  const ctx = await memberContext(consolePaths.workshop(id, "mail"));
  const [planned, messages] = await pageOrNotFound(() =>
    Promise.all([upcomingMails(ctx, { workshopId: id }), listMessages(ctx, { workshopId: id })]),
  );
  return (
    <MailTab
      timeZone={timeZone}
      planned={planned.map(({ at, ...mail }) => ({ ...mail, at: at?.toISOString() ?? null }))}
      messages={messages.map(messageJson)}
    />
  );
}
