"use client";

import { useEffect } from "react";
import { applyAppearance } from "@/components/shell/theme";

/**
 * Runs before the first paint. The appearance is known to the browser only: the same rule as theme.ts#applyAppearance. And
 * Cloudscape looks at the window's width while rendering, which the server cannot: until the page is alive it is told what
 * the server assumed (its own switch, `awsui-force-mobile-mode`), so that both render the same.
 */
const script = `globalThis[Symbol.for("awsui-force-mobile-mode")]=false;
try{var m=localStorage.getItem("atelier:mode"),d=m?m==="dark":matchMedia("(prefers-color-scheme: dark)").matches;
document.body.classList.toggle("awsui-dark-mode",d);document.documentElement.style.colorScheme=d?"dark":"light";
document.body.classList.toggle("awsui-compact-mode",localStorage.getItem("atelier:density")==="compact")}catch(e){}`;

const forcedMobile = Symbol.for("awsui-force-mobile-mode");

/** From now on the real width counts. Runs in an effect of what stands around all components, so after their own. */
export function useRealWidth(): void {
  useEffect(() => {
    delete (globalThis as { [forcedMobile]?: boolean })[forcedMobile];
    window.dispatchEvent(new Event("resize"));
    document.documentElement.dataset.ready = "";
  }, []);
}

export function FirstPaint({ nonce }: { nonce: string | undefined }) {
  useEffect(() => {
    // Pages that the browser had to render itself (not found) never ran the script.
    applyAppearance();
  }, []);
  return (
    <script
      nonce={nonce}
      // Written by the server it runs; a script that a browser makes from React never does, and is marked as plain text.
      type={typeof window === "undefined" ? "text/javascript" : "text/plain"}
      suppressHydrationWarning
    >
      {script}
    </script>
  );
}
