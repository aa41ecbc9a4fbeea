import type { Facts } from "@/server/mail/facts";
import {
  detailLines,
  type MailContent,
  type MailLinks,
  paragraphs,
  workshopDetails,
} from "@/server/mail/templates/content";

/** A seat that is held for somebody on the waitlist, and its end. */

type Words = {
  details: { when: string; where: string; room: string; bring: string };
  ask: string;
  why: string;
  offered: { subject: string; news: string; button: string; until: string; hint: string; next: string };
  lapsed: { subject: string; news: string; next: string };
};

const titled = ({ title, start }: Facts) => (start ? `${title}, ${start}` : title);

/** Puts facts into a sentence: {title}, {titled}, {until}, {contact}, {team}, {days}. */
function say(sentence: string, facts: Facts): string {
  const known: Record<string, string> = {
    ...{ title: facts.title, titled: titled(facts), until: facts.deadline },
    ...{ contact: facts.contact.name, team: facts.teamName, days: String(facts.deletedAfterDays) },
  };
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => known[name] ?? "");
}

function offeredIn(words: Words) {
  return (facts: Facts, { link }: MailLinks): MailContent => {
    const { offered } = words;
    const news = say(offered.news, facts);
    const details = [
      { label: offered.until, value: facts.deadline },
      ...workshopDetails({ ...facts, roomLink: "" }, words.details),
    ];
    const [ask, why] = [say(words.ask, facts), say(words.why, facts)];
    return {
      subject: say(offered.subject, facts),
      news,
      button: { label: offered.button, url: link },
      hint: offered.hint,
      details,
      after: [offered.next, ask],
      foot: why,
      text: paragraphs(
        news,
        `${offered.button}:\n${link}\n${offered.hint}`,
        detailLines(details),
        offered.next,
        ask,
        `-- \n${why}`,
      ),
    };
  };
}

function lapsedIn(words: Words) {
  return (facts: Facts): MailContent => {
    const { lapsed } = words;
    const news = say(lapsed.news, facts);
    const [next, ask, why] = [lapsed.next, words.ask, words.why].map((sentence) => say(sentence, facts));
    return {
      subject: say(lapsed.subject, facts),
      news,
      details: [],
      after: [next ?? "", ask ?? ""],
      foot: why ?? "",
      text: paragraphs(news, next ?? "", ask ?? "", `-- \n${why}`),
    };
  };
}

const words: Record<"en" | "es" | "pt" | "it" | "fr", Words> = {
  en: {
    details: { when: "When", where: "Where", room: "Link", bring: "Bring" },
    ask: "Questions? Answer this mail; it reaches {contact}.",
    why: "You get this because you registered with {team}. Your data is deleted {days} days after the workshop.",
    offered: {
      subject: "A seat for you until {until}: {title}",
      news: "A seat in {title} became free. It is held for you until {until}.",
      button: "Take the seat or decline it",
      until: "Answer by",
      hint: "One click on that page, either way.",
      next: "Without an answer by then it goes to the next on the list, and your registration ends.",
    },
    lapsed: {
      subject: "The seat went on to the next: {title}",
      news: "The seat in {title} that was held for you has gone to the next on the list.",
      next: "You still want to come? Register again through your invitation; you then join the end of the list.",
    },
  },
  es: {
    details: { when: "Cuándo", where: "Dónde", room: "Enlace", bring: "Qué traer" },
    ask: "¿Alguna pregunta? Responde a este correo y le llegará a {contact}.",
    why: "Recibes este correo porque te inscribiste con {team}. Tus datos se borran {days} días después del taller.",
    offered: {
      subject: "Una plaza para ti hasta el {until}: {title}",
      news: "Ha quedado libre una plaza en {title}. La guardamos para ti hasta el {until}.",
      button: "Aceptar la plaza o rechazarla",
      until: "Responde antes del",
      hint: "En esa página basta un clic, en ambos casos.",
      next: "Si no respondes antes, la plaza pasa a la siguiente persona de la lista y tu inscripción termina.",
    },
    lapsed: {
      subject: "La plaza ha pasado a la siguiente persona: {title}",
      news: "La plaza de {title} que te guardábamos ha pasado a la siguiente persona de la lista.",
      next: "¿Todavía quieres venir? Inscríbete otra vez con tu invitación; entrarás al final de la lista.",
    },
  },
  pt: {
    details: { when: "Quando", where: "Onde", room: "Ligação", bring: "O que trazer" },
    ask: "Tem perguntas? Responda a este e-mail; chega a {contact}.",
    why: "Recebe este e-mail porque se inscreveu com {team}. Os seus dados são apagados {days} dias depois do workshop.",
    offered: {
      subject: "Um lugar para si até {until}: {title}",
      news: "Ficou livre um lugar em {title}. Está reservado para si até {until}.",
      button: "Aceitar ou recusar o lugar",
      until: "Responda até",
      hint: "Nessa página basta um clique, em ambos os casos.",
      next: "Sem resposta até lá, o lugar passa para a pessoa seguinte da lista e a sua inscrição termina.",
    },
    lapsed: {
      subject: "O lugar passou para a pessoa seguinte: {title}",
      news: "O lugar em {title} que estava reservado para si passou para a pessoa seguinte da lista.",
      next: "Ainda quer vir? Inscreva-se de novo através do seu convite; fica no fim da lista.",
    },
  },
  it: {
    details: { when: "Quando", where: "Dove", room: "Link", bring: "Cosa portare" },
    ask: "Hai domande? Rispondi a questa e-mail: arriva a {contact}.",
    why: "Ricevi questa e-mail per via della tua iscrizione con {team}. I tuoi dati vengono cancellati {days} giorni dopo il workshop.",
    offered: {
      subject: "Un posto per te fino a {until}: {title}",
      news: "Si è liberato un posto per {title}. Lo teniamo per te fino a {until}.",
      button: "Accetta o rifiuta il posto",
      until: "Rispondi entro",
      hint: "In quella pagina basta un clic, in entrambi i casi.",
      next: "Senza risposta entro quel momento il posto passa alla persona successiva della lista e la tua iscrizione termina.",
    },
    lapsed: {
      subject: "Il posto è passato alla persona successiva: {title}",
      news: "Il posto per {title} che tenevamo per te è passato alla persona successiva della lista.",
      next: "Vuoi ancora venire? Iscriviti di nuovo con il tuo invito: entrerai in fondo alla lista.",
    },
  },
  fr: {
    details: { when: "Quand", where: "Où", room: "Lien", bring: "À apporter" },
    ask: "Une question ? Répondez à cet e-mail, {contact} le recevra.",
    why: "Vous recevez cet e-mail à la suite de votre inscription auprès de {team}. Vos données sont supprimées {days} jours après l’atelier.",
    offered: {
      subject: "Une place pour vous jusqu’au {until} : {title}",
      news: "Une place s’est libérée pour {title}. Elle vous est réservée jusqu’au {until}.",
      button: "Prendre ou refuser la place",
      until: "Répondre avant le",
      hint: "Un clic suffit sur cette page, dans les deux cas.",
      next: "Sans réponse d’ici là, la place revient à la personne suivante de la liste et votre inscription prend fin.",
    },
    lapsed: {
      subject: "La place est revenue à la personne suivante : {title}",
      news: "La place pour {title} qui vous était réservée est revenue à la personne suivante de la liste.",
      next: "Vous souhaitez toujours venir ? Inscrivez-vous à nouveau avec votre invitation : vous serez en fin de liste.",
    },
  },
};

const each = <T>(make: (words: Words) => T) => ({
  en: make(words.en),
  es: make(words.es),
  pt: make(words.pt),
  it: make(words.it),
  fr: make(words.fr),
});

export const offered = each(offeredIn);
export const offerLapsed = each(lapsedIn);
