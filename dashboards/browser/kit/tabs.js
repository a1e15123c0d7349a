// Tabs, of which one is open: by a click, by arrow keys, or by a key of each.

import {useContext, useEffect, useLayoutEffect, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {isPressed, isTyped} from "./shortcut.js"

const ALONG = {ArrowRight: 1, ArrowLeft: -1}

const openOf = (bar) => bar.querySelector("[aria-selected=true]")

/** Moves the bar alone: `scrollIntoView` moves a page that scrolls, too. */
function reveal(bar) {
  const open = openOf(bar)?.getBoundingClientRect()
  const {left, right} = bar.getBoundingClientRect()
  if (open?.width) bar.scrollLeft += Math.min(0, open.left - left) || Math.max(0, open.right - right)
}

/** @param {import("../messages.d.ts").Tabs} message */
export function Tabs({act, options, chosen, shortcuts, label}) {
  const {say} = useContext(Card)
  const bar = useRef(/** @type {HTMLElement | null} */ (null))
  const names = options.map(([name]) => name)
  const choose = useRef(/** @type {((name: string) => void) | null} */ (null))
  choose.current = (name) => name && name !== chosen && say(act, name)

  const step = (event) => {
    const at = names.indexOf(chosen)
    const {length} = names
    const along = ALONG[event.key]
    const to = {Home: 0, End: length - 1}[event.key] ?? (along && (at + along + length) % length)
    if (to === undefined) return
    event.preventDefault()
    choose.current(names[to])
  }
  useLayoutEffect(() => {
    if (bar.current.querySelector(":focus")) openOf(bar.current)?.focus()
    reveal(bar.current)
  }, [chosen, options])
  useEffect(() => {
    const {current} = bar
    const resized = new ResizeObserver(() => reveal(current)) // it is drawn before it has a width
    resized.observe(current)
    return () => resized.disconnect()
  }, [])
  useEffect(() => {
    const hear = (event) => {
      const at = shortcuts.findIndex((each) => isPressed(each, event))
      if (at >= 0 && !event.repeat && !isTyped(event)) choose.current(names[at])
    }
    window.addEventListener("keydown", hear)
    return () => window.removeEventListener("keydown", hear)
  }, [options, shortcuts])

  const tab = ([name, title], at) => {
    const key = shortcuts[at]
    const states = {"aria-selected": name === chosen, "aria-keyshortcuts": key}
    return h(
      "button",
      {
        type: "button",
        role: "tab",
        tabIndex: name === chosen ? 0 : -1,
        title: key ? `${title} (key ${key})` : title,
        onClick: () => choose.current(name),
        onKeyDown: step,
        ...states,
      },
      title,
      key && h("kbd", {"aria-hidden": "true"}, key),
    )
  }
  return h("div", {class: "tabs", role: "tablist", "aria-label": label, ref: bar}, options.map(tab))
}
