// A place for a file, which is posted to the server beside the websocket.

import {useContext, useEffect, useRef, useState} from "../vendor/preact/hooks.mjs"
import {createContext, h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {attributes, nodes} from "./node.js"
import {size} from "./numbers.js"
import {isTyped} from "./shortcut.js"
import {Work} from "./work.js"

/** Opens the picker of the place around. */
const Picking = createContext(() => {})

/** How far the upload of a file that began at a time is. */
function progress(name, began, {loaded, total}) {
  const left = (((performance.now() - began) / loaded) * (total - loaded)) / 1000
  return {
    text: `Uploading ${name}`,
    detail: `${size(loaded)} of ${size(total)}`,
    share: loaded / total,
    end: left > 1 ? `${Math.round(left)} s left` : "",
  }
}

const holdsFiles = (event) => [...event.dataTransfer.types].includes("Files")

/**
 * While `place` is on the page that is seen, files that are dropped or pasted anywhere on it are `taken`, and a
 * `Signal` of `name` `opens` the picker.
 */
function usePage(name, place, taken, opens) {
  const now = useRef({taken, opens})
  now.current = {taken, opens}
  useEffect(() => {
    if (!name) return
    const ended = new AbortController()
    const {signal} = ended
    const isSeen = () => place.current.getClientRects().length > 0
    const over = (event) => {
      if (isSeen() && holdsFiles(event)) event.preventDefault()
    }
    const drop = (event) => {
      if (event.defaultPrevented || !isSeen() || !holdsFiles(event)) return
      event.preventDefault()
      now.current.taken(event.dataTransfer.files[0])
    }
    const paste = (event) => {
      if (isSeen() && !isTyped(event)) now.current.taken(event.clipboardData?.files[0])
    }
    document.addEventListener(name, () => now.current.opens(), {signal})
    document.addEventListener("dragover", over, {signal})
    document.addEventListener("drop", drop, {signal})
    document.addEventListener("paste", paste, {signal})
    return () => ended.abort()
  }, [name])
}

/** @param {import("../messages.d.ts").Upload} message */
export function Upload({children, act, link, accept, event, disabled, look = "", ...rest}) {
  const {say, work} = useContext(Card)
  const [file, take] = useState(/** @type {File | null} */ (null)) // under way, or waiting for a link
  const [line, tell] = useState({})
  const [over, hover] = useState(false)
  const request = useRef(/** @type {XMLHttpRequest | null} */ (null))
  const picker = useRef(/** @type {HTMLInputElement | null} */ (null))
  const stopped = Boolean(disabled || file || work.text)

  const begin = (chosen) => {
    if (!chosen || stopped) return
    take(chosen)
    say(act, {file: chosen.name})
  }
  const end = () => {
    const running = request.current
    request.current = null // first: the end of what is cancelled is no failure
    take(null)
    tell({})
    return running
  }
  const post = () => {
    if (!file || !link || request.current) return
    const began = performance.now()
    const sending = new XMLHttpRequest()
    sending.upload.onprogress = (event) => tell(progress(file.name, began, event))
    sending.onloadend = () => {
      const {status, statusText} = sending
      if (end() && status !== 200)
        say(act, {file: file.name, fault: status ? `${status} ${statusText}` : "the connection was cut"})
    }
    request.current = sending
    sending.open("POST", link)
    sending.send(file)
  }
  const cancel = () => {
    end()?.abort()
    say("cancel")
  }
  useEffect(post, [link])
  useEffect(() => () => request.current?.abort(), [])
  const place = useRef(/** @type {HTMLElement | null} */ (null))
  usePage(event, place, begin, () => picker.current.click())

  const drags = {
    onDragOver: (event) => {
      if (!holdsFiles(event) || disabled) return
      event.preventDefault()
      hover(true)
    },
    onDragLeave: (event) => event.currentTarget.contains(event.relatedTarget) || hover(false),
    onDrop: (event) => {
      hover(false)
      if (!holdsFiles(event)) return
      event.preventDefault()
      begin(event.dataTransfer.files[0])
    },
  }
  const pick = ({target}) => {
    begin(target.files[0])
    target.value = ""
  }
  const input = h("input", {type: "file", accept, hidden: true, ref: picker, onChange: pick})
  const content = h("fieldset", {disabled: stopped}, input, nodes(children))
  const section = {...attributes(rest), class: `${look} upload${over ? " over" : ""}`, ...drags, ref: place}
  const open = () => picker.current.click()
  return h(Picking.Provider, {value: open}, h("section", section, content, h(Work, {...line, cancel})))
}

/** @param {import("../messages.d.ts").FileButton} message */
export function FileButton({children, ...rest}) {
  const open = useContext(Picking)
  return h("button", {type: "button", ...attributes(rest), onClick: open}, nodes(children))
}
