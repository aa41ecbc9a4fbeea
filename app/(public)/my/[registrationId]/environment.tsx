import { Refresh } from "@/app/(public)/my/[registrationId]/refresh";
import { words } from "@/server/http/public";
import type { MyStack } from "@/server/registrations/read";

/** What is started in the attendee's account before they begin: that it is on its way, or what they need of it. */
export async function Environment({ stack }: { stack: MyStack }) {
  const t = await words("stack");
  if (stack.state === "failed")
    return (
      <div className="banner" role="status">
        <p>{t("failed")}</p>
        <Refresh seconds={15} />
      </div>
    );
  if (stack.state !== "done")
    return (
      <div className="banner" role="status">
        <p>{t("preparing")}</p>
        <Refresh seconds={10} />
      </div>
    );
  if (stack.outputs.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="environment">
      <h2 id="environment">{t("title")}</h2>
      <dl>
        {stack.outputs.map((output) => (
          <div key={output.key}>
            <dt>{output.description || output.key}</dt>
            <dd style={{ overflowWrap: "anywhere" }}>
              <OutputValue value={output.value} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function OutputValue({ value }: { value: string }) {
  if (!/^https?:\/\/\S+$/i.test(value)) return <code>{value}</code>;
  return (
    <a href={value} rel="noopener noreferrer" target="_blank">
      {value}
    </a>
  );
}
