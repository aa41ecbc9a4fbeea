import { liveStream } from "@/server/http/live";

export const dynamic = "force-dynamic";

/** Server-sent events: a word each time that what a page shows has changed. */
export const GET = liveStream;
