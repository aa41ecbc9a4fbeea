import { oneClickUnsubscribe, toUnsubscribePage } from "@/server/http/webhooks";

export const dynamic = "force-dynamic";

export const GET = toUnsubscribePage;
export const POST = oneClickUnsubscribe;
