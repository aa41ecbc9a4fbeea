import { pageOrNotFound } from "@/server/http/pages";
import { visitorContext } from "@/server/http/public";
import { type LocalMail, type LocalMailOpened, listLocalMail, readLocalMail } from "@/server/mail/mailbox";
import { consolePaths } from "@/server/paths";
import { relativeWords } from "@/server/times";
import { Refresh } from "./refresh";

type View = "html" | "text";

function address(mailId: string | null, { search, view }: { search: string; view?: View }, part = ""): string {
  const query = new URLSearchParams({ ...(search ? { q: search } : {}), ...(view === "text" ? { view } : {}) });
  const path = mailId ? `${consolePaths.mailbox()}/${mailId}${part}` : consolePaths.mailbox();
  return query.size > 0 ? `${path}?${query}` : path;
}

/** List and opened mail side by side; on a phone one of them. Without an id the newest mail is open. */
export async function MailboxView(props: { mailId: string | null; search: string; view: View }) {
  const { search, view } = props;
  const ctx = visitorContext();
  const mails = await pageOrNotFound(() => listLocalMail(ctx, { search }));
  const openedId = props.mailId ?? mails[0]?.id ?? null;
  const mail = openedId ? await pageOrNotFound(() => readLocalMail(ctx, { id: openedId })) : null;
  const now = ctx.clock.now();
  return (
    <>
      <p className="notice">
        <strong>Local mailbox of the demo: nothing here was sent.</strong> Every mail that Atelier would send lands
        here. <a href={consolePaths.home()}>Back to Atelier</a>
      </p>
      <div className={props.mailId ? "mailbox one" : "mailbox"}>
        <nav aria-label="Mails">
          <h1>Mails</h1>
          <form className="search" action={consolePaths.mailbox()}>
            <input
              type="search"
              name="q"
              defaultValue={search}
              placeholder="Recipient or subject"
              aria-label="Search"
            />
            <button type="submit">Search</button>
          </form>
          <MailList mails={mails} openedId={openedId} search={search} now={now} />
        </nav>
        <main className="opened">{mail ? <OpenedMail mail={mail} search={search} view={view} now={now} /> : null}</main>
      </div>
      <Refresh />
    </>
  );
}

function MailList(props: { mails: LocalMail[]; openedId: string | null; search: string; now: Date }) {
  const { mails, openedId, search, now } = props;
  if (mails.length === 0) {
    const none = search
      ? `No mail has “${search}” in its recipient or subject.`
      : "No mail yet. Codes and links arrive here.";
    return <p className="empty quiet">{none}</p>;
  }
  return (
    <ul className="mails">
      {mails.map((mail) => (
        <li key={mail.id}>
          <a href={address(mail.id, { search })} aria-current={mail.id === openedId ? "page" : undefined}>
            <strong>{mail.subject}</strong>
            <span>{mail.to}</span>
            <span>{when(mail.at, now)}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function when(at: Date, now: Date): string {
  return `${at.toISOString().slice(0, 19).replace("T", " ")} UTC, ${relativeWords(at, now)}`;
}

function OpenedMail({ mail, search, view, now }: { mail: LocalMailOpened; search: string; view: View; now: Date }) {
  return (
    <>
      <a className="back" href={address(null, { search })}>
        All mails
      </a>
      <h2>{mail.subject}</h2>
      <dl>
        <dt>To</dt>
        <dd>{mail.to}</dd>
        <dt>From</dt>
        <dd>{mail.from}</dd>
        <dt>Answers go to</dt>
        <dd>{mail.replyTo}</dd>
        <dt>Written</dt>
        <dd>{when(mail.at, now)}</dd>
      </dl>
      <div className="tabs">
        <a href={address(mail.id, { search })} aria-current={view === "html" ? "page" : undefined}>
          As it looks
        </a>
        <a href={address(mail.id, { search, view: "text" })} aria-current={view === "text" ? "page" : undefined}>
          Plain text
        </a>
        {mail.calendar ? <a href={address(mail.id, { search: "" }, "/calendar")}>Calendar entry</a> : null}
      </div>
      {view === "text" ? (
        <pre>
          <LinkedText text={mail.text} />
        </pre>
      ) : (
        // No script runs in there; links open in a tab of their own.
        <iframe
          title={mail.subject}
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          srcDoc={mail.html.replace("<head>", '<head><base target="_blank">')}
        />
      )}
    </>
  );
}

/** Plain text with its links as links. */
function LinkedText({ text }: { text: string }) {
  let offset = 0;
  return text.split(/(https?:\/\/[^\s<>"]+)/).map((part) => {
    offset += part.length;
    return /^https?:\/\//.test(part) ? (
      <a key={offset} href={part} target="_blank" rel="noreferrer">
        {part}
      </a>
    ) : (
      part
    );
  });
}
