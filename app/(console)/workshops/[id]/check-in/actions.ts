"use server";

import { z } from "zod";
import { memberAction } from "@/server/http/members";
import * as registrations from "@/server/registrations/registrations";
import { walkIn } from "@/server/registrations/walk-ins";

/** The acts of the check-in page that wait for their answer; marks go by the route beside it. */

const id = z.string().min(1).max(60);

export const undoCheckIn = memberAction(z.object({ registrationId: id }), (ctx, input) =>
  registrations.undoCheckIn(ctx, input),
);
export const letIn = memberAction(z.object({ registrationId: id }), async (ctx, input) => {
  const { checkedInAt } = await registrations.letIn(ctx, input);
  return { checkedInAt: checkedInAt.toISOString() };
});
export const addWalkIn = memberAction(walkIn, (ctx, form) => registrations.addWalkIn(ctx, form));
export const walkInLink = memberAction(z.object({ workshopId: id, memberId: id.nullish() }), (ctx, input) =>
  registrations.walkInLink(ctx, input),
);
export const correctAttendance = memberAction(z.object({ registrationId: id, came: z.boolean() }), (ctx, input) =>
  registrations.correctAttendance(ctx, input),
);
