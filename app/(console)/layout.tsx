import "@cloudscape-design/global-styles/index.css";
import "@/components/shell/shell.css";
import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { FirstPaint } from "@/components/shell/first-paint";
import { Shell, type ShellNavigation, type ShellProps } from "@/components/shell/shell";
import { env } from "@/server/env";
import { currentSession } from "@/server/http/members";
import { consolePaths } from "@/server/paths";
import { type MemberRole, mayDo } from "@/server/permissions";

export const metadata: Metadata = {
  title: { default: "Atelier", template: "%s · Atelier" },
  robots: { index: false, follow: false },
  referrer: "same-origin",
};

export const viewport: Viewport = { width: "device-width", initialScale: 1, colorScheme: "light dark" };

/** The side navigation as far as a role may follow it; the pages themselves decide again. */
function navigationFor(role: MemberRole): ShellNavigation {
  const items: ShellNavigation = [
    { text: "Home", href: consolePaths.home() },
    { text: "Workshops", href: consolePaths.workshops() },
    { text: "Customers", href: consolePaths.customers() },
  ];
  if (mayDo(role, "sandbox.read"))
    items.push({
      text: "Sandboxes",
      items: [
        { text: "Pool", href: consolePaths.pool() },
        { text: "Cleanups", href: consolePaths.cleanups() },
      ],
    });
  items.push({ text: "Mail", href: consolePaths.mail() });
  const team = [{ text: "Members", href: consolePaths.members() }];
  if (mayDo(role, "sandbox.read")) team.push({ text: "Sandbox profiles", href: consolePaths.profiles() });
  if (mayDo(role, "team.edit")) team.push({ text: "Settings", href: consolePaths.settings() });
  items.push({ text: "Team", items: team });
  return items;
}

/** What the frame of the console shows to this browser; null when nobody is signed in. */
async function shellProps(): Promise<ShellProps | null> {
  const session = await currentSession();
  if (!session) return null;
  const { actor, identity, memberships } = session;
  return {
    name: identity.name,
    email: identity.email,
    role: actor.role,
    teamId: actor.teamId,
    memberships: memberships.map(({ teamId, teamName, role }) => ({ teamId, teamName, role })),
    navigation: navigationFor(actor.role),
    cloudOff: env().ATELIER_CLOUD_OFF ?? null,
    demo: env().ATELIER_MODE === "demo",
  };
}

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const shell = await shellProps();
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  return (
    <html lang="en" suppressHydrationWarning>
      <body suppressHydrationWarning>
        <FirstPaint nonce={nonce} />
        {shell ? <Shell {...shell}>{children}</Shell> : children}
      </body>
    </html>
  );
}
