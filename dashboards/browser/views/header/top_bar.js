import {fill, h, iconButton, say} from "../../widgets/dom.js"
import {popoverOf} from "../../widgets/help.js"
import {fillScreen} from "./cards.js"
import {computingMenu} from "./computing_menu.js"
import {dividers} from "./dividers.js"
import {savePictures} from "./pictures.js"
import {queryBox} from "./query_box.js"
import {saveMenu} from "./save_menu.js"
import {stepList} from "./step_list.js"

const MODES = [
  ["replace", "Replace the selection", "M2.5 2.5h11v11h-11z"],
  ["add", "Add to the selection (Shift)", "M2 2h8v4h4v8H6v-4H2z"],
  ["subtract", "Subtract from the selection (Ctrl)", "M2 2h8v8H2z M10 6h4v8H6v-4 M4 6h4"],
  [
    "intersect",
    "Keep only what is in both (Shift + Ctrl)",
    "M2 2h8v4 M10 14h4V6H6v8h4 M6 10H2V2 M6 6h4v4H6z",
  ],
]
const UNDO = "M6 3 3 6l3 3 M3 6h6.5a3.5 3.5 0 0 1 0 7H6"
const REDO = "M10 3l3 3-3 3 M13 6H6.5a3.5 3.5 0 0 0 0 7H10"
const CLEAR = "M4 4l8 8 M12 4l-8 8"
const THEME = "M8 2a6 6 0 1 0 0 12z M8 2a6 6 0 0 1 0 12"
const AFTER_PAINT = 100 // ms; browsers take 2 to 4 for an address, in the midst of a gesture otherwise

export function render({model}) {
  const query = queryBox(model),
    steps = stepList(model),
    save = saveMenu(model),
    computing = computingMenu(model),
    left = h("div", {class: "left"}),
    right = h("span", {class: "right"})
  const keys = h(
    "button",
    {
      type: "button",
      class: "plain help-button",
      title: "Keyboard, mouse and words (?)",
      "aria-label": "Keyboard and mouse",
      "aria-keyshortcuts": "?",
    },
    "?",
  )
  const shortcuts = h("div", {popover: "auto", class: "help shortcuts", role: "note"})
  const bar = h(
    "div",
    {class: "bar"},
    left,
    computing,
    query.box,
    right,
    h("span", {class: "menus"}, save.box, popoverOf(keys, shortcuts)),
  ) // what is drawn anew would close them
  savePictures(model)
  fillScreen(model)
  dividers(model)
  const seek = h("input", {
    type: "search",
    class: "seek",
    "aria-label": "Find a run",
    placeholder: "Find a run",
    spellcheck: "false",
    input: seekSoon,
    keydown: takeFirst,
  })
  let kept = "",
    later = 0,
    seeking = 0 // an address that is to be kept, and its timer; that of a search

  function modes(mode) {
    const buttons = MODES.map(([value, label, path]) =>
      iconButton(label, path, {
        "aria-pressed": String(value === mode),
        click: () => say(model, "mode", value),
      }),
    )
    return h(
      "div",
      {class: "segmented", role: "group", "aria-label": "How a gesture changes the selection"},
      buttons,
    )
  }

  function selection({undo, redo, clear, mode}) {
    const button = (label, path, action, enabled) =>
      iconButton(label, path, {class: "plain", disabled: !enabled, click: () => say(model, action)})
    return [
      steps.box,
      h(
        "span",
        {class: "group"},
        button("Undo", UNDO, "undo", undo),
        button("Redo", REDO, "redo", redo),
        button("Clear the selection", CLEAR, "clear", clear),
      ),
      modes(mode),
    ]
  }

  /** The page that is asked for is named before it is there. */
  function go(button, name) {
    for (const each of button.parentNode.children) each.removeAttribute("aria-current")
    button.setAttribute("aria-current", "page")
    say(model, "page", name)
  }

  function seekSoon() {
    clearTimeout(seeking)
    seeking = setTimeout(() => say(model, "seek", seek.value), AFTER_PAINT)
  }

  function takeFirst(event) {
    const found = model.state.runs.find(([id]) => id.includes(seek.value.trim()))
    if (event.key === "Enter" && found) say(model, "run", found[0])
  }

  function draw() {
    const {run, runs, listed, splits, split, page, pages, selecting, dark, read_only} = model.state
    seek.title = `The menu has the latest of ${listed.toLocaleString("en")} runs: type a part of another's id`
    document.documentElement.dataset.dvTheme = dark ? "dark" : "light"
    const active = bar.getRootNode().activeElement?.getAttribute("aria-label")
    fill(
      left,
      h("h1", {class: "brand"}, "Deep", h("i", {}, "VID")),
      h(
        "nav",
        {"aria-label": "Pages"},
        pages.map(([name, text]) =>
          h(
            "button",
            {
              type: "button",
              "aria-current": name === page ? "page" : null,
              click: (event) => go(event.currentTarget, name),
            },
            text,
          ),
        ),
      ),
      runs.length
        ? h(
            "select",
            {
              "aria-label": "Run",
              title: "The run that every page shows",
              change: (event) => say(model, "run", event.target.value),
            },
            runs.map(([value, text]) => h("option", {value, selected: value === run}, text)),
          )
        : null,
      listed ? seek : null,
      splits.length > 1
        ? h(
            "select",
            {
              "aria-label": "Split",
              title: "The images that every page shows",
              change: (event) => say(model, "split", event.target.value),
            },
            splits.map(([value, text]) => h("option", {value, selected: value === split}, text)),
          )
        : null,
      ...(read_only
        ? [
            h(
              "span",
              {class: "partial", title: "Nothing is imported, deleted, fitted or computed on this server"},
              "read only",
            ),
          ]
        : []),
    )
    fill(
      right,
      selecting ? selection(model.state) : null,
      iconButton(dark ? "Light theme" : "Dark theme", THEME, {
        class: "plain",
        click: () => say(model, "dark", !dark),
      }),
    )
    save.box.hidden = !selecting
    query.follow()
    steps.follow()
    save.follow()
    if (active) bar.querySelector(`[aria-label="${CSS.escape(active)}"]`)?.focus()
  }

  function tellKeys() {
    fill(
      shortcuts,
      model.shortcuts.map(([title, rows]) =>
        h(
          "section",
          {},
          h("h2", {class: "title"}, title),
          h(
            "dl",
            {},
            rows.flatMap(([key, meaning]) => [h("dt", {}, key), h("dd", {}, meaning)]),
          ),
        ),
      ),
    )
  }

  function keepAddress() {
    clearTimeout(later)
    const old = new URLSearchParams(location.search),
      now = new URLSearchParams(model.address)
    const address = location.pathname + model.address + location.hash
    const step = ["run", "page"].some((name) => old.has("run") && old.get(name) !== now.get(name))
    if (step) {
      if (kept) history.replaceState({}, "", kept) // what Back returns to
      history.pushState({}, "", address)
    } else if (old.toString() !== now.toString()) {
      kept = address
      later = setTimeout(() => {
        kept = ""
        history.replaceState({}, "", address)
      }, AFTER_PAINT)
      return
    }
    kept = ""
  }

  function undoRedo(event) {
    if (
      event.key === "Escape" &&
      model.state.clear &&
      !event.defaultPrevented &&
      !event.composedPath()[0].matches?.("input, textarea, select")
    )
      say(model, "clear")
    const key = event.key.toLowerCase()
    if (
      !(event.ctrlKey || event.metaKey) ||
      !["z", "y"].includes(key) ||
      event.target.matches?.("input, textarea")
    )
      return
    event.preventDefault()
    say(model, key === "y" || event.shiftKey ? "redo" : "undo")
  }

  function asked(event) {
    if (event.key !== "?" || event.composedPath()[0].matches?.("input, textarea, select")) return
    event.preventDefault()
    shortcuts.togglePopover({source: keys})
  }

  const back = () => say(model, "go", location.search)
  window.addEventListener("popstate", back)
  window.addEventListener("keydown", undoRedo)
  window.addEventListener("keydown", asked)
  model.on("remove", () => {
    clearTimeout(later)
    clearTimeout(seeking)
    window.removeEventListener("popstate", back)
    window.removeEventListener("keydown", undoRedo)
    window.removeEventListener("keydown", asked)
  })
  model.on("state", draw)
  model.on("shortcuts", tellKeys)
  model.on("address", keepAddress)
  draw()
  tellKeys()
  keepAddress()
  return bar
}
