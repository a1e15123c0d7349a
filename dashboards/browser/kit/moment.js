// A time, as the clock of who looks has it.

import {h} from "../vendor/preact/preact.mjs"

/** @param {import("../messages.d.ts").Moment} message */
export function Moment({time}) {
  const words = new Date(time).toLocaleString("sv-SE", {dateStyle: "short", timeStyle: "short"})
  return h("time", {dateTime: time}, words)
}
