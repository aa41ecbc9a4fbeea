import type { MessageRow } from "@/server/mail/overview";

/** A mail as pages hand it to a screen: instants are ISO 8601. */
export type MessageJson = Omit<MessageRow, "dueAt" | "sentAt"> & { dueAt: string; sentAt: string | null };

export function messageJson({ dueAt, sentAt, ...message }: MessageRow): MessageJson {
  return { ...message, dueAt: dueAt.toISOString(), sentAt: sentAt?.toISOString() ?? null };
}
