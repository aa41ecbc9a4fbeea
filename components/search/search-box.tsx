"use client";

import Icon from "@cloudscape-design/components/icon";
import { useEffect, useState } from "react";
import styles from "@/components/search/search.module.css";
import { SearchDialog } from "@/components/search/search-dialog";

/** The search's place in the top bar. Ctrl K (⌘ K) opens it from anywhere in the console. */
export function SearchBox() {
  const [visible, setVisible] = useState(false);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      setVisible(true);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  return (
    <>
      <button
        type="button"
        className={styles.box}
        onClick={() => setVisible(true)}
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K Meta+K"
      >
        <Icon name="search" />
        <span className={styles.boxText}>Search workshops, people, customers</span>
        <kbd className={styles.boxKeys}>Ctrl K</kbd>
      </button>
      <SearchDialog visible={visible} onDismiss={() => setVisible(false)} />
    </>
  );
}
