const SIZES = ["B", "kB", "MB", "GB", "TB"]

function size(bytes) {
  let unit = 0
  while (bytes >= 1000 && unit < SIZES.length - 1) { bytes /= 1000; unit++ }
  return `${unit ? Number(bytes.toPrecision(3)) : bytes} ${SIZES[unit]}`
}

const SHOW = {
  text: (value) => value,
  percent: (value) => `${(100 * value).toFixed(1)} %`,
  count: (value) => value.toLocaleString("en-US"),
  size,
  time: (value) => new Date(value).toLocaleString("sv-SE", {dateStyle: "short", timeStyle: "short"}),
}

export function render({model}) {
  const body = h("tbody"), headings = h("tr"), heading = h("h2", {class: "title large"})
  const filter = h("input", {type: "search", placeholder: "Filter: a name, a state, …", "aria-label": "Filter the runs", input: draw})
  const table = h("table", {}, h("thead", {}, headings), body), empty = h("div", {class: "empty"})
  const details = h("aside", {class: "pane", "aria-label": "The chosen run"})
  const root = h("div", {class: "archive"},
    h("section", {class: "pane"}, h("div", {class: "head"}, heading, filter), h("div", {class: "rows"}, table, empty)), details)
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
    return h("th", {class: kind === "text" || kind === "time" ? "" : "number", "aria-sort": sorted ? (rising ? "ascending" : "descending") : null},
      h("button", {type: "button", click: () => sort(field)}, sorted ? `${name} ${rising ? "↑" : "↓"}` : name))
  }

  function line(row) {
    const chosen = row.id === model.details.id
    return h("tr", {
      tabindex: 0, "aria-selected": String(chosen), "data-run": row.id, click: () => say(model, "choose", row.id),
      dblclick: () => say(model, "open", row.id), keydown: (event) => { if (event.key === "Enter") say(model, "choose", row.id) },
    }, model.columns.map((column) => {
      const [field, , kind] = column
      return h("td", {class: kind === "text" || kind === "time" ? "" : "number"},
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
    headings.replaceChildren(...model.columns.map(head))
    body.replaceChildren(...shown.map(line))
    empty.hidden = shown.length > 0
    empty.replaceChildren(...(all ? [h("p", {}, "No run matches the filter.")] : [
      h("strong", {}, "No runs yet"), h("p", {}, `Nothing was found in ${model.store}. Make a first run:`), h("code", {}, "deepvid demo")]))
  }

  function drawDetails() {
    const {id, error, sections} = model.details
    if (!id) { details.replaceChildren(h("div", {class: "empty"}, h("p", {}, "Choose a run to read how it was made."))); return }
    details.replaceChildren(
      h("div", {class: "head"}, h("h2", {class: "title", title: id}, id),
        error ? null : h("button", {type: "button", class: "action", click: () => say(model, "open", id)}, "Open")),
      h("div", {class: "sections"}, error ? h("p", {class: "fault"}, error) : null, (sections ?? []).map(({title, rows}) => [
        h("h3", {}, title), h("dl", {}, rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]).flat())]).flat()))
  }

  model.on("rows", draw)
  model.on("details", () => { draw(); drawDetails() })
  draw(); drawDetails()
  return root
}
