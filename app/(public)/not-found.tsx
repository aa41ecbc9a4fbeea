import { MessagePage } from "@/app/(public)/parts/frame";

export default function NothingHere() {
  return (
    <MessagePage title="There is nothing here">
      <p>This address leads nowhere. Open the link in your mail or your invitation again, all of it.</p>
    </MessagePage>
  );
}
