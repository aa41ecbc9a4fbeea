import "./print.css";
import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";

export const metadata: Metadata = { robots: { index: false, follow: false }, referrer: "same-origin" };
export const viewport: Viewport = { width: "device-width", initialScale: 1, colorScheme: "light" };

/** The root of what is made for paper: no frame of the console, and no script that it needs. */
export default function PrintLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
