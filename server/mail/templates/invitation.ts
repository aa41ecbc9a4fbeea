import type { Facts } from "@/server/mail/facts";
import {
  detailLines,
  type MailContent,
  type MailLinks,
  paragraphs,
  workshopDetails,
} from "@/server/mail/templates/content";

/** An account manager's invitation to one address. */

type Words = {
  subject: (facts: Facts) => string;
  news: (facts: Facts) => string;
  sandbox: string;
  button: string;
  details: { when: string; where: string; room: string; bring: string };
  until: string;
  ask: (facts: Facts) => string;
  decline: string;
  why: (facts: Facts) => string;
};

const titled = ({ title, start }: Facts) => (start ? `${title}, ${start}` : title);

function write(words: Words) {
  return (facts: Facts, { link }: MailLinks): MailContent => {
    const details = [
      ...workshopDetails(facts, words.details),
      { label: words.until, value: facts.inviteExpires },
    ].filter((detail) => detail.value !== "");
    const after = [words.ask(facts), words.decline];
    return {
      subject: words.subject(facts),
      news: words.news(facts),
      button: { label: words.button, url: link },
      ...(facts.hasSandbox ? { hint: words.sandbox } : {}),
      details,
      after,
      foot: words.why(facts),
      text: paragraphs(
        words.news(facts),
        facts.hasSandbox && words.sandbox,
        `${words.button}: ${link}`,
        detailLines(details),
        ...after,
        `-- \n${words.why(facts)}`,
      ),
    };
  };
}

export const invitation = {
  en: write({
    subject: (facts) => `Invitation: ${titled(facts)}`,
    news: ({ contact, title }) => `${contact.name} invites you to ${title}.`,
    sandbox: "It is hands-on: you get an AWS account of your own for the day, at no cost.",
    button: "See the workshop and register",
    details: { when: "When", where: "Where", room: "Link", bring: "Bring" },
    until: "Register by",
    ask: ({ contact }) => `Questions? Answer this mail; it reaches ${contact.name}.`,
    decline: "The link is for you alone. Not for you? One click on its page says so.",
    why: ({ contact, teamName, deletedAfterDays }) =>
      `You get this because ${contact.name} of ${teamName} wants to invite you. If you do not register, your address is deleted ${deletedAfterDays} days after registration ends at the latest.`,
  }),
  es: write({
    subject: (facts) => `Invitación: ${titled(facts)}`,
    news: ({ contact, title }) => `${contact.name} te invita a ${title}.`,
    sandbox: "Es un taller práctico: ese día tendrás una cuenta de AWS para ti, sin coste.",
    button: "Ver el taller e inscribirme",
    details: { when: "Cuándo", where: "Dónde", room: "Enlace", bring: "Qué traer" },
    until: "Inscripción hasta",
    ask: ({ contact }) => `¿Alguna pregunta? Responde a este correo y le llegará a ${contact.name}.`,
    decline: "El enlace es solo para ti. ¿No te interesa? Puedes decirlo con un clic en su página.",
    why: ({ contact, teamName, deletedAfterDays }) =>
      `Recibes este correo porque ${contact.name}, de ${teamName}, quiere invitarte. Si no te inscribes, tu dirección se borra como muy tarde ${deletedAfterDays} días después de cerrarse la inscripción.`,
  }),
  pt: write({
    subject: (facts) => `Convite: ${titled(facts)}`,
    news: ({ contact, title }) => `Recebeu um convite de ${contact.name} para ${title}.`,
    sandbox: "É um workshop prático: nesse dia terá uma conta AWS só para si, sem custos.",
    button: "Ver o workshop e inscrever-me",
    details: { when: "Quando", where: "Onde", room: "Ligação", bring: "O que trazer" },
    until: "Inscrição até",
    ask: ({ contact }) => `Tem perguntas? Responda a este e-mail; chega a ${contact.name}.`,
    decline: "A ligação é só para si. Não lhe interessa? Basta um clique na página para o dizer.",
    why: ({ contact, teamName, deletedAfterDays }) =>
      `Recebe este e-mail porque ${contact.name}, de ${teamName}, lhe quer enviar um convite. Se não se inscrever, o seu endereço é apagado, o mais tardar, ${deletedAfterDays} dias depois de terminarem as inscrições.`,
  }),
  it: write({
    subject: (facts) => `Invito: ${titled(facts)}`,
    news: ({ contact, title }) => `${contact.name} ti invita a ${title}.`,
    sandbox: "È un workshop pratico: per quel giorno avrai un account AWS tutto tuo, senza costi.",
    button: "Vedi il workshop e iscriviti",
    details: { when: "Quando", where: "Dove", room: "Link", bring: "Cosa portare" },
    until: "Iscrizioni fino al",
    ask: ({ contact }) => `Hai domande? Rispondi a questa e-mail: arriva a ${contact.name}.`,
    decline: "Il link è solo per te. Non fa per te? Basta un clic nella sua pagina per dirlo.",
    why: ({ contact, teamName, deletedAfterDays }) =>
      `Ricevi questa e-mail perché ${contact.name} di ${teamName} desidera invitarti. Se non ti iscrivi, il tuo indirizzo viene cancellato al più tardi ${deletedAfterDays} giorni dopo la chiusura delle iscrizioni.`,
  }),
  fr: write({
    subject: (facts) => `Invitation : ${titled(facts)}`,
    news: ({ contact, title }) => `${contact.name} vous invite à ${title}.`,
    sandbox: "C’est un atelier pratique : vous aurez ce jour-là un compte AWS rien qu’à vous, sans frais.",
    button: "Voir l’atelier et m’inscrire",
    details: { when: "Quand", where: "Où", room: "Lien", bring: "À apporter" },
    until: "Inscription jusqu’au",
    ask: ({ contact }) => `Une question ? Répondez à cet e-mail, ${contact.name} le recevra.`,
    decline: "Ce lien n’est destiné qu’à vous. Pas pour vous ? Un clic sur sa page suffit pour le dire.",
    why: ({ contact, teamName, deletedAfterDays }) =>
      `Vous recevez cet e-mail parce que ${contact.name}, de ${teamName}, souhaite vous inviter. Si vous ne vous inscrivez pas, votre adresse est supprimée au plus tard ${deletedAfterDays} jours après la clôture des inscriptions.`,
  }),
};
