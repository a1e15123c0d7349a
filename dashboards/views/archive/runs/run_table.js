const SHOW = {
  text: (value) => value,
  percent: (value) => `${(100 * value).toFixed(1)} %`,
  count: (value) => value.toLocaleString("en-US"),
  size,
  time: (value) => new Date(value).toLocaleString("sv-SE", {dateStyle: "short", timeStyle: "short"}),
}

export function render({model}) {
  const body = h("tbody"), headings = h("tr"), heading = h("h2", {class: "title large"}), place = h("p", {class: "quiet place"})
  const filter = h("input", {type: "search", placeholder: "Filter: a name, a state, …", "aria-label": "Filter the runs", input: draw})
  const table = h("table", {}, h("thead", {}, headings), body), empty = h("div", {class: "empty"})
  const root = h("section", {class: "runs"}, h("div", {class: "head"}, heading, place, filter, helpButton(model, "this table")), h("div", {class: "rows"}, table, empty))
  let by = "time", rising = false

  const text = (row, [field, , kind]) => row[field] == null ? "" : SHOW[kind](row[field])

  function compare(a, b) {
    const [x, y] = [a[by], b[by]]
    if (x == null || y == null) return (x == null) - (y == null)   // what is not known stands last
    return (x < y ? -1 : x > y ? 1 : 0) * (rising ? 1 : -1)
  }

  function sort(field) {
    rising = by === field ? !rising : field === "id" || field === "state" || field === "source"
    by = field
    draw()
  }

  function head(column) {
    const [field, name, kind] = column, sorted = field === by
    return h("th", {"data-field": field, class: kind === "text" || kind === "time" ? "" : "number", "aria-sort": sorted ? (rising ? "ascending" : "descending") : null},
      h("button", {type: "button", click: () => sort(field)}, sorted ? `${name} ${rising ? "↑" : "↓"}` : name))
  }

  function move(event, id) {
    const to = {ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling"}[event.key]
    if (to) { event.preventDefault(); event.currentTarget[to]?.focus() }
    else if (event.key === "Enter") say(model, "choose", id)
  }

  function line(row) {
    const chosen = row.id === model.chosen
    return h("tr", {
      tabindex: 0, "aria-label": row.id, "aria-selected": String(chosen), "data-run": row.id, click: () => say(model, "choose", row.id),
      dblclick: () => say(model, "open", row.id), keydown: (event) => move(event, row.id),
    }, model.columns.map((column) => {
      const [field, , kind] = column
      return h("td", {"data-field": field, class: kind === "text" || kind === "time" ? "" : "number", title: field === "id" ? row.id : null},
        field === "state" ? h("span", {class: `state ${row.state}`}, row.state) : text(row, column))
    }))
  }

  function draw() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean)
    const shown = model.rows.filter((row) => {
      const line = model.columns.map((column) => text(row, column)).join(" ").toLowerCase()
      return words.every((word) => line.includes(word))
    }).sort(compare)
    const all = model.rows.length
    heading.textContent = shown.length === all ? `${all} run${all === 1 ? "" : "s"}` : `${shown.length} of ${all} runs`
    const bytes = model.rows.reduce((sum, row) => sum + (row.bytes ?? 0), 0)
    place.textContent = all ? `${size(bytes)} in ${model.store.split(/[\\/]/).filter(Boolean).pop()}` : ""
    place.title = model.store
    headings.replaceChildren(...model.columns.map(head))
    const focused = body.getRootNode().activeElement?.dataset?.run
    body.replaceChildren(...shown.map(line))
    if (focused) body.querySelector(`[data-run="${CSS.escape(focused)}"]`)?.focus()
    empty.hidden = shown.length > 0
    fill(empty, all ? h("p", {}, "No run matches the filter.") : [
      h("strong", {}, "No runs yet"), h("p", {}, `There is none in ${model.store}. The first one appears here.`),
      model.first ? h("code", {}, model.first) : null])
  }

  let pending = 0
  model.on(["rows", "chosen"], () => { pending ||= requestAnimationFrame(() => { pending = 0; draw() }) })
  draw()
  return root
}
