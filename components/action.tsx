"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useCallback, useState } from "react";
import { useFlash } from "@/components/flash";

/** What an action of the console answers; the same shape as server/http/request#ActionResult. */
export type Answer<T> =
  | { ok: true; value: T; message?: string }
  | { ok: false; code: string; message: string; fields: Record<string, string>; reason?: string; missing?: number };

type Options<T> = {
  /** Says what was done, once it was. */
  done?: ReactNode | ((value: T) => ReactNode);
  /** Beside the message of a failure, e.g. a link to what helps. */
  help?: ReactNode;
  /** Failures that the caller shows itself, by code. */
  quiet?: string[];
};

/**
 * Runs an action: one at a time, its failure shown above the page in the words of the server, the page read again after.
 * Answers what the action answered, or null when the network failed or another one is running.
 */
export function useAction() {
  const router = useRouter();
  const flash = useFlash();
  const [pending, setPending] = useState(false);
  const run = useCallback(
    async <T,>(act: () => Promise<Answer<T>>, options: Options<T> = {}): Promise<Answer<T> | null> => {
      setPending(true);
      try {
        const answer = await act();
        if (answer.ok) {
          const done = typeof options.done === "function" ? options.done(answer.value) : options.done;
          flash.dismiss("failed");
          if (done) flash.add({ id: "done", type: "success", content: done });
          router.refresh();
        } else if (!options.quiet?.includes(answer.code)) {
          flash.dismiss("done");
          flash.add({ id: "failed", type: "error", content: answer.message, action: options.help });
          if (answer.code === "conflict" || answer.code === "not_found") router.refresh();
        }
        return answer;
      } catch {
        flash.add({
          id: "failed",
          type: "error",
          content: "Atelier did not answer. Look at your connection and try again; the page shows what was done.",
        });
        return null;
      } finally {
        setPending(false);
      }
    },
    [flash, router],
  );
  return { run, pending };
}
