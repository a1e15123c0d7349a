// The corner between the names of rows and columns: what they are, and what else is to say.

import {h} from "../vendor/preact/preact.mjs"

export function Origin({sides: [rows, columns], note}) {
  const lines = [note, `${rows} ↓`, `${columns} →`].filter(Boolean)
  return h(
    "div",
    {class: "origin quiet"},
    lines.map((line) => h("div", {}, line)),
  )
}
