/** Why a cleanup ran, in words. */
export function cleanupCause(cause: string): string {
  return { closing: "A workshop closed", new_account: "A new account", by_hand: "By hand" }[cause] ?? cause;
}

/** "4 min 12 s". */
export function durationText(from: string, until: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(until) - Date.parse(from)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
