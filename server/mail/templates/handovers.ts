import type { Facts } from "@/server/mail/facts";
import {
  detailLines,
  type MailContent,
  type MailLinks,
  paragraphs,
  workshopDetails,
} from "@/server/mail/templates/content";

/** A seat that its holder hands over: to the colleague, and to the holder once it is taken or not. */

type Words = {
  details: { when: string; where: string; room: string; bring: string };
  ask: string;
  why: string;
  asked: {
    subject: string;
    news: string;
    button: string;
    until: string;
    next: string;
    why: string;
  };
  over: { subject: string; saidNo: string; tooLate: string; button: string; next: string };
  done: { subject: string; news: string; calendar: string; page: string };
};

/** Puts facts into a sentence: {title}, {giver}, {until}, {contact}, {team}, {days}. */
function say(sentence: string, facts: Facts): string {
  const known: Record<string, string> = {
    ...{ title: facts.title, giver: facts.giver, until: facts.deadline },
    ...{ contact: facts.contact.name, team: facts.teamName, days: String(facts.deletedAfterDays) },
  };
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => known[name] ?? "");
}

function askedIn(words: Words) {
  return (facts: Facts, { link }: MailLinks): MailContent => {
    const { asked } = words;
    const details = [...workshopDetails(facts, words.details), { label: asked.until, value: facts.deadline }];
    const [news, ask, why] = [say(asked.news, facts), say(words.ask, facts), say(asked.why, facts)];
    return {
      subject: say(asked.subject, facts),
      news,
      button: { label: asked.button, url: link },
      details,
      after: [asked.next, ask],
      foot: why,
      text: paragraphs(news, `${asked.button}:\n${link}`, detailLines(details), asked.next, ask, `-- \n${why}`),
    };
  };
}

function overIn(words: Words) {
  return (facts: Facts, { link }: MailLinks): MailContent => {
    const { over } = words;
    const news = say(facts.saidNo ? over.saidNo : over.tooLate, facts);
    const [ask, why] = [say(words.ask, facts), say(words.why, facts)];
    return {
      subject: say(over.subject, facts),
      news,
      button: { label: over.button, url: link },
      details: workshopDetails(facts, words.details),
      after: [over.next, ask],
      foot: why,
      text: paragraphs(news, over.next, `${over.button}:\n${link}`, ask, `-- \n${why}`),
    };
  };
}

function doneIn(words: Words) {
  return (facts: Facts): MailContent => {
    const { done } = words;
    const [news, ask, why] = [say(done.news, facts), say(words.ask, facts), say(words.why, facts)];
    return {
      subject: say(done.subject, facts),
      news,
      details: [],
      after: [done.calendar, done.page, ask],
      foot: why,
      text: paragraphs(news, done.calendar, done.page, ask, `-- \n${why}`),
    };
  };
}

const words: Record<"en" | "es" | "pt" | "it" | "fr", Words> = {
  en: {
    details: { when: "When", where: "Where", room: "Link", bring: "Bring" },
    ask: "Questions? Answer this mail; it reaches {contact}.",
    why: "You get this because you registered with {team}. Your data is deleted {days} days after the workshop.",
    asked: {
      subject: "{giver} hands over a seat to you: {title}",
      news: "{giver} cannot come to {title} and would like you to take the seat.",
      button: "See the workshop and take the seat",
      until: "Answer by",
      next: "Not for you? One click on the same page says so, and your address is deleted.",
      why: "You get this because {giver} gave your address to {team} for this one mail. If you do not take the seat, it is deleted when the time to answer is over.",
    },
    over: {
      subject: "Still your seat: {title}",
      saidNo: "Your colleague does not take over your seat in {title}.",
      tooLate: "Your colleague did not answer in time about your seat in {title}.",
      button: "Open my workshop",
      next: "The seat is still yours. You can hand it over to somebody else, or cancel it, on your workshop page.",
    },
    done: {
      subject: "Your seat is handed over: {title}",
      news: "Your colleague has taken over your seat in {title}.",
      calendar: "The entry in your calendar goes with the attached file.",
      page: "Your link to the workshop page no longer works, in any browser.",
    },
  },
  es: {
    details: { when: "Cuándo", where: "Dónde", room: "Enlace", bring: "Qué traer" },
    ask: "¿Alguna pregunta? Responde a este correo y le llegará a {contact}.",
    why: "Recibes este correo porque te inscribiste con {team}. Tus datos se borran {days} días después del taller.",
    asked: {
      subject: "{giver} te cede su plaza: {title}",
      news: "{giver} no puede ir a {title} y le gustaría que ocuparas su plaza.",
      button: "Ver el taller y aceptar la plaza",
      until: "Responde antes del",
      next: "¿No te interesa? Puedes decirlo con un clic en la misma página, y tu dirección se borra.",
      why: "Recibes este correo porque {giver} dio tu dirección a {team} solo para este mensaje. Si no aceptas la plaza, se borra al terminar el plazo.",
    },
    over: {
      subject: "La plaza sigue siendo tuya: {title}",
      saidNo: "Tu colega no acepta tu plaza en {title}.",
      tooLate: "Tu colega no ha respondido a tiempo sobre tu plaza en {title}.",
      button: "Abrir mi taller",
      next: "La plaza sigue siendo tuya. Puedes cedérsela a otra persona o cancelarla en la página de tu taller.",
    },
    done: {
      subject: "Has cedido tu plaza: {title}",
      news: "Tu colega ha aceptado tu plaza en {title}.",
      calendar: "La entrada de tu calendario se quita con el archivo adjunto.",
      page: "Tu enlace a la página del taller ya no funciona en ningún navegador.",
    },
  },
  pt: {
    details: { when: "Quando", where: "Onde", room: "Ligação", bring: "O que trazer" },
    ask: "Tem perguntas? Responda a este e-mail; chega a {contact}.",
    why: "Recebe este e-mail porque se inscreveu com {team}. Os seus dados são apagados {days} dias depois do workshop.",
    asked: {
      subject: "{giver} cede-lhe o lugar: {title}",
      news: "{giver} não pode ir a {title} e gostaria que ficasse com o seu lugar.",
      button: "Ver o workshop e aceitar o lugar",
      until: "Responda até",
      next: "Não lhe interessa? Basta um clique na mesma página para o dizer, e o seu endereço é apagado.",
      why: "Recebe este e-mail porque {giver} deu o seu endereço a {team} apenas para esta mensagem. Se não aceitar o lugar, é apagado no fim do prazo.",
    },
    over: {
      subject: "O lugar continua a ser seu: {title}",
      saidNo: "A pessoa que indicou não aceita o seu lugar em {title}.",
      tooLate: "A pessoa que indicou não respondeu a tempo sobre o seu lugar em {title}.",
      button: "Abrir o meu workshop",
      next: "O lugar continua a ser seu. Pode cedê-lo a outra pessoa ou cancelá-lo na página do seu workshop.",
    },
    done: {
      subject: "Cedeu o seu lugar: {title}",
      news: "A pessoa que indicou aceitou o seu lugar em {title}.",
      calendar: "A entrada no seu calendário é retirada com o ficheiro em anexo.",
      page: "A sua ligação para a página do workshop já não funciona em nenhum navegador.",
    },
  },
  it: {
    details: { when: "Quando", where: "Dove", room: "Link", bring: "Cosa portare" },
    ask: "Hai domande? Rispondi a questa e-mail: arriva a {contact}.",
    why: "Ricevi questa e-mail per via della tua iscrizione con {team}. I tuoi dati vengono cancellati {days} giorni dopo il workshop.",
    asked: {
      subject: "{giver} ti cede il suo posto: {title}",
      news: "{giver} non può venire a {title} e vorrebbe che prendessi il suo posto.",
      button: "Vedi il workshop e accetta il posto",
      until: "Rispondi entro",
      next: "Non fa per te? Basta un clic nella stessa pagina per dirlo, e il tuo indirizzo viene cancellato.",
      why: "Ricevi questa e-mail perché {giver} ha dato il tuo indirizzo a {team} solo per questo messaggio. Se non accetti il posto, viene cancellato alla scadenza.",
    },
    over: {
      subject: "Il posto è ancora tuo: {title}",
      saidNo: "La persona che hai indicato non prende il tuo posto per {title}.",
      tooLate: "La persona che hai indicato non ha risposto in tempo sul tuo posto per {title}.",
      button: "Apri il mio workshop",
      next: "Il posto è ancora tuo. Puoi cederlo a un’altra persona o annullarlo nella pagina del tuo workshop.",
    },
    done: {
      subject: "Hai ceduto il tuo posto: {title}",
      news: "La persona che hai indicato ha preso il tuo posto per {title}.",
      calendar: "La voce nel tuo calendario viene tolta con il file allegato.",
      page: "Il tuo link alla pagina del workshop non funziona più, in nessun browser.",
    },
  },
  fr: {
    details: { when: "Quand", where: "Où", room: "Lien", bring: "À apporter" },
    ask: "Une question ? Répondez à cet e-mail, {contact} le recevra.",
    why: "Vous recevez cet e-mail à la suite de votre inscription auprès de {team}. Vos données sont supprimées {days} jours après l’atelier.",
    asked: {
      subject: "{giver} vous cède sa place : {title}",
      news: "{giver} ne peut pas venir à {title} et aimerait que vous preniez sa place.",
      button: "Voir l’atelier et prendre la place",
      until: "Répondre avant le",
      next: "Pas pour vous ? Un clic sur la même page suffit pour le dire, et votre adresse est supprimée.",
      why: "Vous recevez cet e-mail parce que {giver} a donné votre adresse à {team} pour ce seul message. Si vous ne prenez pas la place, elle est supprimée à la fin du délai.",
    },
    over: {
      subject: "La place reste la vôtre : {title}",
      saidNo: "Votre collègue ne prend pas votre place pour {title}.",
      tooLate: "Votre collègue n’a pas répondu à temps au sujet de votre place pour {title}.",
      button: "Ouvrir mon atelier",
      next: "La place reste la vôtre. Vous pouvez la céder à quelqu’un d’autre, ou l’annuler, sur la page de votre atelier.",
    },
    done: {
      subject: "Votre place est cédée : {title}",
      news: "Votre collègue a pris votre place pour {title}.",
      calendar: "L’entrée de votre agenda disparaît avec le fichier joint.",
      page: "Votre lien vers la page de l’atelier ne fonctionne plus, dans aucun navigateur.",
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

export const handoverOffer = each(askedIn);
export const handoverEnded = each(overIn);
export const handedOver = each(doneIn);
