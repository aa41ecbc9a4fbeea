"use client";

import Icon from "@cloudscape-design/components/icon";
import { useEffect, useState } from "react";
import styles from "@/components/search/search.module.css";
import { SearchDialog } from "@/components/search/search-dialog";

const opened = "atelier:search";

/**
 * The search's place in the top bar. The top bar draws what it holds twice, to measure it, so the dialog stands apart and is
 * opened by an event.
 */
export function SearchBox() {
  return (
    <button
      type="button"
      className={styles.box}
      onClick={() => window.dispatchEvent(new Event(opened))}
      aria-haspopup="dialog"
      aria-keyshortcuts="Control+K Meta+K"
    >
      <Icon name="search" />
      <span className={styles.boxText}>Search workshops, people, customers</span>
      <kbd className={styles.boxKeys}>Ctrl K</kbd>
    </button>
  );
}

/** The dialog of the search, once in the console: opened by its place in the top bar, and by Ctrl K (⌘ K) from anywhere. */
export function Search() {
  const [visible, setVisible] = useState(false);

  useEffect(() => {
    const open = () => setVisible(true);
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      open();
    };
    document.addEventListener("keydown", onKey);
    window.addEventListener(opened, open);
    return () => {
      document.removeEventListener("keydown", onKey);
      window.removeEventListener(opened, open);
    };
  }, []);

  return <SearchDialog visible={visible} onDismiss={() => setVisible(false)} />;
}
