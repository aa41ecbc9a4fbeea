"use client";

import { ErrorPage } from "@/components/shell/error-page";

export default function ConsoleError(props: { error: Error & { digest?: string }; reset: () => void }) {
  return <ErrorPage {...props} />;
}
