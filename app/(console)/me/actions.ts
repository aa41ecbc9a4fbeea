"use server";

import { z } from "zod";
import { memberAction } from "@/server/http/members";
import * as feeds from "@/server/workshops/feeds";
import { calendarFeedScopes } from "@/server/workshops/schemas";

export const createFeed = memberAction(z.object({ scope: z.enum(calendarFeedScopes) }), (ctx, input) =>
  feeds.createFeed(ctx, input),
);

export const revokeFeed = memberAction(z.object({ feedId: z.string().max(60) }), (ctx, input) =>
  feeds.revokeFeed(ctx, input),
);
