"use client";

import AppLayout from "@cloudscape-design/components/app-layout";
import type { ButtonDropdownProps } from "@cloudscape-design/components/button-dropdown";
import Flashbar from "@cloudscape-design/components/flashbar";
import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import SideNavigation, { type SideNavigationProps } from "@cloudscape-design/components/side-navigation";
import TopNavigation, { type TopNavigationProps } from "@cloudscape-design/components/top-navigation";
import { usePathname } from "next/navigation";
import { type ReactNode, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { signOut, signOutEverywhere, switchTeam } from "@/app/(console)/actions";
import { useAction } from "@/components/action";
import { FlashProvider, useFlashItems } from "@/components/flash";

import { Search, SearchBox } from "@/components/search/search-box";
import { useRealWidth } from "@/components/shell/first-paint";
import { NavigationProvider, useNavigation } from "@/components/shell/links";
import { appearanceWord, densityKey, modeKey, setAppearance, subscribeAppearance } from "@/components/shell/theme";
import { roleWords } from "@/components/status";
import { consolePaths } from "@/server/paths";

type Role = keyof typeof roleWords;
type NavigationLink = { text: string; href: string };
export type ShellNavigation = (NavigationLink | { text: string; items: NavigationLink[] })[];

export type ShellProps = {
  name: string;
  email: string;
  role: Role;
  teamId: string;
  memberships: { teamId: string; teamName: string; role: Role }[];
  navigation: ShellNavigation;
  /** Why sandboxes are off, or null. */
  cloudOff: string | null;
  demo: boolean;
};

/** The frame of the console: who and where at the top, the rooms at the side, messages above the page. */
export function Shell({ children, ...props }: ShellProps & { children: ReactNode }) {
  useRealWidth();
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <FlashProvider>
        <NavigationProvider>
          <a href="#console-content" className="console-skip">
            Skip to the content
          </a>
          <Top {...props} />
          <Search />
          <Frame {...props}>{children}</Frame>
        </NavigationProvider>
      </FlashProvider>
    </I18nProvider>
  );
}

function Top({ name, email, role, teamId, memberships, demo }: ShellProps) {
  const { run } = useAction();
  const { pending } = useNavigation();
  const appearance = useSyncExternalStore(subscribeAppearance, appearanceWord, () => "light comfortable");
  const team = memberships.find((one) => one.teamId === teamId);

  const choose = async (id: string) => {
    if (id === "mode") setAppearance(modeKey, appearance.startsWith("dark") ? "light" : "dark");
    if (id === "density") setAppearance(densityKey, appearance.endsWith("compact") ? "comfortable" : "compact");
    // A page of another root layout, and nothing of this session may stay: a full load.
    if (id === "sign-out" && (await run(() => signOut({})))?.ok) window.location.assign(consolePaths.signIn());
    if (id === "sign-out-everywhere" && (await run(() => signOutEverywhere({})))?.ok)
      window.location.assign(consolePaths.signIn());
  };

  const utilities: TopNavigationProps.Utility[] = [];
  if (demo)
    utilities.push({
      type: "button",
      text: "Demo mailbox",
      title: "This is a demo: mails go to a local mailbox",
      iconName: "envelope",
      href: consolePaths.mailbox(),
    });
  if (memberships.length > 1)
    utilities.push({
      type: "menu-dropdown",
      text: team?.teamName ?? "Team",
      ariaLabel: `Team: ${team?.teamName ?? "none"}`,
      iconName: "group",
      items: memberships.map((one) => ({
        id: one.teamId,
        text: one.teamName,
        secondaryText: roleWords[one.role],
        itemType: "checkbox",
        checked: one.teamId === teamId,
      })),
      onItemClick: async ({ detail }) => {
        if (detail.id !== teamId && (await run(() => switchTeam({ teamId: detail.id })))?.ok)
          window.location.assign(consolePaths.home());
      },
    });
  utilities.push({
    type: "menu-dropdown",
    text: name,
    description: `${email} · ${roleWords[role]}`,
    iconName: "user-profile",
    items: userMenu(appearance),
    onItemClick: ({ detail }) => void choose(detail.id),
  });

  return (
    <header id="console-top">
      {pending ? <div className="console-pending" role="progressbar" aria-label="Loading the page" /> : null}
      <TopNavigation
        identity={{ href: consolePaths.home(), title: "Atelier", logo: { src: "/icon.svg", alt: "" } }}
        search={<SearchBox />}
        utilities={utilities}
        i18nStrings={{
          searchIconAriaLabel: "Search",
          searchDismissIconAriaLabel: "Close search",
          overflowMenuTriggerText: "More",
          overflowMenuTitleText: "All",
          overflowMenuBackIconAriaLabel: "Back",
          overflowMenuDismissIconAriaLabel: "Close menu",
        }}
      />
    </header>
  );
}

function userMenu(appearance: string): ButtonDropdownProps.Items {
  return [
    { id: "me", text: "My settings", href: consolePaths.me(), iconName: "settings" },
    {
      id: "appearance",
      text: "Appearance",
      items: [
        { id: "mode", text: "Dark mode", itemType: "checkbox", checked: appearance.startsWith("dark") },
        { id: "density", text: "Compact", itemType: "checkbox", checked: appearance.endsWith("compact") },
      ],
    },
    {
      id: "session",
      text: "Session",
      items: [
        { id: "sign-out", text: "Sign out" },
        { id: "sign-out-everywhere", text: "Sign out everywhere" },
      ],
    },
  ];
}

/** The entry of the side navigation that the path lies under. */
function activeEntry(navigation: ShellNavigation, pathname: string): string {
  const all = navigation.flatMap((item) => ("items" in item ? item.items : [item])).map((item) => item.href);
  const under = all.filter((href) => href !== "/" && (pathname === href || pathname.startsWith(`${href}/`)));
  return under.sort((a, b) => b.length - a.length)[0] ?? (pathname === "/" ? "/" : "");
}

/** Where Cloudscape goes over to its layout for phones. */
const narrowWindow = "(max-width: 688px)";

function Frame({ children, navigation, memberships, teamId, cloudOff }: ShellProps & { children: ReactNode }) {
  const pathname = usePathname();
  const flashes = useFlashItems();
  const [navigationOpen, setNavigationOpen] = useState(true);
  // It goes with the width of the window.
  useEffect(() => {
    const narrow = window.matchMedia(narrowWindow);
    const onChange = () => setNavigationOpen(!narrow.matches);
    narrow.addEventListener("change", onChange);
    return () => narrow.removeEventListener("change", onChange);
  }, []);
  // Cloudscape closes the navigation by itself when it takes the window for a phone's, which can happen for a moment while a
  // page loads: before anybody has pressed anything, a wide window keeps it open.
  const pressed = useRef(false);
  useEffect(() => {
    const onPress = () => {
      pressed.current = true;
    };
    window.addEventListener("pointerdown", onPress, { once: true, capture: true });
    window.addEventListener("keydown", onPress, { once: true, capture: true });
    return () => {
      window.removeEventListener("pointerdown", onPress, { capture: true });
      window.removeEventListener("keydown", onPress, { capture: true });
    };
  }, []);
  // On a phone the navigation covers the page: it starts closed, and closes when it was followed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: every move is the cause
  useEffect(() => {
    if (window.matchMedia(narrowWindow).matches) setNavigationOpen(false);
  }, [pathname]);
  const items = useMemo<SideNavigationProps.Item[]>(
    () =>
      navigation.map((item) =>
        "items" in item
          ? {
              type: "section",
              text: item.text,
              items: item.items.map((link) => ({ type: "link" as const, ...link })),
            }
          : { type: "link", ...item },
      ),
    [navigation],
  );
  const banner = cloudOff
    ? [{ id: "cloud-off", type: "warning" as const, header: "Sandboxes are off", content: cloudOff }]
    : [];
  // News first: the banner stays, and is known.
  const notifications = [...flashes, ...banner];
  return (
    <AppLayout
      headerSelector="#console-top"
      toolsHide
      navigationOpen={navigationOpen}
      onNavigationChange={({ detail }) => {
        if (detail.open || pressed.current || window.matchMedia(narrowWindow).matches) setNavigationOpen(detail.open);
      }}
      maxContentWidth={1600}
      stickyNotifications
      notifications={
        notifications.length > 0 ? <Flashbar items={notifications} stackItems={notifications.length > 3} /> : undefined
      }
      ariaLabels={{
        navigation: "Rooms",
        navigationToggle: "Open navigation",
        navigationClose: "Close navigation",
        notifications: "Messages",
      }}
      navigation={
        <div className="console-side">
          {" "}
          <SideNavigation
            header={{
              text: memberships.find((one) => one.teamId === teamId)?.teamName ?? "Atelier",
              href: consolePaths.home(),
            }}
            activeHref={activeEntry(navigation, pathname)}
            items={items}
          />
        </div>
      }
      content={<div id="console-content">{children}</div>}
    />
  );
}
