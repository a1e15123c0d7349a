// Above a grid: what it lists, a search, the order, groups and the size of its tiles; and how to read a tile.

import {badgeImage, CANNOT_TELL, EXPLAINED, WEAK} from "../../kit/badge.js"
import {HelpButton} from "../../kit/help_button.js"
import {Icon} from "../../kit/icon.js"
import {h} from "../../vendor/preact/preact.mjs"

const ROWS = "M2 3h12 M2 6h4v3H2z M8 6h4v3H8z M2 12h12 M2 15h4"
const SIZES = "M2 2h5v5H2z M9 2h5v5H9z M2 9h5v5H2z M9 9h5v5H9z"
const BADGE = 14 // CSS pixels

/** `say` tells the server, `look(text)` searches, `resize()` takes the next size. */
export function Head({listing, help, say, look, resize}) {
  const {title, named, textual, count, sort, sorts = [], group, groupings = []} = listing
  const at = groupings.findIndex(([each]) => each === group)
  const next = groupings[(at + 1) % groupings.length] ?? ["", "nothing"]
  const grouped = `Grouped by ${groupings[at]?.[1]}: a click groups by ${next[1]}`
  const chosen = sorts.find(([name]) => name === sort)?.[1]
  return h(
    "header",
    {},
    h("h2", {class: "title", title}, title),
    h("input", {
      type: "search",
      class: "find",
      "aria-label": "Find an image",
      placeholder: named ? `${textual ? "Text" : "File"} or #index` : "#index",
      title: named
        ? `Part of ${textual ? "a text" : "a file's name"}, or # and the number of an image; Enter again for the next`
        : "# and the number of an image",
      autocomplete: "off",
      spellcheck: false,
      onSearch: (event) => event.target.value || look(""),
      onKeyDown: (event) => event.key === "Enter" && look(event.target.value),
    }),
    h(
      "select",
      {
        "aria-label": "Order of the images",
        title: chosen,
        hidden: !count,
        value: sort,
        onChange: (event) => say("sort", event.target.value),
      },
      sorts.map(([value, text]) => h("option", {value}, text)),
    ),
    icon("Group the images", ROWS, {
      title: grouped,
      hidden: !count,
      "aria-pressed": Boolean(group),
      onClick: () => say("group", next[0]),
    }),
    icon("Size of the tiles", SIZES, {onClick: resize}),
    help.what && h(HelpButton, {subject: "this grid", ...help}),
  )
}

function icon(name, path, attributes) {
  return h(
    "button",
    {type: "button", class: "plain", title: name, "aria-label": name, ...attributes},
    h(Icon, {path}),
  )
}

/** How to read a tile; or what a search came to. */
export function Note({listing, said}) {
  const {note = "", causes = [], badges = []} = listing
  const lines = [note, ...causes.map(({letter, name}) => `${letter} ${name}`)]
  const verdicts = badges.length ? [EXPLAINED, WEAK, CANNOT_TELL] : []
  const meaning = (verdict) => {
    const {name, color} = badges[verdict]
    return h("span", {class: "meaning"}, h("img", badgeImage(BADGE, verdict, color)), name)
  }
  return h(
    "p",
    {class: "quiet note", role: "status", title: said || lines.join("\n")},
    said || [verdicts.map(meaning), h("span", {class: "how"}, note)],
  )
}
