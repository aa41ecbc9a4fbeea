import { z } from "zod";
import { memberRoute } from "@/server/http/members";
import { checkIn, undoCheckIn } from "@/server/registrations/registrations";

const id = z.string().min(1).max(60);
const mark = z.object({
  workshopId: id,
  registrationId: id,
  present: z.boolean(),
  by: z.enum(["list", "scan"]),
});

/** Takes a check-in, or one taken back. The same twice changes nothing, so a page in a bad network may send it again. */
export const POST = memberRoute(mark, async (ctx, { present, ...input }) => {
  if (present) {
    const { checkedInAt, already } = await checkIn(ctx, input);
    return { checkedInAt: checkedInAt.toISOString(), already };
  }
  await undoCheckIn(ctx, input);
  return { checkedInAt: null, already: false };
});
