"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { Live } from "@/components/live";
import { Page } from "@/components/shell/page";
import { Moment, WorkshopTime } from "@/components/times";
import { Since, WorkshopCard } from "@/components/workshops/home";
import { CopyLink } from "@/components/workshops/invitations-tab";
import { SeatBar } from "@/components/workshops/seat-bar";
import type {
  ManagerHome,
  ManagerWorkshop,
  MyCustomer,
  MyLink,
  Need,
  PresentedWorkshop,
} from "@/server/insights/home-manager";
import { consolePaths } from "@/server/paths";
import "@/components/workshops/workshops.css";

/** The first page of an account manager, for a phone first: what needs them, then workshops, links, people, customers. */
export function ManagerHomePage({ home, name }: { home: ManagerHome; name: string }) {
  const { needs, workshops, presented, links, customers, sinceYesterday } = home;
  const first = name.split(" ")[0];
  const calm =
    sinceYesterday.length > 0
      ? `${sinceYesterday.length} registered through your links since yesterday, ${first}.`
      : `Nothing needs you now, ${first}.`;
  return (
    <Page
      title="Home"
      description={
        needs.length > 0 ? `${needs.length} ${needs.length === 1 ? "thing needs" : "things need"} you, ${first}.` : calm
      }
      actions={<Button href={consolePaths.workshops()}>All workshops</Button>}
    >
      <div className="any-word">
        <SpaceBetween size="l">
          <Needs needs={needs} />
          <Grid gridDefinition={[{ colspan: { default: 12, m: 7 } }, { colspan: { default: 12, m: 5 } }]}>
            <SpaceBetween size="l">
              <Presented workshops={presented} />
              <Workshops workshops={workshops} />
              <Links links={links} />
            </SpaceBetween>
            <SpaceBetween size="l">
              <Since rows={sinceYesterday} />
              <Customers customers={customers} />
            </SpaceBetween>
          </Grid>
          <Live topic="home" quiet />
        </SpaceBetween>
      </div>
    </Page>
  );
}

/** What waits for them: one line each, with the page where it is done. */
function Needs({ needs }: { needs: Need[] }) {
  if (needs.length === 0) return null;
  return (
    <Container header={<Header variant="h2">Needs you today</Header>}>
      <ul className="home-list">
        {needs.map((need) => (
          <li key={need.id} className="home-line">
            <div>
              <StatusIndicator type={need.severity} wrapText>
                {need.title}
              </StatusIndicator>
              <Box color="text-body-secondary" fontSize="body-s">
                {need.text}
              </Box>
            </div>
            <Button href={need.action.href} ariaLabel={`${need.action.label}: ${need.title}`}>
              {need.action.label}
            </Button>
          </li>
        ))}
      </ul>
    </Container>
  );
}

function Workshops({ workshops }: { workshops: ManagerWorkshop[] }) {
  return (
    <Container header={<Header variant="h2">My workshops</Header>}>
      <SpaceBetween size="l">
        {workshops.map((workshop) => (
          <WorkshopCard key={workshop.id} workshop={workshop}>
            <div>
              <Link href={consolePaths.workshop(workshop.id, "registrations")}>
                {workshop.myLimit === null
                  ? `${workshop.mySeats} of my people have a seat`
                  : `${workshop.mySeats} of my ${workshop.myLimit} seats`}
              </Link>
              {workshop.counts.waitlisted > 0 ? ` · ${workshop.counts.waitlisted} waiting` : ""}
              {workshop.counts.unverified > 0 ? ` · ${workshop.counts.unverified} not confirmed yet` : ""}
            </div>
            <SeatBar
              capacity={workshop.capacity}
              taken={workshop.seatsTaken}
              offered={workshop.counts.offered}
              waiting={workshop.counts.waitlisted}
            />
            {workshop.state === "draft" ? (
              <Box color="text-body-secondary">Registration is not open yet: your link comes by mail then.</Box>
            ) : (
              <SpaceBetween direction="horizontal" size="s" alignItems="center">
                {workshop.myLink ? <CopyLink link={workshop.myLink} label={`Copy link to ${workshop.title}`} /> : null}
                <Link href={consolePaths.workshop(workshop.id, "invitations")}>Invitations</Link>
              </SpaceBetween>
            )}
          </WorkshopCard>
        ))}
        {workshops.length === 0 ? (
          <Box color="text-body-secondary">
            No workshop needs you now. When a solutions architect chooses you to invite, it shows up here.
          </Box>
        ) : null}
      </SpaceBetween>
    </Container>
  );
}

/** What they present themselves: the door is theirs to keep. Nothing where they present none. */
function Presented({ workshops }: { workshops: PresentedWorkshop[] }) {
  if (workshops.length === 0) return null;
  return (
    <Container header={<Header variant="h2">I present</Header>}>
      <ul className="home-list">
        {workshops.map(({ id, title, place, open, ...dates }) => (
          <li key={id} className="home-line">
            <div>
              {title}
              <Box color="text-body-secondary" fontSize="body-s">
                <WorkshopTime {...dates} />
                {place ? ` · ${place}` : ""}
              </Box>
            </div>
            <Button
              href={consolePaths.checkIn(id)}
              variant={open ? "primary" : "normal"}
              ariaLabel={`Check-in of ${title}`}
            >
              Check-in
            </Button>
          </li>
        ))}
      </ul>
    </Container>
  );
}

const shownLinks = 8;

/** Each with its copy button, so that forwarding one takes a tap. */
function Links({ links }: { links: MyLink[] }) {
  if (links.length === 0) return null;
  return (
    <Container
      header={
        <Header variant="h2" counter={`(${links.length})`}>
          My links
        </Header>
      }
    >
      <ul className="home-list">
        {links.slice(0, shownLinks).map((one) => (
          <li key={one.id} className="home-line">
            <div>
              <Link href={`${consolePaths.workshop(one.workshop.id, "invitations")}?row=${one.id}`}>
                {one.customer ?? "Everybody"}
              </Link>
              , {one.workshop.title}
              <Box color="text-body-secondary" fontSize="body-s">
                {one.opened} opened, {one.registered} registered
                {one.expiresAt ? (
                  <>
                    {" · until "}
                    <Moment at={one.expiresAt} />
                  </>
                ) : null}
              </Box>
            </div>
            <CopyLink link={one.link} label={`Copy link for ${one.customer ?? "everybody"} to ${one.workshop.title}`} />
          </li>
        ))}
      </ul>
      {links.length > shownLinks ? (
        <Box color="text-body-secondary">
          {links.length - shownLinks} more stand with their workshops, under Invitations.
        </Box>
      ) : null}
    </Container>
  );
}

function Customers({ customers }: { customers: MyCustomer[] }) {
  return (
    <Container
      header={
        <Header variant="h2" actions={<Button href={consolePaths.customers()}>All customers</Button>}>
          My customers
        </Header>
      }
    >
      {customers.length === 0 ? (
        <Box color="text-body-secondary">A customer appears here with the first link that you make for them.</Box>
      ) : (
        <ul className="home-list">
          {customers.map((customer) => (
            <li key={customer.id}>
              <Link href={consolePaths.customer(customer.id)}>{customer.name}</Link>
              <Box color="text-body-secondary" fontSize="body-s">
                {customer.registered} registered
                {customer.confirmed > 0 ? `, ${customer.confirmed} with a seat` : ""}
                {customer.waitlisted > 0 ? `, ${customer.waitlisted} waiting` : ""}
              </Box>
            </li>
          ))}
        </ul>
      )}
    </Container>
  );
}
