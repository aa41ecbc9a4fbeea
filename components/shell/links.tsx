"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRouter } from "next/navigation";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useTransition,
} from "react";
import { checkInPage } from "@/server/paths";

/**
 * Moving about without reloading. Cloudscape renders plain anchors everywhere; one listener turns a plain click on any of
 * them that stays on this site into a move by the router, and asks first when a form has unsaved changes.
 */

type Navigation = {
  /** Moves to a path of the console, through the question about unsaved changes. */
  go(href: string): void;
  /** Moves without asking: after saving. */
  leave(href: string): void;
  /** Whether a move is under way. */
  pending: boolean;
  /** Marks that something typed would be lost; returns how to take the mark back. */
  guard(): () => void;
};

const NavigationContext = createContext<Navigation | null>(null);

export function useNavigation(): Navigation {
  const navigation = useContext(NavigationContext);
  if (!navigation) throw new Error("useNavigation needs the shell around it");
  return navigation;
}

/** Guards what was typed while `dirty`: closing the tab and following a link ask first. */
export function useUnsavedGuard(dirty: boolean): void {
  const { guard } = useNavigation();
  useEffect(() => (dirty ? guard() : undefined), [dirty, guard]);
}

/** The address of a plain left click on a link that stays on this site, else null. */
function internalClick(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const anchor = (event.target as Element | null)?.closest?.("a[href]");
  if (!(anchor instanceof HTMLAnchorElement)) return null;
  if ((anchor.target && anchor.target !== "_self") || anchor.hasAttribute("download")) return null;
  const url = new URL(anchor.href, window.location.href);
  // Pages outside the console have a root layout of their own, and routes answer files: the browser goes there itself.
  if (url.origin !== window.location.origin || /^\/(api|i|my|enter|confirm|mailbox)(\/|$)/.test(url.pathname))
    return null;
  // What a page may use (the camera) is decided when it is loaded, and not when the router moves to it.
  if (checkInPage.test(url.pathname) !== checkInPage.test(window.location.pathname)) return null;
  if (url.hash && url.pathname === window.location.pathname && url.search === window.location.search) return null;
  return url.pathname + url.search + url.hash;
}

export function NavigationProvider({ children }: { children: ReactNode }) {
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const [asked, setAsked] = useState<string | null>(null);
  const guards = useRef(0);

  const leave = useCallback((href: string) => startTransition(() => router.push(href)), [router]);
  const go = useCallback((href: string) => (guards.current > 0 ? setAsked(href) : leave(href)), [leave]);
  const guard = useCallback(() => {
    guards.current += 1;
    return () => {
      guards.current -= 1;
    };
  }, []);

  useEffect(() => {
    const onClick = (event: MouseEvent) => {
      const href = internalClick(event);
      if (!href) return;
      event.preventDefault();
      go(href);
    };
    const onUnload = (event: BeforeUnloadEvent) => {
      if (guards.current > 0) event.preventDefault();
    };
    document.addEventListener("click", onClick);
    window.addEventListener("beforeunload", onUnload);
    return () => {
      document.removeEventListener("click", onClick);
      window.removeEventListener("beforeunload", onUnload);
    };
  }, [go]);

  const value = useMemo(() => ({ go, leave, pending, guard }), [go, leave, pending, guard]);
  return (
    <NavigationContext value={value}>
      {children}
      <Modal
        visible={asked !== null}
        onDismiss={() => setAsked(null)}
        header="Leave without saving?"
        closeAriaLabel="Stay on this page"
        footer={
          <Box float="right">
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="link" onClick={() => setAsked(null)}>
                Stay
              </Button>
              <Button
                variant="primary"
                onClick={() => {
                  const href = asked;
                  setAsked(null);
                  if (href) leave(href);
                }}
              >
                Leave without saving
              </Button>
            </SpaceBetween>
          </Box>
        }
      >
        What you typed on this page is not saved yet and would be lost.
      </Modal>
    </NavigationContext>
  );
}
