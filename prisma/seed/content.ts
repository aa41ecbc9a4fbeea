import type { WorkshopFormInput } from "@/server/workshops/schemas";

/** What the demo's workshops and sandbox profiles say. */

type Content = Pick<WorkshopFormInput, "title" | "abstract" | "outcomes" | "bring" | "agenda" | "place" | "link">;

const laptop = ["A laptop with a current browser", "No AWS account: you get an empty one for the day"];

export const serverless: Content = {
  title: "Serverless day: from events to production",
  abstract:
    "A hands-on day on event-driven applications. You build an order service from queues, functions and tables, break it on purpose, watch it recover, and leave with code that you can take home.\n\nFor developers and architects who have used a cloud before; no serverless experience is needed.",
  outcomes: [
    "Split a process into events and functions that can fail alone",
    "Make a function safe to run twice",
    "Find the slow part of a request from its traces",
    "Estimate what it costs at ten times the load",
  ],
  bring: laptop,
  agenda: [
    { startsAt: "09:30", title: "Welcome and way in", description: "Who is who, your account, the console." },
    { startsAt: "10:00", title: "Events before services", description: "Modelling an order as facts." },
    { startsAt: "11:30", title: "Build the order service", description: "Queue, function, table; in pairs." },
    { startsAt: "13:30", title: "Lunch" },
    { startsAt: "14:30", title: "Break it", description: "Duplicates, time-outs, a poisoned message." },
    { startsAt: "16:15", title: "What it costs and what to do next" },
  ],
  place: "Calle de Alcalá 44, 5th floor, Madrid",
  link: "https://maps.example/alcala-44",
};

export const dataLake: Content = {
  title: "A data lake in a day",
  abstract:
    "From files in a bucket to a question answered: ingest, catalogue, query and share data, with access that a data protection officer would sign.\n\nFor data engineers and analysts who write SQL.",
  outcomes: [
    "Lay out a lake so that queries read little",
    "Give a team access to some columns, and prove it",
    "Keep the bill of a growing lake flat",
  ],
  bring: [...laptop, "A question that you would like to ask your data"],
  agenda: [
    { startsAt: "09:30", title: "What a lake is for, and when not to have one" },
    { startsAt: "10:15", title: "Ingest and catalogue" },
    { startsAt: "12:00", title: "Query, partition, query again" },
    { startsAt: "13:30", title: "Lunch" },
    { startsAt: "14:30", title: "Who may see what" },
    { startsAt: "16:00", title: "Your question" },
  ],
  place: "Rua do Alecrim 21, Lisbon",
  link: "https://maps.example/alecrim-21",
};

export const containers: Content = {
  title: "Containers without clusters",
  abstract:
    "Run containers in production without running a cluster: build an image, ship it, scale it to nothing and back, and see what the platform does for you and what it leaves to you.",
  outcomes: [
    "Ship a container from a commit to a load-balanced service",
    "Choose between containers and functions with numbers",
    "Roll back in a minute",
  ],
  bring: laptop,
  agenda: [
    { startsAt: "09:30", title: "One image, three ways to run it" },
    { startsAt: "11:00", title: "From commit to service" },
    { startsAt: "13:00", title: "Lunch" },
    { startsAt: "14:00", title: "Scale, fail, roll back" },
  ],
  place: "Passeig de Gràcia 12, Barcelona",
  link: "https://meet.example/containers",
};

export const resilience: Content = {
  title: "Resilience by design",
  abstract: "A zone goes dark at eleven. What do your users see? Find out in an account of your own, then change it.",
  outcomes: ["Run a game day", "Find a single point of failure before it finds you"],
  bring: laptop,
  agenda: [
    { startsAt: "10:00", title: "Failure modes on one page" },
    { startsAt: "11:00", title: "Game day, first half" },
    { startsAt: "14:00", title: "Game day, second half" },
  ],
  place: "Gran Vía de Colón 8, Granada",
  link: "",
};

export const streaming: Content = {
  title: "Streaming data, hands on",
  abstract: "Readings from ten thousand meters, a dashboard that is never more than five seconds late, and no servers.",
  outcomes: ["Choose between a queue and a stream", "Process late and repeated readings", "Alarm on what is missing"],
  bring: laptop,
  agenda: [
    { startsAt: "09:30", title: "Queues, streams and when" },
    { startsAt: "11:00", title: "Ten thousand meters" },
    { startsAt: "14:00", title: "Late, twice, never" },
  ],
  place: "Rúa do Príncipe 30, Vigo",
  link: "",
};

export const firstSteps: Content = {
  title: "First steps for developers",
  abstract: "An empty account, a browser, and by five o'clock a small application that is yours.",
  outcomes: ["Find your way in the console", "Deploy an application from the command line"],
  bring: laptop,
  agenda: [
    { startsAt: "09:30", title: "The console, and how to get lost in it" },
    { startsAt: "11:00", title: "A first application" },
    { startsAt: "14:30", title: "The same, from the command line" },
  ],
  place: "Calle Larios 5, Málaga",
  link: "",
};

export const cost: Content = {
  title: "Half the bill",
  abstract: "Read a bill, find the three things that matter, and change them the same afternoon.",
  outcomes: ["Read a bill from the top down", "Set an alarm that somebody acts on"],
  bring: ["Last month's bill, if you may show it"],
  agenda: [
    { startsAt: "14:00", title: "Where the money goes" },
    { startsAt: "15:30", title: "Three changes" },
  ],
  place: "",
  link: "https://meet.example/half-the-bill",
};

export const generative: Content = {
  title: "Answers from your own documents",
  abstract:
    "Ask questions of a thousand documents and get answers with their sources, without sending them anywhere else.",
  outcomes: ["Prepare documents for search by meaning", "Measure whether the answers are right"],
  bring: laptop,
  agenda: [{ startsAt: "10:00", title: "What the model knows and what it does not" }],
  place: "",
  link: "",
};

export const wind: Content = {
  title: "Wind, water, data",
  abstract: "Forecast the output of a wind park from public weather data, on services that scale with the wind.",
  outcomes: ["Build a forecast pipeline", "Compare two models on live data"],
  bring: laptop,
  agenda: [
    { startsAt: "09:00", title: "From weather to watts" },
    { startsAt: "13:00", title: "A pipeline that forgives late data" },
  ],
  place: "Strandvägen 7, Stockholm",
  link: "https://maps.example/strandvagen-7",
};

const allow = (...services: string[]) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: services.map((service) => `${service}:*`), Resource: "*" }],
});

const serverlessServices = [
  "ec2",
  "s3",
  "lambda",
  "dynamodb",
  "sqs",
  "sns",
  "logs",
  "cloudwatch",
  "cloudformation",
  "iam",
];
const lakeServices = ["s3", "glue", "athena", "lakeformation", "kms", "logs", "iam"];
const buildServices = ["ecs", "ecr", "elasticloadbalancing", ...serverlessServices];

export const profiles = {
  serverless: {
    name: "Serverless, three regions",
    description: "Functions, queues, tables, buckets, and small machines. Ireland, Frankfurt and Virginia.",
    regions: ["eu-west-1", "eu-central-1", "us-east-1"],
    services: [...serverlessServices],
    policy: allow(...serverlessServices),
  },
  lake: {
    name: "Data lake",
    description: "Buckets, catalogue, queries and keys. Ireland only.",
    regions: ["eu-west-1"],
    services: [...lakeServices],
    policy: allow(...lakeServices),
  },
  build: {
    name: "Containers",
    description: "Containers beside the serverless services. Ireland and Frankfurt.",
    regions: ["eu-west-1", "eu-central-1"],
    services: [...buildServices],
    policy: allow(...buildServices),
  },
} as const;
