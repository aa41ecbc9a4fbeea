import { Body, Button, Container, Head, Hr, Html, Img, Link, Preview, Section, Text } from "react-email";
import { wordsIn } from "@/server/languages/languages";
import { logoCid } from "@/server/mail/logo";
import type { MailContent } from "@/server/mail/templates/content";
import type { Block, Inline } from "@/server/mail/text-markup";

/** One column, system fonts, the team's accent on the button; readable with images, styles or light mode switched off. */

const font = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const text = { fontFamily: font, fontSize: "16px", lineHeight: "24px", margin: "0 0 16px" } as const;
const small = { ...text, fontSize: "14px", lineHeight: "20px" } as const;

const linkColor = "#0b5cb5";

// Styles of the body and of sections stand on cells inside of them as well.
const darkMode = `
  :root { color-scheme: light dark; supported-color-schemes: light dark; }
  @media (prefers-color-scheme: dark) {
    .page, .page td { background: #16191f !important; color: #e9ebed !important; }
    .card { background: #1d2129 !important; }
    .card td { background: none !important; }
    .quiet { color: #a4adb8 !important; }
    .set-apart { background: #2a2f38 !important; }
    a.plain { color: #7cb4ff !important; }
    .line { border-color: #414d5c !important; }
  }
`;

function Detail({ label, value, url, locale }: MailContent["details"][number] & { locale: string }) {
  return (
    <Text style={{ ...text, margin: "0 0 6px" }}>
      <span className="quiet" style={{ color: "#5f6b7a" }}>
        {wordsIn(locale, "mail")("shared.label", { label })}{" "}
      </span>
      {url ? (
        <Link className="plain" href={url} style={{ color: linkColor, wordBreak: "break-all" }}>
          {value}
        </Link>
      ) : (
        value
      )}
    </Text>
  );
}

function Forward({ value }: { value: string }) {
  return (
    <Section className="set-apart" style={{ background: "#f4f4f5", borderRadius: "8px", padding: "12px 16px" }}>
      {value.split("\n\n").map((paragraph) => (
        <Text key={paragraph} style={{ ...small, margin: "0 0 10px", wordBreak: "break-word" }}>
          {paragraph.split("\n").flatMap((line, n) => (n === 0 ? [line] : [<br key={line} />, line]))}
        </Text>
      ))}
    </Section>
  );
}

function Inlines({ inlines }: { inlines: readonly Inline[] }) {
  return inlines.map(({ text: words, strong, em, href }) => {
    const lines = words.split("\n").flatMap((line, n) => (n === 0 ? [line] : [<br key={line} />, line]));
    const style = { ...(strong ? { fontWeight: 700 } : {}), ...(em ? { fontStyle: "italic" } : {}) };
    return href === undefined ? (
      <span key={words} style={style}>
        {lines}
      </span>
    ) : (
      <Link key={words} className="plain" href={href} style={{ color: linkColor, ...style, wordBreak: "break-word" }}>
        {lines}
      </Link>
    );
  });
}

/** A paragraph or a list of a team's own words. */
function Own({ block }: { block: Block }) {
  if (block.kind === "paragraph")
    return (
      <Text style={text}>
        <Inlines inlines={block.lines} />
      </Text>
    );
  const List = block.ordered ? "ol" : "ul";
  return (
    <List style={{ ...text, paddingLeft: "24px" }}>
      {block.items.map((item) => (
        <li key={item.map((one) => one.text).join("")} style={{ margin: "0 0 4px" }}>
          <Inlines inlines={item} />
        </li>
      ))}
    </List>
  );
}

function Action({ content, accentColor }: { content: MailContent; accentColor: string }) {
  if (!content.button) return null;
  return (
    <Section style={{ margin: "0 0 20px" }}>
      <Button
        href={content.button.url}
        style={{
          background: accentColor,
          color: "#ffffff",
          fontFamily: font,
          fontSize: "16px",
          fontWeight: 600,
          padding: "12px 24px",
          borderRadius: "8px",
        }}
      >
        {content.button.label}
      </Button>
      {content.hint ? (
        <Text className="quiet" style={{ ...small, color: "#5f6b7a", margin: "10px 0 0" }}>
          {content.hint}
        </Text>
      ) : null}
    </Section>
  );
}

type Props = {
  content: MailContent;
  teamName: string;
  accentColor: string;
  locale: string;
  logo: { width: number; height: number } | null;
};

export function MailLayout({ content, teamName, accentColor, locale, logo }: Props) {
  return (
    <Html lang={locale}>
      <Head>
        <meta name="color-scheme" content="light dark" />
        <title>{content.subject}</title>
        <style>{darkMode}</style>
      </Head>
      <Preview>{content.news}</Preview>
      <Body className="page" style={{ background: "#f4f4f5", color: "#16191f", margin: 0, padding: "24px 12px" }}>
        <Container
          className="card"
          style={{ background: "#ffffff", borderRadius: "12px", maxWidth: "560px", padding: "28px" }}
        >
          {logo ? (
            <Img src={`cid:${logoCid}`} {...logo} alt={teamName} style={{ maxWidth: "100%", margin: "0 0 16px" }} />
          ) : (
            <Text className="quiet" style={{ ...small, color: "#5f6b7a", margin: "0 0 12px" }}>
              {teamName}
            </Text>
          )}
          <Text style={{ ...text, fontSize: "20px", lineHeight: "28px", fontWeight: 600 }}>{content.news}</Text>
          {content.code ? (
            <Text style={{ ...text, fontSize: "34px", lineHeight: "44px", fontWeight: 700, letterSpacing: "6px" }}>
              {content.code}
            </Text>
          ) : null}
          <Action content={content} accentColor={accentColor} />
          {content.details.map((detail) => (
            <Detail key={detail.label} locale={locale} {...detail} />
          ))}
          <Section style={{ height: "10px" }} />
          {content.after.map((sentence) => (
            <Text key={sentence} style={text}>
              {sentence}
            </Text>
          ))}
          {content.rich?.map((block) => (
            <Own key={JSON.stringify(block)} block={block} />
          ))}
          {content.forward ? <Forward value={content.forward} /> : null}
          <Hr className="line" style={{ borderColor: "#d5dbdb", margin: "16px 0" }} />
          <Text className="quiet" style={{ ...small, color: "#5f6b7a", margin: 0 }}>
            {content.foot}
          </Text>
          {content.unsubscribe ? (
            <Text style={{ ...small, margin: "8px 0 0" }}>
              <Link className="plain" href={content.unsubscribe.url} style={{ color: linkColor }}>
                {content.unsubscribe.label}
              </Link>
            </Text>
          ) : null}
        </Container>
      </Body>
    </Html>
  );
}
