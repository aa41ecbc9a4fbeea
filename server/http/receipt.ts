import { cookies, headers } from "next/headers";
import { cookieOptions } from "@/server/http/request";

/** What a browser that registered keeps for a day, and what a page may know about the request that asked for it. */

const receiptCookie = "atelier_receipt";

/** The encrypted receipt of the last registration in this browser, or null. */
export async function registrationReceipt(): Promise<string | null> {
  return (await cookies()).get(receiptCookie)?.value ?? null;
}

/** Keeps the receipt; call it from an action only. */
export async function setRegistrationReceipt(sealed: string): Promise<void> {
  (await cookies()).set(receiptCookie, sealed, cookieOptions(86_400));
}

/** Head of the request, as far as it tells a person's browser from a program that looks ahead. */
export async function requestHead(): Promise<{
  method: string | null;
  userAgent: string | null;
  purpose: string | null;
  fetchMode: string | null;
  fetchDest: string | null;
}> {
  const head = await headers();
  return {
    method: head.get("x-method"),
    userAgent: head.get("user-agent"),
    purpose: head.get("sec-purpose") ?? head.get("purpose") ?? head.get("x-moz"),
    fetchMode: head.get("sec-fetch-mode"),
    fetchDest: head.get("sec-fetch-dest"),
  };
}
