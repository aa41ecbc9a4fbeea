"use client";

import Box from "@cloudscape-design/components/box";
import "@/components/workshops/workshops.css";

type Seats = { capacity: number; taken: number; offered: number; waiting: number };

/** Seats at a glance: confirmed, offered, free; the waitlist beside. The words say the same as the bar. */
export function SeatBar({ capacity, taken, offered, waiting }: Seats) {
  const confirmed = Math.max(0, taken - offered);
  const free = Math.max(0, capacity - taken);
  const part = (count: number) => `${(100 * count) / Math.max(1, capacity + waiting)}%`;
  const words = [
    `${confirmed} of ${capacity} taken`,
    offered > 0 ? `${offered} offered` : "",
    waiting > 0 ? `${waiting} waiting` : "",
    free > 0 ? `${free} free` : "full",
  ];
  return (
    <div className="seat-bar">
      <div className="seat-bar-track" aria-hidden="true">
        <span className="seat-taken" style={{ inlineSize: part(confirmed) }} />
        <span className="seat-offered" style={{ inlineSize: part(offered) }} />
        <span className="seat-free" style={{ inlineSize: part(free) }} />
        <span className="seat-waiting" style={{ inlineSize: part(waiting) }} />
      </div>
      <Box fontSize="body-s" color="text-body-secondary">
        {words.filter(Boolean).join(" · ")}
      </Box>
    </div>
  );
}
