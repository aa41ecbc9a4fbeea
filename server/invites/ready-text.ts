import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import { inviteLink } from "@/server/invites/invites";
import { type InviteLanguage, type ReadyTextWish, readyTextWish } from "@/server/invites/schemas";
import { allowMember, attributedScope } from "@/server/permissions";
import { formatMoment, formatRange } from "@/server/times";

/** What an account manager can send from a mailbox of their own: an invitation with its link, in the customer's language. */

export type ReadyText = { language: InviteLanguage; subject: string; body: string };

type Facts = { name: string; sender: string; title: string; abstract: string; until: string; link: string };
type Words = {
  subject: (facts: Facts) => string;
  greeting: (name: string) => string;
  invite: (title: string) => string;
  when: string;
  where: string;
  online: string;
  handsOn: string;
  register: string;
  until: (until: string) => string;
  close: (sender: string) => string;
};

const words: Record<InviteLanguage, Words> = {
  en: {
    subject: ({ title }) => `Invitation: ${title}`,
    greeting: (name) => (name ? `Hello ${name},` : "Hello,"),
    invite: (title) => `I would like to invite you to ${title}.`,
    when: "When",
    where: "Where",
    online: "online",
    handsOn: "It is hands-on: each of you gets an AWS account of your own for the day, at no cost.",
    register: "See what it is about and register here:",
    until: (until) => `You can register until ${until}.`,
    close: (sender) => `Kind regards,\n${sender}`,
  },
  es: {
    subject: ({ title }) => `Invitación: ${title}`,
    greeting: (name) => (name ? `Hola, ${name}:` : "Hola:"),
    invite: (title) => `Me gustaría invitarte a ${title}.`,
    when: "Cuándo",
    where: "Dónde",
    online: "en línea",
    handsOn: "Es un taller práctico: ese día cada participante tiene su propia cuenta de AWS, sin coste.",
    register: "Aquí puedes ver de qué trata e inscribirte:",
    until: (until) => `Puedes inscribirte hasta el ${until}.`,
    close: (sender) => `Un saludo,\n${sender}`,
  },
  pt: {
    subject: ({ title }) => `Convite: ${title}`,
    greeting: (name) => (name ? `Olá, ${name},` : "Olá,"),
    invite: (title) => `Gostaria de lhe fazer um convite para ${title}.`,
    when: "Quando",
    where: "Onde",
    online: "online",
    handsOn: "É um workshop prático: nesse dia, cada participante tem uma conta AWS só para si, sem custos.",
    register: "Veja aqui do que se trata e inscreva-se:",
    until: (until) => `Pode inscrever-se até ${until}.`,
    close: (sender) => `Com os melhores cumprimentos,\n${sender}`,
  },
  it: {
    subject: ({ title }) => `Invito: ${title}`,
    greeting: (name) => (name ? `Ciao ${name},` : "Buongiorno,"),
    invite: (title) => `vorrei invitarti a ${title}.`,
    when: "Quando",
    where: "Dove",
    online: "online",
    handsOn: "È un workshop pratico: per quel giorno ogni partecipante ha un account AWS tutto suo, senza costi.",
    register: "Qui trovi di che cosa si tratta e puoi iscriverti:",
    until: (until) => `Puoi iscriverti entro ${until}.`,
    close: (sender) => `Un saluto,\n${sender}`,
  },
  fr: {
    subject: ({ title }) => `Invitation : ${title}`,
    greeting: (name) => (name ? `Bonjour ${name},` : "Bonjour,"),
    invite: (title) => `J’aimerais vous inviter à ${title}.`,
    when: "Quand",
    where: "Où",
    online: "en ligne",
    handsOn:
      "C’est un atelier pratique : ce jour-là, chaque participant a un compte AWS rien qu’à lui, sans aucun frais.",
    register: "Découvrez le programme et inscrivez-vous ici :",
    until: (until) => `Inscription possible jusqu’au ${until}.`,
    close: (sender) => `Bien cordialement,\n${sender}`,
  },
};

/**
 * The text to forward with a link, in the link's own language or in the one that is asked for. Only for the link's owner,
 * who alone can copy it: `not_found` for anybody else, `conflict` for a link that does not work any more.
 */
export async function readyText(ctx: Context, input: ReadyTextWish): Promise<ReadyText> {
  const actor = allowMember(ctx.actor, "invite.read");
  const { inviteId, language } = readyTextWish.parse(input);
  const invite = await ctx.db.invite.findFirst({
    where: { ...attributedScope(actor), id: inviteId, memberId: actor.memberId },
    include: { workshop: true, member: { select: { identity: { select: { name: true } } } } },
  });
  if (!invite) throw notFound("link");
  const now = ctx.clock.now();
  if (invite.revokedAt || (invite.expiresAt && invite.expiresAt <= now))
    throw new DomainError("conflict", "This link does not work any more: make a new one, or give it a later date.");
  const { title, abstract, place, link: room, startsAt, endsAt, timeZone, sandboxProfileId } = invite.workshop;
  const written = language ?? (invite.locale in words ? (invite.locale as InviteLanguage) : "en");
  const say = words[written];
  const facts = {
    ...{ title, abstract, link: inviteLink(ctx, invite) },
    name: invite.name?.split(" ")[0] ?? "",
    sender: invite.member.identity.name,
    until: invite.expiresAt ? formatMoment(invite.expiresAt, timeZone, written, now) : "",
  };
  const where = place || (room ? say.online : "");
  const body = [
    say.greeting(facts.name),
    [say.invite(title), abstract].filter(Boolean).join("\n"),
    [
      startsAt && endsAt && `${say.when}: ${formatRange(startsAt, endsAt, timeZone, written, now)}`,
      where && `${say.where}: ${where}`,
    ]
      .filter(Boolean)
      .join("\n"),
    sandboxProfileId ? say.handsOn : "",
    `${say.register}\n${facts.link}`,
    facts.until && say.until(facts.until),
    say.close(facts.sender),
  ];
  return { language: written, subject: say.subject(facts), body: body.filter(Boolean).join("\n\n") };
}
