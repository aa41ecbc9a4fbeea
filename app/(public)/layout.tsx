import "./public.css";
import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { ErrorWords } from "@/app/(public)/parts/error-words";
import { rawWords, readerLanguage, words } from "@/server/http/public";

export async function generateMetadata(): Promise<Metadata> {
  const t = await words("frame");
  return {
    title: { default: t("title"), template: "%s" },
    description: t("description"),
    robots: { index: false, follow: false },
    // Not no-referrer: with it browsers send forms without an origin, and those are refused (see proxy.ts).
    referrer: "same-origin",
    formatDetection: { telephone: false, address: false, email: false },
  };
}

export const viewport: Viewport = { width: "device-width", initialScale: 1, colorScheme: "light dark" };

/** The root of the pages for customers: no design system and no script needed, one small stylesheet. */
export default async function PublicLayout({ children }: { children: ReactNode }) {
  const { brokenTitle, brokenBody, brokenReference, tryAgain } = await rawWords("frame");
  return (
    <html lang={await readerLanguage()}>
      <body>
        <ErrorWords words={{ brokenTitle, brokenBody, brokenReference, tryAgain }}>{children}</ErrorWords>
      </body>
    </html>
  );
}
