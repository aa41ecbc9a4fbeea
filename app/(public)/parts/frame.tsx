import type { CSSProperties, ReactNode } from "react";
import { LanguageSwitch } from "@/app/(public)/parts/language-switch";
import { richWords, words } from "@/server/http/public";
import { publicPaths } from "@/server/paths";

/** Relative luminance of a colour like #0f62c4 (WCAG 2.2). */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The team's colour, with white or near-black text on it, whichever reads better. */
function accentStyle(colour: string | undefined): CSSProperties {
  if (!colour || !/^#[0-9a-f]{6}$/i.test(colour)) return {};
  const light = luminance(colour);
  const onAccent = 1.05 / (light + 0.05) >= (light + 0.05) / 0.06 ? "#ffffff" : "#14171a";
  // As text on a light page, a light colour is darkened until it reads (4.5 : 1).
  const share = 1.05 / (light + 0.05) >= 4.5 ? "88%" : "45%";
  return { "--accent": colour, "--on-accent": onAccent, "--accent-share": share } as CSSProperties;
}

type FrameProps = {
  team?: { name: string; accentColor: string };
  /** Of pages where changing the language is more than changing what is shown; links to the same page elsewhere. */
  languageSwitch?: ReactNode;
  children: ReactNode;
};

/** The frame of every public page: who it comes from above, what happens to data and the languages below. */
export async function Frame({ team, languageSwitch, children }: FrameProps) {
  const t = await words("frame");
  return (
    <div className="column" style={accentStyle(team?.accentColor)}>
      <header className="brand">
        <span dir="auto">{team?.name ?? "Atelier"}</span>
      </header>
      <main>{children}</main>
      <footer className="foot">
        {languageSwitch ?? <LanguageSwitch />}
        <a href={publicPaths.privacy()}>{t("privacy")}</a>
      </footer>
    </div>
  );
}

/** A page that says one thing, and what can be done now. */
export function MessagePage({
  team,
  languageSwitch,
  eyebrow,
  title,
  children,
}: FrameProps & { eyebrow?: string; title: string }) {
  return (
    <Frame team={team} languageSwitch={languageSwitch}>
      {eyebrow ? (
        <p className="eyebrow" dir="auto">
          {eyebrow}
        </p>
      ) : null}
      <h1 dir="auto">{title}</h1>
      {children}
    </Frame>
  );
}

/** "Ask Ana Ruiz: ana@…", with the address as a link. */
export async function Ask({ host, what }: { host: { name: string; email: string }; what: string }) {
  const rich = await richWords("frame");
  return (
    <p>
      {rich("ask", {
        what,
        ...host,
        n: (name) => <bdi>{name}</bdi>,
        a: (email) => <a href={`mailto:${host.email}`}>{email}</a>,
      })}
    </p>
  );
}
