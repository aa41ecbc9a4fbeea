import { LocalTime } from "@/app/(public)/parts/local-time";
import { readerLanguage, words } from "@/server/http/public";
import { rawWordsIn } from "@/server/languages/languages";
import { dateBlock, formatRange, formatTime, relativeWords } from "@/server/times";

type Schedule = { startsAt: Date | null; endsAt: Date | null; timeZone: string };

/** The date as a block, with the time in the workshop's zone, in the reader's where it differs, and the place. */
export async function When({
  workshop,
  place,
  now,
  relative = false,
}: {
  workshop: Schedule;
  place: string;
  now: Date;
  relative?: boolean;
}) {
  const { startsAt, endsAt, timeZone } = workshop;
  const [language, t] = [await readerLanguage(), await words("times")];
  if (!startsAt || !endsAt) return <p className="muted">{t("notFixed")}</p>;
  const block = dateBlock(startsAt, timeZone, language);
  const { elsewhere } = rawWordsIn(language, "times");
  return (
    <div className="when">
      <div className="tile" aria-hidden="true">
        <span className="month">{block.month}</span>
        <span className="day">{block.day}</span>
        <span className="weekday">{block.weekday}</span>
      </div>
      <div>
        <p>
          <strong>{formatRange(startsAt, endsAt, timeZone, language, now)}</strong>{" "}
          <LocalTime
            at={startsAt.toISOString()}
            timeZone={timeZone}
            language={language}
            pattern={elsewhere}
            places={language === "en" ? {} : rawWordsIn(language, "places")}
          />
        </p>
        {relative ? <p className="muted">{relativeWords(startsAt, now, language, timeZone)}</p> : null}
        {place ? <p dir="auto">{place}</p> : null}
        {place && !/^online$/i.test(place) ? (
          <p className="small">
            <a
              href={`https://www.openstreetmap.org/search?query=${encodeURIComponent(place)}`}
              rel="noopener noreferrer"
              target="_blank"
            >
              {t("map")}
            </a>
          </p>
        ) : null}
      </div>
    </div>
  );
}

export type AgendaItem = { startsAt: string; title: string; description: string };

/** The agenda of a row (JSON, as the console wrote it), without what is no item. */
export function agendaItems(json: unknown): AgendaItem[] {
  if (!Array.isArray(json)) return [];
  return json.flatMap((item: unknown) => {
    if (typeof item !== "object" || item === null) return [];
    const { startsAt, title, description } = item as Record<string, unknown>;
    if (typeof startsAt !== "string" || typeof title !== "string") return [];
    return [{ startsAt, title, description: typeof description === "string" ? description : "" }];
  });
}

/** Which item runs now, on the workshop's clock; -1 before the first. */
function currentItem(items: AgendaItem[], now: Date, timeZone: string): number {
  const clock = formatTime(now, timeZone);
  return items.findLastIndex((item) => item.startsAt <= clock);
}

export async function Agenda({
  json,
  now,
  timeZone,
  live = false,
}: {
  json: unknown;
  now: Date;
  timeZone: string;
  live?: boolean;
}) {
  const items = agendaItems(json);
  if (items.length === 0) return null;
  const t = await words("workshop");
  const current = live ? currentItem(items, now, timeZone) : -2;
  return (
    <section aria-labelledby="agenda">
      <h2 id="agenda">{t("agenda")}</h2>
      <ol className="plain agenda">
        {items.map((item, index) => (
          <li
            key={`${item.startsAt}-${item.title}`}
            className={index === current ? "now" : undefined}
            aria-current={index === current ? "step" : undefined}
          >
            <time>{item.startsAt}</time>
            <div dir="auto">
              <strong>{item.title}</strong>
              {index === current ? <span className="muted"> · {t("now")}</span> : null}
              {live && index === current + 1 ? <span className="muted"> · {t("next")}</span> : null}
              {item.description ? <p className="muted small">{item.description}</p> : null}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** A list with a heading; nothing where there is nothing. */
export function Points({ id, title, items }: { id: string; title: string; items: string[] }) {
  if (items.length === 0) return null;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <ul className="plain ticks">
        {items.map((item) => (
          <li key={item} dir="auto">
            {item}
          </li>
        ))}
      </ul>
    </section>
  );
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toLocaleUpperCase("en");
}

export function HostCard({ host, words }: { host: { name: string; email: string }; words: string }) {
  return (
    <div className="host">
      <span className="initials" aria-hidden="true">
        {initials(host.name)}
      </span>
      <div>
        <p className="muted small">{words}</p>
        <p>
          <bdi>{host.name}</bdi> · <a href={`mailto:${host.email}`}>{host.email}</a>
        </p>
      </div>
    </div>
  );
}
