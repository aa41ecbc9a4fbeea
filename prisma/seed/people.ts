import type { MemberRole } from "@/server/permissions";

/** Everybody in the demo. People and companies are made up; every address ends in a domain that cannot exist (RFC 2606). */

export type DemoMember = { email: string; name: string; role: MemberRole };

export const teams = [
  {
    slug: "iberia",
    name: "Iberia",
    timeZone: "Europe/Madrid",
    senderName: "Iberia workshops",
    senderEmail: "workshops@iberia.example",
    accentColor: "#0f62c4",
    members: [
      { email: "adm@iberia.example", name: "Adela Marín", role: "admin" },
      { email: "ana@iberia.example", name: "Ana Ribeiro", role: "account_manager" },
      { email: "bruno@iberia.example", name: "Bruno Castilho", role: "account_manager" },
      { email: "carla@iberia.example", name: "Carla Domènech", role: "account_manager" },
      { email: "sol@iberia.example", name: "Sol Figueroa", role: "solutions_architect" },
      { email: "teo@iberia.example", name: "Teo Almeida", role: "solutions_architect" },
    ],
  },
  {
    slug: "nordics",
    name: "Nordics",
    timeZone: "Europe/Stockholm",
    senderName: "Nordics workshops",
    senderEmail: "workshops@nordics.example",
    accentColor: "#0b6e4f",
    members: [
      { email: "henrik@nordics.example", name: "Henrik Lund", role: "admin" },
      { email: "ingrid@nordics.example", name: "Ingrid Solberg", role: "account_manager" },
      // The one who is in both teams.
      { email: "sol@iberia.example", name: "Sol Figueroa", role: "solutions_architect" },
    ],
  },
] as const satisfies readonly {
  slug: string;
  name: string;
  timeZone: string;
  senderName: string;
  senderEmail: string;
  accentColor: string;
  members: readonly DemoMember[];
}[];

export type Attendee = { name: string; email: string; company: string; jobTitle: string; locale: string };

const companies = {
  atlantica: ["Atlántica Seguros", "atlantica-seguros.example"],
  faro: ["Mercado Faro", "mercadofaro.example"],
  tua: ["Vinhos do Tua", "vinhosdotua.example"],
  ferrovia: ["Ferrovía Norte", "ferrovianorte.example"],
  ultreia: ["Clínica Ultreia", "ultreia.example"],
  solaria: ["Solária Energia", "solaria-energia.example"],
  miramar: ["Banco Miramar", "bancomiramar.example"],
  fjell: ["Fjellvind Kraft", "fjellvind.example"],
} as const;

const list: readonly [string, string, keyof typeof companies, string, string?][] = [
  ["Lucía Gómez Prada", "lucia.gomez", "atlantica", "Platform engineer", "es"],
  ["Marcos Vidal", "marcos.vidal", "atlantica", "Software architect", "es"],
  ["Nerea Otxoa", "nerea.otxoa", "atlantica", "Data engineer"],
  ["Rui Tavares", "rui.tavares", "faro", "Backend developer", "pt"],
  ["Inês Falcão", "ines.falcao", "faro", "Engineering manager", "pt"],
  ["Duarte Seixas", "duarte.seixas", "faro", "DevOps engineer", "pt"],
  ["Beatriz Moura", "beatriz.moura", "tua", "Head of IT", "pt"],
  ["Tiago Lobo", "tiago.lobo", "tua", "Developer", "pt"],
  ["Jordi Puigvert", "jordi.puigvert", "ferrovia", "Cloud engineer"],
  ["Amaia Larrea", "amaia.larrea", "ferrovia", "Systems engineer", "es"],
  ["Pau Serrat", "pau.serrat", "ferrovia", "Data scientist"],
  ["Elvira Santos Rey", "elvira.santos", "ferrovia", "Security engineer", "es"],
  ["Noa Castiñeira", "noa.castineira", "ultreia", "Integration lead", "es"],
  ["Xoán Loureiro", "xoan.loureiro", "ultreia", "Developer"],
  ["Carmen Uceda", "carmen.uceda", "ultreia", "Data protection officer", "es"],
  ["Helena Prats", "helena.prats", "solaria", "Analytics engineer"],
  ["Vasco Moniz", "vasco.moniz", "solaria", "IoT developer", "pt"],
  ["Ximena Arrieta", "ximena.arrieta", "solaria", "Platform owner", "es"],
  ["Gonzalo Iriarte", "gonzalo.iriarte", "miramar", "Enterprise architect", "es"],
  ["Laia Bofill", "laia.bofill", "miramar", "Full-stack developer"],
  ["Íñigo Zabala", "inigo.zabala", "miramar", "Site reliability engineer", "es"],
  ["Marta Queirós", "marta.queiros", "miramar", "Product owner", "pt"],
  ["Sergi Maso", "sergi.maso", "miramar", "Backend developer"],
  ["Aitana Belmonte", "aitana.belmonte", "atlantica", "Data analyst", "es"],
  ["Filipe Nogueira", "filipe.nogueira", "tua", "Operations", "pt"],
  ["Ona Ferrer", "ona.ferrer", "ultreia", "Developer"],
  ["Kari Nygård", "kari.nygard", "fjell", "Control systems engineer"],
  ["Lars Holm", "lars.holm", "fjell", "Software developer"],
];

/** The attendees in the order in which they come up; each may be in several workshops. */
export const attendees: readonly Attendee[] = list.map(([name, local, company, jobTitle, locale = "en"]) => {
  const [companyName, domain] = companies[company];
  return { name, email: `${local}@${domain}`, company: companyName, jobTitle, locale };
});

/** The attendees of these companies, in order. */
export function attendeesOf(...keys: (keyof typeof companies)[]): Attendee[] {
  const names = new Set<string>(keys.map((key) => companies[key][0]));
  return attendees.filter((attendee) => names.has(attendee.company));
}

export const companyName = (key: keyof typeof companies): string => companies[key][0];
