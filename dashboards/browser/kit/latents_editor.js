// How far the latents of one image are moved, and their bands: kept here, and asked for one question at a time.

import {useContext, useLayoutEffect, useRef, useState} from "../vendor/preact/hooks.mjs"
import {values} from "./bytes.js"
import {Card} from "./context.js"
import {probability} from "./numbers.js"

const NOTHING = 1e-6 // what rounding leaves of a direction that is taken back
const ROOM = 0.3 // of an axis beyond its ticks
const STEPS = 50 // of a key, from end to end of an axis
export const [TOP, FOOT] = [14, 34] // CSS pixels above and below an axis
export const KEYS = {ArrowUp: 1, ArrowDown: -1, PageUp: 5, PageDown: -5}

/** What is known of the axes and of what is moved; drawn anew with every change. */
export function useEditor(message, height) {
  const {sample, latents, axes, folded, fixed} = message
  const {say, answered} = useContext(Card)
  const [, redraw] = useState(0)
  const state = useRef(null)
  if (state.current?.sample !== sample) {
    const before = (state.current?.asked ?? 0) + 1 // questions about other images
    const shift = Array(latents).fill(0)
    const own = {sample, shift, bands: new Map(), folded: null}
    state.current = {...own, before, asked: before, busy: false, wanted: false}
  }
  const now = state.current
  const change = (changed) => {
    Object.assign(now, changed)
    redraw((count) => count + 1)
  }
  const ask = () => {
    now.wanted = now.busy
    if (now.busy) return
    now.busy = true
    say("edit", {sample, shift: now.shift, asked: ++now.asked})
  }
  useLayoutEffect(() => {
    if (!(answered.asked >= now.asked)) return
    now.busy = false
    if (now.wanted) ask()
  }, [answered])
  const vectors = values(message.vectors, Float32Array)
  const along = (index) => {
    const {number} = axes[index]
    if (!vectors.length) return now.shift[number]
    return now.shift.reduce((sum, part, latent) => sum + part * vectors[number * latents + latent], 0)
  }
  const move = (index, amount) => {
    const {number} = axes[index]
    const by = amount - along(index)
    const moved = (value, latent) => {
      if (!vectors.length) return latent === number ? amount : value
      const to = value + by * vectors[number * latents + latent]
      return Math.abs(to) < NOTHING ? 0 : to
    }
    change({shift: now.shift.map(moved)})
    ask()
  }
  const scales = axisScales(axes, height)
  const band = (index) => now.bands.get(axes[index].number) ?? axes[index].band
  return {
    axes,
    fixed,
    scales,
    band,
    any: now.shift.some((value) => value !== 0),
    error: answered.asked > now.before ? answered.error : "",
    bands: [...now.bands],
    others: now.folded,
    folded: folded && {...folded, band: now.folded ?? folded.band, moved: now.folded !== null},
    value: (index) => axes[index].value + along(index),
    moved: (index) => Math.abs(along(index)) > 1e-5,
    stretched: (index) => now.bands.has(axes[index].number),
    put(index, value) {
      const [low, high] = scales.ends[index]
      const amount = Math.max(low, Math.min(high, value)) - axes[index].value
      move(index, Math.abs(amount) < (high - low) / 400 ? 0 : amount)
    },
    reset: (index) => move(index, 0),
    stretch(index, half) {
      const bands = new Map(now.bands)
      if (half === null) bands.delete(axes[index].number)
      else bands.set(axes[index].number, Math.max(0, half))
      change({bands})
    },
    fold: (half) => change({folded: half}),
    clear() {
      change({shift: now.shift.map(() => 0)})
      ask()
    },
  }
}

/** Where the values of axes stand in a plot so many CSS pixels high. */
function axisScales(axes, height) {
  const ends = axes.map(({low, high, value}) => {
    const room = ROOM * (high - low || 1)
    return [Math.min(low - room, value), Math.max(high + room, value)]
  })
  const tall = height - TOP - FOOT
  const share = (index, value) => {
    const [low, high] = ends[index]
    return (Math.max(low, Math.min(high, value)) - low) / (high - low)
  }
  return {
    ends,
    tall,
    height,
    y: (index, value) => TOP + tall * (1 - share(index, value)),
    value: (index, y) => ends[index][0] + (1 - (y - TOP) / tall) * (ends[index][1] - ends[index][0]),
  }
}

/** The pointer leads what it has pressed on, until it is let go; a double click takes that back. */
export function usePull({fixed}) {
  const svg = useRef(/** @type {SVGSVGElement | null} */ (null))
  const held = useRef({follow: null, back: null})
  const pull = (event, follow, back) => {
    if (fixed) return
    held.current = {follow, back}
    svg.current.setPointerCapture(event.pointerId)
    event.preventDefault()
    event.currentTarget.focus?.()
  }
  const end = () => {
    held.current.follow = null
  }
  const within = ({clientX, clientY}) => {
    const {left, top} = svg.current.getBoundingClientRect()
    return [clientX - left, clientY - top]
  }
  const pulling = {
    ref: svg,
    onPointerDownCapture: () => {
      held.current = {follow: null, back: null}
    },
    onPointerMove: (event) => {
      const {follow} = held.current
      follow?.(within(event)[1])
      return follow !== null
    },
    onPointerUp: end,
    onPointerCancel: end,
    onDblClick: () => held.current.back?.(), // here, for the drawing has captured the pointer
  }
  return {pull, pulling, within}
}

/** Moves a value by a key, with Shift its band. */
export function press(event, editor, index) {
  const [low, high] = editor.scales.ends[index]
  const by = (KEYS[event.key] * (high - low)) / STEPS
  if (editor.fixed || (Number.isNaN(by) && event.key !== "Home")) return
  if (event.key === "Home") editor.reset(index)
  else if (!event.shiftKey) editor.put(index, editor.value(index) + by)
  else if (editor.band(index) !== null) editor.stretch(index, editor.band(index) + by)
  event.preventDefault()
  event.stopPropagation()
}

/** With a minus sign. */
export const digits = (value) => value.toFixed(2).replace("-", "−")

/** What is said of an axis, and of where its value is now. */
export function axisWords({number, value, deviation, kl, sensitivity, share: part}, now) {
  const own = `${digits(now)}, the image's own is ${digits(value)} ± ${deviation.toFixed(2)}`
  if (part !== null)
    return `Direction ${number + 1}: ${own}; it holds ${(100 * part).toFixed(1)} % of the variance`
  const effect = ` and moves the probability of the predicted class by ${probability(sensitivity)}`
  return `Latent ${number}: ${own}; it says ${kl.toFixed(2)} nats${sensitivity === null ? "" : effect}`
}
