// What is chosen of a playground.

import {h} from "../../vendor/preact/preact.mjs"
import {CHOICES, RANGES} from "./settings.js"

export function Controls({settings, change, playing, play, step, reset, keep, kept, passes}) {
  const choice = (name, words) =>
    h(
      "label",
      {key: name},
      h("span", {}, words),
      h(
        "select",
        {
          onChange: (event) => change({[name]: event.target.value}),
          value: settings[name],
          "aria-label": words,
        },
        CHOICES[name].map(([value, told]) =>
          h("option", {key: value, value, selected: value === settings[name]}, told),
        ),
      ),
    )
  const range = (name, words, unit = "") => {
    const [min, max, stride] = RANGES[name]
    return h(
      "label",
      {key: name},
      h("span", {}, `${words} ${settings[name]}${unit}`),
      h("input", {
        type: "range",
        ...{min, max, step: stride},
        value: settings[name],
        onChange: (event) => change({[name]: event.target.value}),
      }),
    )
  }
  const button = (words, onClick, look = "chip") => h("button", {type: "button", class: look, onClick}, words)
  return h(
    "div",
    {class: "controls", role: "group", "aria-label": "Settings"},
    h(
      "div",
      {class: "run"},
      button(playing ? "Pause" : "Play", () => play(!playing), "action"),
      button("One pass", step),
      button("Start over", reset),
      button("Other points", () => change({seed: `${(Number(settings.seed) % 999) + 1}`})),
      h(
        "button",
        {type: "button", class: "chip", disabled: Boolean(kept.refusal), title: kept.refusal, onClick: keep},
        "Keep as run",
      ),
      h("span", {class: "passes"}, `${passes.toLocaleString("en")} ${passes === 1 ? "pass" : "passes"}`),
    ),
    choice("data", "data"),
    range("noise", "noise", " %"),
    range("share", "for training", " %"),
    range("batch", "batch"),
    choice("rate", "learning rate"),
    choice("activation", "activation"),
    choice("penalty", "penalty"),
    choice("strength", "its strength"),
    choice("race", "race by"),
    choice("fault", "break"),
  )
}
