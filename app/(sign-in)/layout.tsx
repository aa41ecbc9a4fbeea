import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import "./sign-in.css";

export const metadata: Metadata = {
  title: "Sign in · Atelier",
  robots: { index: false },
  // Not no-referrer: with it browsers send forms without an origin, and those are refused (see proxy.ts).
  referrer: "same-origin",
};
export const viewport: Viewport = { width: "device-width", initialScale: 1, colorScheme: "light dark" };

/** A page of its own, without the console's design system: it is there at once and works without JavaScript. */
export default function SignInLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <main className="card">
          <p className="brand">
            <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
              <rect width="32" height="32" rx="7" fill="currentColor" />
              <path d="M8 23 16 8l8 15" fill="none" stroke="#fff" strokeWidth="3" strokeLinejoin="round" />
              <path d="M11.5 18h9" stroke="#fff" strokeWidth="3" />
            </svg>
            Atelier
          </p>
          {children}
        </main>
      </body>
    </html>
  );
}
