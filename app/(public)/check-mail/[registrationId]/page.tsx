import type { Metadata } from "next";
import { ResendForm } from "@/app/(public)/check-mail/[registrationId]/resend-form";
import { MessagePage } from "@/app/(public)/parts/frame";
import { invitePage, rawWords, richWords, visitorContext, words } from "@/server/http/public";
import { registrationReceipt } from "@/server/http/receipt";
import { publicPaths } from "@/server/paths";
import { maskEmail, readReceipt, resendSeconds } from "@/server/registrations/registrations";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await words("checkMail"))("title") };
}

export default async function CheckMailPage({ params }: { params: Promise<{ registrationId: string }> }) {
  const { registrationId } = await params;
  const ctx = visitorContext();
  const sealed = await registrationReceipt();
  const receipt = sealed ? readReceipt(ctx, sealed) : null;
  const [t, rich] = [await words("checkMail"), await richWords("checkMail")];
  if (receipt?.id !== registrationId)
    return (
      <MessagePage title={t("title")}>
        <p>{t("elsewhere")}</p>
        <p className="muted">{t("onlyThere")}</p>
      </MessagePage>
    );
  const page = await invitePage(receipt.invite);
  return (
    <MessagePage team={page?.team} eyebrow={page?.workshop.title} title={t("title")}>
      <p className="lead">
        {rich("lead", { address: maskEmail(receipt.email), b: (address) => <strong dir="ltr">{address}</strong> })}
      </p>
      <div className="panel">
        <h2>{t("nothing")}</h2>
        <p>{t("spam")}</p>
        <ResendForm
          waitSeconds={resendSeconds}
          words={{ ...(await rawWords("resend")), sending: (await rawWords("form")).sending }}
        />
        <p style={{ marginTop: "1.25rem" }}>
          {rich("wrong", { a: (inside) => <a href={publicPaths.invite(receipt.invite)}>{inside}</a> })}
        </p>
      </div>
    </MessagePage>
  );
}
