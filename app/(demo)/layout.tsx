import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import "./demo.css";

export const metadata: Metadata = { title: "Local mailbox · Atelier", robots: { index: false } };
export const viewport: Viewport = { width: "device-width", initialScale: 1, colorScheme: "light dark" };

/** Pages that exist in the demo and the tests only; light, without the console's design system. */
export default function DemoLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
