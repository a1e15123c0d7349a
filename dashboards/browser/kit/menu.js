// A button with a menu.

import {useContext, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {Dropdown} from "./dropdown.js"
import {attributes, nodes} from "./node.js"
import {useShortcut} from "./shortcut.js"

/** @param {import("../messages.d.ts").Menu} message */
export function Menu({children, face, act, name, opened, about, enters, disabled, shortcut, ...rest}) {
  const {say} = useContext(Card)
  const toggler = useRef(null)
  const keys = useShortcut(shortcut, () => toggler.current())
  const inside = {class: `help ${opened ?? ""}`, role: name ? "dialog" : "note", "aria-label": name}
  const turn = (open) => act && say(act, open)
  return h(
    Dropdown,
    {
      face: {...attributes(rest), ...keys, disabled},
      words: nodes(face),
      inside,
      turn,
      about,
      enters,
      toggler,
    },
    nodes(children),
  )
}

/**
 * A button that other cards hear.
 * @param {import("../messages.d.ts").Signal} message
 */
export function Signal({children, event, disabled, ...rest}) {
  const tell = () => document.dispatchEvent(new CustomEvent(event))
  return h("button", {type: "button", ...attributes(rest), disabled, onClick: tell}, nodes(children))
}
