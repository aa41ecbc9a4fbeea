import { sesWebhook } from "@/server/http/webhooks";

export const dynamic = "force-dynamic";

export const POST = sesWebhook;
