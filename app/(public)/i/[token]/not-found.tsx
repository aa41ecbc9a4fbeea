import { MessagePage } from "@/app/(public)/parts/frame";

export default function UnknownInvitation() {
  return (
    <MessagePage title="This link is not complete">
      <p>
        It may have been cut off where a line ended. Open it again from the message that it came in, or copy all of it
        into the address bar.
      </p>
      <p>If it still leads here, ask whoever sent it to you for a new one.</p>
    </MessagePage>
  );
}
