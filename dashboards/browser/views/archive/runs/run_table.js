import {fill, h, say} from "../../../widgets/dom.js"
import {size} from "../../../widgets/format.js"
import {helpButton} from "../../../widgets/help.js"

const SHOW = {
  text: (value) => value,
  percent: (value) => `${(100 * value).toFixed(1)} %`,
  count: (value) => value.toLocaleString("en-US"),
  size,
  time: (value) => new Date(value).toLocaleString("sv-SE", {dateStyle: "short", timeStyle: "short"}),
}

export function render({model}) {
  const body = h("tbody"),
    headings = h("tr"),
    heading = h("h2", {class: "title large"}),
    place = h("p", {class: "quiet place"})
  const filter = h("input", {
    type: "search",
    placeholder: "Filter: a name, a state, …",
    "aria-label": "Filter the runs",
    input: () => {
      clearTimeout(seeking)
      seeking = setTimeout(() => say(model, "seek", filter.value), 100)
    },
  })
  const table = h("table", {}, h("thead", {}, headings), body),
    empty = h("div", {class: "empty"})
  const root = h(
    "section",
    {class: "runs"},
    h("div", {class: "head"}, heading, place, filter, helpButton(model, "this table")),
    h("div", {class: "rows"}, table, empty),
  )
  let seeking = 0

  const text = (row, [field, , kind]) => (row[field] == null ? "" : SHOW[kind](row[field]))

  function sort(field) {
    const {by, rising} = model.listing
    say(model, "sort", [field, by === field ? !rising : ["id", "state", "source"].includes(field)])
  }

  function head(column) {
    const [field, name, kind] = column,
      {by, rising} = model.listing,
      sorted = field === by
    return h(
      "th",
      {
        "data-field": field,
        class: kind === "text" || kind === "time" ? "" : "number",
        "aria-sort": sorted ? (rising ? "ascending" : "descending") : null,
      },
      h(
        "button",
        {type: "button", click: () => sort(field)},
        sorted ? `${name} ${rising ? "↑" : "↓"}` : name,
      ),
    )
  }

  function move(event, id) {
    const to = {ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling"}[event.key]
    if (to) {
      event.preventDefault()
      event.currentTarget[to]?.focus()
    } else if (event.key === "Enter") say(model, "choose", id)
  }

  function line(row) {
    const chosen = row.id === model.chosen
    return h(
      "tr",
      {
        tabindex: 0,
        "aria-label": row.id,
        "aria-selected": String(chosen),
        "data-run": row.id,
        click: () => say(model, "choose", row.id),
        dblclick: () => say(model, "open", row.id),
        keydown: (event) => move(event, row.id),
      },
      model.columns.map((column) => {
        const [field, , kind] = column
        return h(
          "td",
          {
            "data-field": field,
            class: kind === "text" || kind === "time" ? "" : "number",
            title: field === "id" ? row.id : null,
          },
          field === "state" ? h("span", {class: `state ${row.state}`}, row.state) : text(row, column),
        )
      }),
    )
  }

  function draw() {
    const {rows, matching, all, bytes} = model.listing
    heading.textContent =
      matching === all
        ? `${all.toLocaleString("en-US")} run${all === 1 ? "" : "s"}`
        : `${matching.toLocaleString("en-US")} of ${all.toLocaleString("en-US")} runs`
    place.textContent = all
      ? `${size(bytes)} in ${model.store.split(/[\\/]/).filter(Boolean).pop()}${rows.length < matching ? ` · the first ${rows.length} are shown` : ""}`
      : ""
    place.title = model.store
    headings.replaceChildren(...model.columns.map(head))
    const focused = body.getRootNode().activeElement?.dataset?.run
    body.replaceChildren(...rows.map(line))
    if (focused) body.querySelector(`[data-run="${CSS.escape(focused)}"]`)?.focus()
    empty.hidden = rows.length > 0
    fill(
      empty,
      all
        ? h("p", {}, "No run matches the filter.")
        : [
            h("strong", {}, "No runs yet"),
            h("p", {}, `There is none in ${model.store}. The first one appears here.`),
            model.first ? h("code", {}, model.first) : null,
          ],
    )
  }

  let pending = 0
  model.on(["listing", "chosen"], () => {
    if (!pending)
      pending = requestAnimationFrame(() => {
        pending = 0
        draw()
      })
  })
  draw()
  return root
}
