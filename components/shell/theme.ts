"use client";

/** Colours and density of the console: by the system's preference until chosen, then kept in this browser. */

export const modeKey = "atelier:mode";
export const densityKey = "atelier:density";
const changed = "atelier:appearance";

function stored(key: string): string | null {
  try {
    return window.localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** What this browser shows now, as one word so that React can compare it. */
export function appearanceWord(): string {
  const mode = stored(modeKey);
  const dark = mode ? mode === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  return `${dark ? "dark" : "light"} ${stored(densityKey) === "compact" ? "compact" : "comfortable"}`;
}

/** Puts the appearance on the page: the two classes that Cloudscape's applyMode and applyDensity set. */
export function applyAppearance(): void {
  const [mode, density] = appearanceWord().split(" ");
  document.body.classList.toggle("awsui-dark-mode", mode === "dark");
  document.body.classList.toggle("awsui-compact-mode", density === "compact");
  document.documentElement.style.colorScheme = mode ?? "light";
}

export function setAppearance(key: typeof modeKey | typeof densityKey, value: string): void {
  try {
    window.localStorage.setItem(key, value);
  } catch {
    // Storage that is switched off: the choice holds until the page is left.
  }
  applyAppearance();
  window.dispatchEvent(new Event(changed));
}

/** For useSyncExternalStore: told when the choice changes here, in another tab, or in the system. */
export function subscribeAppearance(listener: () => void): () => void {
  const query = window.matchMedia("(prefers-color-scheme: dark)");
  const all = () => {
    applyAppearance();
    listener();
  };
  window.addEventListener(changed, all);
  window.addEventListener("storage", all);
  query.addEventListener("change", all);
  return () => {
    window.removeEventListener(changed, all);
    window.removeEventListener("storage", all);
    query.removeEventListener("change", all);
  };
}
