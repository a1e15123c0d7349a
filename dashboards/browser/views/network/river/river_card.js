import {fill, h, say, svgNode} from "../../../widgets/dom.js"

const BOX = 16 // px: width of a column
const GAP = 4 // px between two boxes, at most
const RIGHT = 128 // px beside the last column, for its words
const LEAST = 0.35 // px: a ribbon that is narrower is not drawn
const TALL = 7 // px: a box that is lower has no word
const WORDY = 90 // px: where columns stand closer, the last one alone has words
const LINE = 12,
  DENSE = 11 // px from one word to the next, at least; and beside the last column

export function render({model}) {
  const drawing = svgNode("svg", {
    role: "group",
    "aria-label": "River: boxes and ribbons, arrow keys go from one to the next",
    keydown: step,
  })
  const stage = h("div", {class: "stage"}, drawing),
    names = h("div", {class: "names", role: "group", "aria-label": "Layers"}),
    foot = h("p", {class: "foot quiet"})
  const root = h("div", {class: "card"}, stage, names, foot)
  const count = (number) => number.toLocaleString("en")
  const share = (number, whole) => {
    const percent = (100 * number) / Math.max(1, whole)
    return `${percent >= 99.5 && percent < 100 ? "> 99" : percent < 1 && percent > 0 ? "< 1" : Math.round(percent)} %`
  }
  let placed = [],
    at = () => 0 // by column: the boxes of its groups; where it is
  let known = new Map() // by place: the elements that keys go through

  function draw() {
    const card = model.card,
      {columns, groups, boxes, ribbons, total, pressed, partial} = card
    if (!columns) return
    const width = stage.clientWidth,
      height = stage.clientHeight
    if (!width || !height) return
    const focused = root.getRootNode().activeElement?.dataset?.at
    const pitch = (width - RIGHT - BOX) / Math.max(1, columns.length - 1)
    at = (column) => Math.round(column * pitch)
    const most = Math.max(1, ...boxes.map((column) => column.length)),
      gap = Math.min(GAP, height / 4 / most)
    const unit = (height - 2 - gap * (most - 1)) / Math.max(1, total)
    const chosen = new Set(pressed.map(String)),
      fills = (group) => groups[group].color || "var(--dv-quiet)"
    placed = boxes.map((column) => {
      let y = 1
      return new Map(
        column.map(([group, number, lit]) => {
          const box = {group, number, lit, y, height: number * unit, out: y, in: y}
          y += box.height + gap
          return [group, box]
        }),
      )
    })
    known = new Map()
    const button = (node, key, places, says) => {
      node.setAttribute("role", "button")
      node.setAttribute("tabindex", "-1")
      node.setAttribute("data-at", key)
      node.setAttribute("aria-label", says)
      node.setAttribute("aria-pressed", String(chosen.has(String(places))))
      node.append(svgNode("title", {}, says))
      node.addEventListener("click", (event) => choose(places, event))
      known.set(key, {node, places})
      return node
    }
    const says = (column, group) =>
      column === columns.length - 1 && !columns[column].layer
        ? `taken for ${groups[group].name}`
        : `look like ${groups[group].name} in ${columns[column].name}`
    const lights = (lit) => (partial ? `, ${count(lit)} selected` : "")

    const drawn = ribbons.flatMap((flows, column) =>
      flows.map(([from, to, number, lit]) => {
        const here = placed[column].get(from),
          there = placed[column + 1].get(to),
          thick = number * unit
        const [y0, y1] = [here.out, there.in]
        here.out += thick
        there.in += thick
        if (thick < LEAST) return null
        const x0 = at(column) + BOX,
          x1 = at(column + 1),
          middle = (x0 + x1) / 2
        const shape = (high) =>
          `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}V${y1 + high}C${middle} ${y1 + high} ${middle} ${y0 + high} ${x0} ${y0 + high}Z`
        const words = `${count(number)} ${says(column, from)} and ${says(column + 1, to).replace("taken", "are taken")}${lights(lit)}`
        const ribbon = button(
          svgNode("path", {class: partial ? "ribbon unlit" : "ribbon", d: shape(thick), fill: fills(from)}),
          `r:${column}:${from}:${to}`,
          [
            [column, from],
            [column + 1, to],
          ],
          words,
        )
        const over =
          partial && lit
            ? svgNode("path", {
                class: "ribbon",
                d: shape(lit * unit),
                fill: fills(from),
                "pointer-events": "none",
              })
            : null
        return [over, ribbon]
      }),
    )
    const worded = placed.map((column, number) =>
      number === columns.length - 1 ? spread(column, height) : pitch < WORDY ? new Map() : spelled(column),
    )
    const boxed = placed.flatMap((column, number) =>
      [...column.values()].map((box) => {
        const words = `${count(box.number)} of ${count(total)} (${share(box.number, total)}) ${says(number, box.group).replace("taken", "are taken")}${lights(box.lit)}`
        const frame = {
          x: at(number),
          y: box.y,
          width: BOX,
          height: Math.max(box.height, 0.5),
          fill: fills(box.group),
        }
        const node = button(
          svgNode("rect", {class: partial ? "box unlit" : "box", ...frame}),
          `b:${number}:${box.group}`,
          [[number, box.group]],
          words,
        )
        const over =
          partial && box.lit
            ? svgNode("rect", {class: "box", ...frame, height: box.lit * unit, "pointer-events": "none"})
            : null
        const text = worded[number].get(box),
          middle = box.y + box.height / 2,
          moved = text !== undefined && Math.abs(text - middle) > 1,
          x = at(number) + BOX
        const lead = moved
          ? svgNode("path", {class: "lead", d: `M${x} ${middle}L${x + 10} ${text}`, stroke: fills(box.group)})
          : null
        const word =
          text === undefined
            ? null
            : svgNode(
                "text",
                {class: "word", x: x + (moved ? 13 : 5), y: text + 4, "aria-hidden": "true"},
                `${groups[box.group].short} ${share(box.number, total)}`,
              )
        return [over, node, lead, word]
      }),
    )
    drawing.setAttribute("width", width)
    drawing.setAttribute("height", height)
    const band = svgNode("rect", {
      class: "band",
      x: at(card.chosen) - 4,
      y: 0,
      width: Math.min(pitch - 4, RIGHT + BOX),
      height,
      rx: 6,
    })
    fill(drawing, band, drawn, boxed)
    way()
    const room = Math.max(40, Math.min(pitch - 6, RIGHT + BOX))
    fill(
      names,
      columns.map((column, number) => {
        const text = [
          h("strong", {}, column.name),
          h("span", {}, column.accuracy),
          h("span", {class: "quiet"}, column.chance),
        ]
        const style = `left: ${at(number) - 4}px; width: ${room}px`
        return column.layer
          ? h(
              "button",
              {
                type: "button",
                class: "name",
                style,
                title: column.hint,
                "data-at": `n:${number}`,
                "aria-pressed": String(number === card.chosen),
                click: () => say(model, "layer", column.name),
              },
              text,
            )
          : h("div", {class: "name", style, title: column.hint}, text)
      }),
    )
    fill(
      foot,
      card.lines.map(([text, hint]) => h("span", {title: hint}, text)),
    )
    const first = [...known].find(([key]) => key.startsWith("b:"))?.[1]
    ;(known.get(focused) ?? first)?.node.setAttribute("tabindex", "0")
    if (focused) (known.get(focused)?.node ?? names.querySelector(`[data-at="${focused}"]`))?.focus()
  }

  /** The way of one image through the middles of boxes: dashed as it is stored, full as it is tried. */
  function way() {
    drawing.querySelector(".way")?.remove()
    if (!model.way.says || !placed.length) return
    const line = (groups, kind) => {
      let path = "",
        last = null
      const spots = groups.flatMap((group, column) => {
        const box = group == null ? null : placed[column]?.get(group)
        if (!box) {
          last = null
          return []
        }
        const x = at(column) + BOX / 2,
          y = box.y + box.height / 2
        if (last) {
          const middle = (last[0] + x) / 2
          path += `C${middle} ${last[1]} ${middle} ${y} ${x} ${y}`
        } else path += `M${x} ${y}`
        last = [x, y]
        return [svgNode("circle", {class: kind, cx: x, cy: y, r: 3.5})]
      })
      return [
        svgNode("path", {class: `under ${kind}`, d: path}),
        svgNode("path", {class: kind, d: path}),
        spots,
      ]
    }
    const group = svgNode(
      "g",
      {class: "way", role: "img", "aria-label": model.way.says},
      svgNode("title", {}, model.way.says),
    )
    fill(group, group.firstChild, line(model.way.before, "before"), line(model.way.after, "after"))
    drawing.append(group, ...drawing.querySelectorAll(".word"))
  }

  /** Where words stand beside their boxes: those that have room, the largest first. */
  function spelled(column) {
    const kept = new Map()
    for (const box of [...column.values()].sort((one, other) => other.height - one.height)) {
      const middle = box.y + box.height / 2
      if (box.height >= TALL && [...kept.values()].every((other) => Math.abs(other - middle) >= LINE))
        kept.set(box, middle)
    }
    return kept
  }

  /** The same where nothing stands to the right: moved apart where they are close. */
  function spread(column, height) {
    const boxes = [...column.values()]
    if (boxes.length * DENSE > height) return spelled(column)
    const places = boxes.map((box) => Math.max(DENSE / 2, box.y + box.height / 2))
    for (let k = 1; k < places.length; k++) places[k] = Math.max(places[k], places[k - 1] + DENSE)
    for (let k = places.length - 1, limit = height - DENSE / 2; k >= 0; k--, limit -= DENSE)
      places[k] = Math.min(places[k], limit)
    return new Map(boxes.map((box, k) => [box, places[k]]))
  }

  function choose(places, event) {
    say(model, "select", {places, shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey})
  }

  function rove(key) {
    const item = known.get(key)
    if (!item) return
    for (const {node} of known.values()) node.setAttribute("tabindex", "-1")
    item.node.setAttribute("tabindex", "0")
    item.node.focus()
  }

  /** Up and down in a column, or among the ribbons between two; left and right along a box's widest ribbon. */
  function step(event) {
    const key = event.target.dataset?.at,
      item = known.get(key)
    if (!item) return
    if (event.key === "Enter" || event.key === " ") choose(item.places, event)
    else if (event.key === "ArrowUp" || event.key === "ArrowDown")
      rove(beside(key, event.key === "ArrowDown" ? 1 : -1))
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft")
      rove(along(item.places, event.key === "ArrowRight"))
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  function beside(key, by) {
    const kin = `${key.split(":").slice(0, 2).join(":")}:`,
      keys = [...known.keys()].filter((other) => other.startsWith(kin))
    return keys[Math.max(0, Math.min(keys.length - 1, keys.indexOf(key) + by))]
  }

  function along(places, right) {
    if (places.length === 2) return `b:${places[right ? 1 : 0].join(":")}`
    const [column, group] = places[0],
      gap = right ? column : column - 1
    const flows = (model.card.ribbons[gap] ?? []).filter(
      (flow) => flow[right ? 0 : 1] === group && known.has(`r:${gap}:${flow[0]}:${flow[1]}`),
    )
    const [from, to] = flows.sort((one, other) => other[2] - one[2])[0] ?? []
    return `r:${gap}:${from}:${to}`
  }

  const sized = new ResizeObserver(draw)
  sized.observe(stage)
  model.on("card", draw)
  model.on("way", way)
  model.on("remove", () => sized.disconnect())
  draw()
  return root
}
