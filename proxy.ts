import { type NextRequest, NextResponse } from "next/server";
import { languageCookie, languageOf } from "@/server/languages/kinds";
import { checkInPage } from "@/server/paths";

/**
 * Security headers of every page; no decision about who may see what is made here (that is the use cases').
 *
 * Scripts run by a nonce of the request only (CSP Level 3, strict-dynamic). Cloudscape and React set inline styles, so
 * styles may be inline. The referrer stays on this site, so a token in a URL reaches nobody else; it is `same-origin` and
 * not `no-referrer`, since with the latter browsers send forms with `Origin: null` (Fetch standard, "append a request Origin
 * header"), and a form without an origin is refused.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const development = process.env.NODE_ENV === "development";
  const policy = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "object-src 'none'",
    "base-uri 'self'",
    "frame-ancestors 'none'",
    "frame-src 'self'",
  ].join("; ");

  const forward = new Headers(request.headers);
  forward.set("x-nonce", nonce);
  // Pages cannot see it otherwise: only a GET counts as somebody opening an invitation.
  forward.set("x-method", request.method);
  // Which page, and the language chosen in its address: the layout knows neither.
  forward.set("x-path", request.nextUrl.pathname);
  const language = languageOf(request.nextUrl.searchParams.get("lang"));
  if (language) forward.set("x-language", language);
  else forward.delete("x-language");
  forward.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers: forward } });
  response.headers.set("content-security-policy", policy);
  // Kept for the next pages: it is the reader's own choice, and says nothing about them to anybody else.
  if (language)
    response.cookies.set(languageCookie, language, {
      httpOnly: true,
      sameSite: "lax",
      secure: request.nextUrl.protocol === "https:",
      path: "/",
      maxAge: 365 * 86_400,
    });
  response.headers.set("referrer-policy", "same-origin");
  response.headers.set("x-content-type-options", "nosniff");
  // The camera reads attendees' codes at the door, and nothing looks anywhere else.
  const camera = checkInPage.test(request.nextUrl.pathname) ? "(self)" : "()";
  response.headers.set("permissions-policy", `camera=${camera}, microphone=(), geolocation=()`);
  if (/^\/(i|confirm|enter|offer|handover|my|check-mail)\//.test(request.nextUrl.pathname))
    response.headers.set("x-robots-tag", "noindex, nofollow");
  return response;
}

export const config = { matcher: ["/((?!_next/static|_next/image|icon.svg).*)"] };
