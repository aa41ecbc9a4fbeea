import "./public.css";
import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";

export const metadata: Metadata = {
  title: { default: "Workshop", template: "%s" },
  robots: { index: false, follow: false },
  // Not no-referrer: with it browsers send forms without an origin, and those are refused (see proxy.ts).
  referrer: "same-origin",
  formatDetection: { telephone: false, address: false, email: false },
};

export const viewport: Viewport = { width: "device-width", initialScale: 1, colorScheme: "light dark" };

/** The root of the pages for customers: no design system and no script needed, one small stylesheet. */
export default function PublicLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
