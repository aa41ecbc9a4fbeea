"use client";

import Box from "@cloudscape-design/components/box";
import Input from "@cloudscape-design/components/input";
import LiveRegion from "@cloudscape-design/components/live-region";
import Modal from "@cloudscape-design/components/modal";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useEffect, useId, useState } from "react";
import { type SearchGroup, searchGroups } from "@/components/search/results";
import styles from "@/components/search/search.module.css";
import { useNavigation } from "@/components/shell/links";
import type { ActionResult } from "@/server/http/request";
import type { SearchAnswer } from "@/server/insights/search";

type Found =
  | { state: "idle" }
  | { state: "asking"; groups: SearchGroup[] }
  | { state: "found"; groups: SearchGroup[] }
  | { state: "failed"; message: string };

/** What the words typed so far lead to; asks once the typing pauses, and forgets answers to older words. */
function useSearch(query: string): Found {
  const [found, setFound] = useState<Found>({ state: "idle" });
  const typed = query.trim();
  useEffect(() => {
    if (typed.length < 2) {
      setFound({ state: "idle" });
      return;
    }
    const abort = new AbortController();
    setFound((before) => ({ state: "asking", groups: before.state === "found" ? before.groups : [] }));
    const timer = setTimeout(() => {
      ask(typed, abort.signal).then(setFound, () => {
        if (abort.signal.aborted) return;
        setFound({ state: "failed", message: "The search could not be reached. It tries again as you type." });
      });
    }, 150);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [typed]);
  return found;
}

async function ask(query: string, signal: AbortSignal): Promise<Found> {
  const response = await fetch("/api/search", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
    signal,
  });
  const result: ActionResult<SearchAnswer> = await response.json();
  if (!result.ok) return { state: "failed", message: result.message };
  return { state: "found", groups: searchGroups(result.value) };
}

/** Finds workshops, people and customers; opened by Ctrl K. Arrow keys walk the results, Enter opens one. */
export function SearchDialog({ visible, onDismiss }: { visible: boolean; onDismiss: () => void }) {
  return (
    <Modal
      visible={visible}
      onDismiss={onDismiss}
      header="Search"
      size="medium"
      position="top"
      footer={
        <div className={styles.keys} aria-hidden="true">
          <span>
            <kbd>↑</kbd> <kbd>↓</kbd> choose
          </span>
          <span>
            <kbd>Enter</kbd> open
          </span>
          <span>
            <kbd>Esc</kbd> close
          </span>
        </div>
      }
    >
      {visible ? <SearchBody onDismiss={onDismiss} /> : null}
    </Modal>
  );
}

function SearchBody({ onDismiss }: { onDismiss: () => void }) {
  const { go } = useNavigation();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const found = useSearch(query);
  const groups = "groups" in found ? found.groups : [];
  const options = groups.flatMap((group) => group.options);
  const current = options[Math.min(chosen, options.length - 1)];
  const listId = useId();

  useEffect(() => {
    if (current) document.getElementById(`${listId}-${current.key}`)?.scrollIntoView({ block: "nearest" });
  }, [current, listId]);

  function onKey(key: string): boolean {
    if (options.length === 0) return false;
    if (key === "ArrowDown") setChosen((at) => (Math.min(at, options.length - 1) + 1) % options.length);
    else if (key === "ArrowUp")
      setChosen((at) => (Math.min(at, options.length - 1) + options.length - 1) % options.length);
    else if (key === "Enter" && current) {
      go(current.href);
      onDismiss();
    } else return false;
    return true;
  }

  return (
    <>
      <Input
        type="search"
        value={query}
        onChange={({ detail }) => {
          setQuery(detail.value);
          setChosen(0);
        }}
        onKeyDown={(event) => {
          if (onKey(event.detail.key)) event.preventDefault();
        }}
        placeholder="Workshop, person or customer"
        ariaLabel="Search workshops, people and customers"
        autoFocus
        autoComplete={false}
        disableBrowserAutocorrect
        spellcheck={false}
        nativeInputAttributes={{
          role: "combobox",
          maxLength: 200,
          "aria-expanded": options.length > 0,
          "aria-controls": listId,
          "aria-autocomplete": "list",
          "aria-activedescendant": current ? `${listId}-${current.key}` : undefined,
        }}
      />
      <div className={styles.results} id={listId} role="listbox" aria-label="Results" tabIndex={-1}>
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options in a listbox; a fieldset is not one.
          <div key={group.label} role="group" aria-labelledby={`${listId}-${group.label}`}>
            <div className={styles.group} id={`${listId}-${group.label}`}>
              {group.label}
            </div>
            {group.options.map((option) => (
              // The frame turns a click on a link into a move without reloading.
              <a
                key={option.key}
                id={`${listId}-${option.key}`}
                href={option.href}
                role="option"
                tabIndex={-1}
                aria-selected={option === current}
                className={styles.option}
                onMouseMove={() => setChosen(options.indexOf(option))}
                onClick={onDismiss}
              >
                <span className={styles.title}>{option.title}</span>
                <span className={styles.detail}>{option.detail}</span>
              </a>
            ))}
          </div>
        ))}
      </div>
      <Answer found={found} count={options.length} query={query.trim()} />
    </>
  );
}

/** What there is to say when there is no list, and for those who hear the page. */
function Answer({ found, count, query }: { found: Found; count: number; query: string }) {
  if (found.state === "failed")
    return (
      <div className={styles.hint}>
        <StatusIndicator type="error">{found.message}</StatusIndicator>
      </div>
    );
  if (found.state === "idle")
    return <div className={styles.hint}>Type two letters or more of a title, a name, an address or a company.</div>;
  if (found.state === "asking" && count === 0)
    return (
      <div className={styles.hint}>
        <StatusIndicator type="loading">Searching</StatusIndicator>
      </div>
    );
  if (found.state === "found" && count === 0)
    return (
      <div className={styles.hint}>
        <Box variant="span" fontWeight="bold">
          Nothing found for “{query}”.
        </Box>{" "}
        Every word has to occur; what is anonymized cannot be found any more.
      </div>
    );
  return <LiveRegion hidden>{found.state === "found" ? `${count} results` : ""}</LiveRegion>;
}
