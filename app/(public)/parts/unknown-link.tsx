import { MessagePage } from "@/app/(public)/parts/frame";

/** A link from a mail that is no link of ours, or only part of one. */
export function UnknownLink() {
  return (
    <MessagePage title="This link is not complete">
      <p>
        It may have been cut off where a line ended. Open it again from the mail, or copy all of it into the address
        bar.
      </p>
      <p>If it still leads here, register again through your invitation: a new link comes by mail.</p>
    </MessagePage>
  );
}
