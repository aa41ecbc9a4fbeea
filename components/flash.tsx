"use client";

import type { FlashbarProps } from "@cloudscape-design/components/flashbar";
import { usePathname } from "next/navigation";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";

/** Messages above the page that tell how an act went; they outlive one move to another page, so that a redirect keeps them. */

export type Flash = {
  type: "success" | "info" | "warning" | "error" | "in-progress";
  header?: ReactNode;
  content?: ReactNode;
  action?: ReactNode;
  /** A message with the id of one that is shown takes its place. */
  id?: string;
};

type FlashTools = { add(flash: Flash): string; dismiss(id: string): void };

const ToolsContext = createContext<FlashTools | null>(null);
const ItemsContext = createContext<FlashbarProps.MessageDefinition[]>([]);

/** `add` shows a message and answers its id; `dismiss` takes it away. */
export function useFlash(): FlashTools {
  const tools = useContext(ToolsContext);
  if (!tools) throw new Error("useFlash needs the shell around it");
  return tools;
}

/** The messages as the frame shows them. */
export function useFlashItems(): FlashbarProps.MessageDefinition[] {
  return useContext(ItemsContext);
}

type Shown = Flash & { id: string; moves: number };

export function FlashProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<Shown[]>([]);
  const counter = useRef(0);
  const pathname = usePathname();

  const dismiss = useCallback((id: string) => setShown((all) => all.filter((one) => one.id !== id)), []);
  const add = useCallback((flash: Flash) => {
    counter.current += 1;
    const id = flash.id ?? `flash-${counter.current}`;
    setShown((all) => [{ ...flash, id, moves: 0 }, ...all.filter((one) => one.id !== id)].slice(0, 5));
    return id;
  }, []);

  const lastPath = useRef(pathname);
  useEffect(() => {
    if (lastPath.current === pathname) return;
    lastPath.current = pathname;
    setShown((all) => all.map((one) => ({ ...one, moves: one.moves + 1 })).filter((one) => one.moves < 2));
  }, [pathname]);

  const tools = useMemo(() => ({ add, dismiss }), [add, dismiss]);
  const items = useMemo(
    () =>
      shown.map(({ type, header, content, action, id }) => ({
        type: type === "in-progress" ? ("info" as const) : type,
        loading: type === "in-progress",
        header,
        content,
        action,
        id,
        dismissible: true,
        dismissLabel: "Dismiss",
        ariaRole: type === "error" ? ("alert" as const) : ("status" as const),
        onDismiss: () => dismiss(id),
      })),
    [shown, dismiss],
  );
  return (
    <ToolsContext value={tools}>
      <ItemsContext value={items}>{children}</ItemsContext>
    </ToolsContext>
  );
}
