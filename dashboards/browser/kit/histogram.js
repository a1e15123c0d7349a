// How often values occur, of all and of those chosen, and a range of them that is dragged over.

import {useContext, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {attributes, nodes} from "./node.js"
import {Painting} from "./painting.js"
import {useRoom} from "./room.js"
import {color} from "./theme.js"

const STILL = 3 // CSS pixels that a hand moves during a click

/** @param {import("../messages.d.ts").Histogram} message */
export function Histogram(message) {
  const {act, name, edges, every, chosen, band, children, ...rest} = message
  const {say} = useContext(Card)
  const {box, width, height} = useRoom()
  const [drag, pull] = useState(null)
  const [bin, point] = useState(null)
  const whole = edges.at(-1) - edges[0]
  const where = (value) => ((value - edges[0]) / whole) * width
  const value = (x) => rounded(edges[0] + (x / width) * whole, whole, 4)
  const local = ({currentTarget, clientX}) =>
    Math.max(0, Math.min(width, clientX - currentTarget.getBoundingClientRect().left))
  const [low, high] = drag ? ends(drag) : band ? band.map(where) : [0, 0]
  const begin = (event) => {
    if (event.button !== 0) return
    point(null)
    pull({from: local(event), to: local(event)})
    event.currentTarget.setPointerCapture(event.pointerId)
    event.preventDefault()
  }
  const move = (event) => {
    if (drag) pull({...drag, to: local(event)})
    else point(Math.min(every.length - 1, Math.floor((local(event) / width) * every.length)))
  }
  const end = ({shiftKey, ctrlKey, metaKey}) => {
    pull(null)
    if (high - low > STILL && drag)
      say(act, {name, low: value(low), high: value(high), shift: shiftKey, ctrl: ctrlKey || metaKey})
  }
  const pointed = bin !== null && !drag && bin < every.length
  return h(
    "div",
    {...attributes(rest), class: `histogram ${rest.look ?? ""}`},
    h("div", {class: "told quiet row spread"}, pointed ? told(message, bin) : nodes(children)),
    h(
      "div",
      {
        class: "strip",
        ref: box,
        onPointerDown: begin,
        onPointerMove: move,
        onPointerUp: end,
        onPointerCancel: () => pull(null),
        onPointerLeave: () => point(null),
      },
      width
        ? h(Painting, {
            width,
            height,
            paint: (context) => paint(context, message, width, height),
            inputs: [message],
          })
        : null,
      h("i", {class: "band", hidden: high <= low, style: `left: ${low}px; width: ${high - low}px`}),
    ),
  )
}

const ends = ({from, to}) => [Math.min(from, to), Math.max(from, to)]

/** With so many digits more than `whole` needs. */
const rounded = (value, whole, digits) =>
  Number(value.toFixed(Math.min(100, Math.max(0, digits - Math.floor(Math.log10(whole))))))

/** What a bin is. */
function told({edges, every, chosen, dated = false}, bin) {
  const whole = edges.at(-1) - edges[0]
  const [low, high] = dated
    ? [edges[bin], edges[bin + 1]].map((edge) => new Date(1000 * edge).toISOString().slice(0, 10))
    : [edges[bin], edges[bin + 1]].map((edge) => String(rounded(edge, whole, 2)).replaceAll("-", "−"))
  const count = (number) => number.toLocaleString("en")
  const also = chosen.length ? `, ${count(chosen[bin])} selected` : ""
  return `${low} to ${high}: ${count(every[bin])} images${also}`
}

/** Heights are the square roots of shares, of all and of the chosen ones each on its own. */
function paint(context, {every, chosen}, width, height) {
  const shares = [every, chosen].map((counts) => {
    const sum = Math.max(
      1,
      counts.reduce((total, count) => total + count, 0),
    )
    return counts.map((count) => count / sum)
  })
  const most = Math.max(1e-9, ...shares.flat())
  const wide = width / every.length
  const bars = (all, high) => {
    for (const [bin, share] of all.entries()) {
      const tall = Math.sqrt(share / most) * (height - 2)
      if (share) context.fillRect(bin * wide, height - tall, Math.max(1, wide - 1), high ?? tall)
    }
  }
  context.fillStyle = color("quiet")
  context.globalAlpha = chosen.length ? 0.38 : 0.7
  bars(shares[0])
  context.fillStyle = color("accent")
  context.globalAlpha = 1
  bars(shares[1], 2)
  context.globalAlpha = 0.45
  bars(shares[1])
}
