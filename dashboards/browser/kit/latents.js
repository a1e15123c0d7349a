// Latents of an image as parallel axes or as a heat map: what a hand moves is drawn at once, and asked for
// when the last question is answered.

import {useContext} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {AxesPlot} from "./latents_axes.js"
import {useEditor} from "./latents_editor.js"
import {HeatPlot} from "./latents_heat.js"
import {nodes} from "./node.js"
import {useRoom} from "./room.js"
import {Shortcut, useShortcut} from "./shortcut.js"

const OWN_BANDS = ["Fit a student with these bands", "Its neighbors are drawn within these bands"]
const NO_BANDS = ["Fit a student", "Drag the ends of a bar, and its neighbors are drawn within them"]

/** @param {import("../messages.d.ts").Latents} message */
export function Latents(message) {
  const {sample, axes, heat, fixed, children} = message
  const {say} = useContext(Card)
  const {box, width, height} = useRoom()
  const editor = useEditor(message, height)
  const warning = editor.error || message.warning
  useShortcut(editor.any ? "Esc" : "", editor.clear, box)
  const {bands, others} = editor
  const [words, title] = bands.length || others !== null ? OWN_BANDS : NO_BANDS
  const fit = () => say("fit", {sample, bands, others})
  return [
    h(
      "div",
      {class: "head"},
      nodes(children),
      h("span", {class: "space"}),
      h("button", {type: "button", class: "chip", disabled: fixed, title, onClick: fit}, words),
      h(
        "button",
        {type: "button", class: "chip", disabled: !editor.any, onClick: editor.clear},
        "Back",
        h(Shortcut, {name: "Esc"}),
      ),
    ),
    h("p", {class: "warning", hidden: !warning}, warning),
    h(
      "div",
      {class: "plot", ref: box},
      width && axes.length ? h(heat ? HeatPlot : AxesPlot, {message, editor, width, height}) : null,
    ),
  ]
}
