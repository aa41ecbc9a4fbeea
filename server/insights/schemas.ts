import { z } from "zod";

/** What the search dialog sends. Pure. */
export const searchSchema = z.object({ query: z.string().max(200, "Type less: 200 characters are enough.") });
