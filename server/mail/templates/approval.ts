import type { Language } from "@/server/languages/kinds";
import type { Facts } from "@/server/mail/facts";
import {
  detailLines,
  type MailContent,
  type MailLinks,
  type MailTexts,
  paragraphs,
  workshopDetails,
} from "@/server/mail/templates/content";

/** Where somebody has to say yes first: that it is awaited, and that it was a no. A yes is the mail of the seat itself. */

type Words = {
  details: { when: string; where: string; room: string; bring: string };
  ask: string;
  why: string;
  awaiting: { subject: string; news: string; next: string; button: string; leave: string };
  rejected: { subject: string; news: string; reason: string; next: string };
};

/** Puts facts into a sentence. */
function say(sentence: string, facts: Facts): string {
  const { title, start } = facts;
  const known: Record<string, string> = {
    ...{ title, titled: start ? `${title}, ${start}` : title, reason: facts.reason },
    ...{ contact: facts.contact.name, team: facts.teamName, days: String(facts.deletedAfterDays) },
  };
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => known[name] ?? "");
}

function awaitingIn(words: Words) {
  return (facts: Facts, { link }: MailLinks): MailContent => {
    const { awaiting } = words;
    const details = workshopDetails({ ...facts, roomLink: "" }, words.details);
    const [news, next, ask, why] = [awaiting.news, awaiting.next, words.ask, words.why].map((one) => say(one, facts));
    return {
      ...{ subject: say(awaiting.subject, facts), news: news ?? "", details, foot: why ?? "" },
      button: { label: awaiting.button, url: link },
      after: [next ?? "", awaiting.leave, ask ?? ""],
      text: paragraphs(
        ...[news ?? "", next ?? "", detailLines(details), `${awaiting.button}:\n${link}\n${awaiting.leave}`],
        ...[ask ?? "", `-- \n${why}`],
      ),
    };
  };
}

function rejectedIn(words: Words) {
  return (facts: Facts): MailContent => {
    const { rejected } = words;
    const [news, next, ask, why] = [rejected.news, rejected.next, words.ask, words.why].map((one) => say(one, facts));
    const reason = facts.reason ? say(rejected.reason, facts) : "";
    return {
      ...{ subject: say(rejected.subject, facts), news: news ?? "", details: [], foot: why ?? "" },
      after: [reason, next ?? "", ask ?? ""].filter((sentence) => sentence !== ""),
      text: paragraphs(news ?? "", reason, next ?? "", ask ?? "", `-- \n${why}`),
    };
  };
}

const words: Record<Language, Words> = {
  en: {
    details: { when: "When", where: "Where", room: "Link", bring: "Bring" },
    ask: "Questions? Answer this mail; it reaches {contact}.",
    why: "You get this because you registered with {team}. Your data is deleted {days} days after the workshop.",
    awaiting: {
      subject: "Your registration awaits an answer: {titled}",
      news: "Your registration for {title} is with {contact} now, who decides on the seats.",
      next: "The answer comes by mail. Your place in the order is kept until then; a seat is yours once the answer is yes.",
      button: "See my registration",
      leave: "You no longer want to come? Cancel on the same page.",
    },
    rejected: {
      subject: "No seat for you this time: {titled}",
      news: "Your registration for {title} was not accepted.",
      reason: "The reason: {reason}",
      next: "To hear of other dates, answer this mail.",
    },
  },
  es: {
    details: { when: "Cuándo", where: "Dónde", room: "Enlace", bring: "Qué traer" },
    ask: "¿Alguna pregunta? Responde a este correo y le llegará a {contact}.",
    why: "Recibes este correo porque te inscribiste con {team}. Tus datos se borran {days} días después del taller.",
    awaiting: {
      subject: "Tu inscripción está pendiente de respuesta: {titled}",
      news: "Tu inscripción en {title} está ahora en manos de {contact}, que decide sobre las plazas.",
      next: "La respuesta llega por correo. Hasta entonces se guarda tu puesto en el orden; la plaza es tuya cuando la respuesta sea un sí.",
      button: "Ver mi inscripción",
      leave: "¿Ya no quieres venir? Cancela en la misma página.",
    },
    rejected: {
      subject: "Esta vez no hay plaza para ti: {titled}",
      news: "Tu inscripción en {title} no se ha aceptado.",
      reason: "El motivo: {reason}",
      next: "Para saber de otras fechas, responde a este correo.",
    },
  },
  pt: {
    details: { when: "Quando", where: "Onde", room: "Link", bring: "O que trazer" },
    ask: "Dúvidas? Responda a este e-mail; ele chega a {contact}.",
    why: "Este e-mail vem da inscrição com {team}. Os dados são apagados {days} dias após o workshop.",
    awaiting: {
      subject: "A sua inscrição aguarda resposta: {titled}",
      news: "A sua inscrição em {title} está agora com {contact}, que decide sobre os lugares.",
      next: "A resposta chega por e-mail. Até lá, a sua posição na ordem fica guardada; o lugar é seu quando a resposta for sim.",
      button: "Ver a minha inscrição",
      leave: "Já não quer vir? Cancele na mesma página.",
    },
    rejected: {
      subject: "Desta vez não há lugar: {titled}",
      news: "A sua inscrição em {title} não foi aceite.",
      reason: "O motivo: {reason}",
      next: "Para saber de outras datas, responda a este e-mail.",
    },
  },
  it: {
    details: { when: "Quando", where: "Dove", room: "Link", bring: "Cosa portare" },
    ask: "Hai domande? Rispondi a questa e-mail: arriva a {contact}.",
    why: "Ricevi questa e-mail per via della tua iscrizione con {team}. I tuoi dati vengono cancellati {days} giorni dopo il workshop.",
    awaiting: {
      subject: "La tua iscrizione attende una risposta: {titled}",
      news: "La tua iscrizione a {title} è ora nelle mani di {contact}, che decide sui posti.",
      next: "La risposta arriva per e-mail. Fino ad allora il tuo posto nell’ordine resta tuo; il posto in sala è tuo quando la risposta è sì.",
      button: "Vedi la mia iscrizione",
      leave: "Non vuoi più venire? Annulla nella stessa pagina.",
    },
    rejected: {
      subject: "Questa volta non c’è posto per te: {titled}",
      news: "La tua iscrizione a {title} non è stata accettata.",
      reason: "Il motivo: {reason}",
      next: "Per sapere di altre date, rispondi a questa e-mail.",
    },
  },
  fr: {
    details: { when: "Quand", where: "Où", room: "Lien", bring: "À apporter" },
    ask: "Des questions ? Répondez à ce mail : il parvient à {contact}.",
    why: "Vous recevez ce mail parce que vous vous êtes inscrit auprès de {team}. Vos données sont effacées {days} jours après l’atelier.",
    awaiting: {
      subject: "Votre inscription attend une réponse : {titled}",
      news: "Votre inscription à {title} est maintenant entre les mains de {contact}, qui décide des places.",
      next: "La réponse arrive par mail. D’ici là, votre rang est gardé ; la place est à vous dès que la réponse est oui.",
      button: "Voir mon inscription",
      leave: "Vous ne souhaitez plus venir ? Annulez sur la même page.",
    },
    rejected: {
      subject: "Pas de place pour vous cette fois : {titled}",
      news: "Votre inscription à {title} n’a pas été retenue.",
      reason: "La raison : {reason}",
      next: "Pour connaître d’autres dates, répondez à ce mail.",
    },
  },
};

const inEach = <T>(write: (own: Words) => T): Record<Language, T> => ({
  ...{ en: write(words.en), es: write(words.es), pt: write(words.pt), it: write(words.it), fr: write(words.fr) },
});

export const awaitingApproval: MailTexts = inEach(awaitingIn);
export const rejected: MailTexts = inEach(rejectedIn);
