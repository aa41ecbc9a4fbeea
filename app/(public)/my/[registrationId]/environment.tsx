import { Refresh } from "@/app/(public)/my/[registrationId]/refresh";
import type { MyStack } from "@/server/registrations/read";

/** What is started in the attendee's account before they begin: that it is on its way, or what they need of it. */
export function Environment({ stack }: { stack: MyStack }) {
  if (stack.state === "failed")
    return (
      <div className="banner" role="status">
        <p>
          Your environment could not be prepared in full. The people who run the workshop see this and can try again;
          you can enter your account meanwhile.
        </p>
        <Refresh seconds={15} />
      </div>
    );
  if (stack.state !== "done")
    return (
      <div className="banner" role="status">
        <p>
          Your environment is being prepared. This takes some minutes, and this page shows it by itself. You can enter
          your account meanwhile; not everything is there yet.
        </p>
        <Refresh seconds={10} />
      </div>
    );
  if (stack.outputs.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="environment">
      <h2 id="environment">Your environment</h2>
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
