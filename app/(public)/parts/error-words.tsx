"use client";

import { createContext, type ReactNode, useContext } from "react";

type Words = { brokenTitle: string; brokenBody: string; brokenReference: string; tryAgain: string };

const Given = createContext<Words | null>(null);

/** What the page of an unexpected error says: it is a client component, and is given nothing but the error. */
export function ErrorWords({ words, children }: { words: Words; children: ReactNode }) {
  return <Given value={words}>{children}</Given>;
}

export function useErrorWords(): Words | null {
  return useContext(Given);
}
