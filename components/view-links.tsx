"use client";

import type { ReactNode } from "react";
import styles from "@/components/view-links.module.css";

type View = { id: string; href: string; text: ReactNode; current: boolean };

/** Views of one list with their figures in a line: each is a link, so that it can be sent and opened beside. */
export function ViewLinks({ label, views }: { label: string; views: View[] }) {
  return (
    <nav aria-label={label}>
      <ul className={styles.views}>
        {views.map(({ id, href, text, current }) => (
          <li key={id}>
            <a className={styles.view} href={href} aria-current={current ? "page" : undefined}>
              {text}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
