// Where a person asks for images in words, which are completed while they are typed.

import {useContext, useLayoutEffect, useRef, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {useShortcut} from "./shortcut.js"

const MOST = 8 // words that are offered

/** The word before the caret, quote and all. */
const begun = (field) => field.value.slice(0, field.selectionStart).match(/"[^"]*$|[\w.]+$/)?.[0] ?? ""

/** Words that can follow what is typed. */
function completions(field, words) {
  const plain = begun(field).toLowerCase().replace(/^"/, "")
  const quoted = (field.value.slice(0, field.selectionStart).match(/"/g) ?? []).length % 2 === 1
  if (!plain && !quoted) return []
  const fits = ([known]) => {
    const bare = known.replace(/^"/, "").toLowerCase()
    return bare !== plain && bare.startsWith(plain) && (!quoted || known.startsWith('"'))
  }
  return words.filter(fits).slice(0, MOST)
}

function fault({text, begin, end, why}) {
  const marked = h("mark", {}, text.slice(begin, end) || " ")
  return [h("code", {}, text.slice(0, begin), marked, text.slice(end)), h("p", {}, why)]
}

/** @param {import("../messages.d.ts").Query} message */
export function Query({act, words, placeholder, current = "", refusal, shortcut, label, hint}) {
  const {say, lists} = useContext(Card)
  const input = useRef(/** @type {HTMLInputElement | null} */ (null))
  const [text, type] = useState(current)
  const [offered, offer] = useState(/** @type {string[][]} */ ([]))
  const [at, mark] = useState(-1)
  const [quiet, hush] = useState(false) // nothing is said of what was typed before
  const keys = useShortcut(shortcut, () => {
    input.current.focus()
    input.current.select()
  })

  const close = () => {
    offer([])
    mark(-1)
  }
  const take = (index) => {
    const field = input.current
    const from = field.selectionStart - begun(field).length
    field.setRangeText(`${offered[index][0]} `, from, field.selectionStart, "end")
    type(field.value)
    close()
    field.focus()
  }
  const typing = ({target}) => {
    type(target.value)
    hush(true)
    offer(completions(target, lists[words] ?? []))
    mark(-1)
  }
  useLayoutEffect(() => {
    if (!input.current.matches(":focus") || !input.current.value) type(current)
  }, [current])
  useLayoutEffect(() => hush(false), [JSON.stringify(refusal)])

  const press = (event) => {
    const down = {ArrowDown: 1, ArrowUp: -1}[event.key]
    const some = offered.length
    if (down && some) mark((at + down + some + (at < 0 && down < 0 ? 1 : 0)) % some)
    else if (event.key === "Tab" && some && !event.shiftKey) take(Math.max(0, at))
    else if (event.key === "Enter" && at >= 0) take(at)
    else if (event.key === "Enter") {
      close()
      hush(false)
      say(act, input.current.value)
    } else if (event.key === "Escape") {
      if (some) close()
      else {
        hush(true)
        input.current.blur()
      }
    } else return
    event.preventDefault()
  }
  const field = h("input", {
    type: "text",
    role: "combobox",
    "aria-label": label,
    "aria-expanded": offered.length > 0,
    "aria-controls": "words",
    "aria-activedescendant": at < 0 ? "" : `word-${at}`,
    autocomplete: "off",
    spellcheck: false,
    title: hint,
    placeholder,
    value: text,
    ref: input,
    onInput: typing,
    onKeyDown: press,
    onBlur: close,
    ...keys,
  })
  const option = ([word, meaning], index) => {
    const choose = (event) => {
      event.preventDefault()
      take(index)
    }
    const states = {role: "option", id: `word-${index}`, "aria-selected": index === at}
    return h(
      "div",
      {...states, onPointerDown: choose},
      h("b", {}, word),
      h("span", {class: "quiet"}, meaning),
    )
  }
  return h(
    "div",
    {class: "query"},
    h("kbd", {"aria-hidden": "true"}, shortcut),
    field,
    h("div", {class: "words", id: "words", role: "listbox"}, offered.map(option)),
    h("div", {class: "fault", role: "alert"}, !quiet && refusal?.text === text ? fault(refusal) : null),
  )
}
