import {color} from "../../kit/theme.js"
import {fitted} from "../../kit/thumbnail.js"
import {fill, followTheme, h, say} from "../../widgets/dom.js"
import {share} from "../../widgets/share.js"
import {BORDER, framed, ring, sheetOf} from "../../widgets/tiles.js"
import {workLine} from "../../widgets/work.js"

const TARGET = 56 // CSS pixels a tile aims at
const GAP = 6,
  TEXT = 17,
  TITLE = 26,
  PAD = 2,
  WIDTH = 74 // CSS pixels; the least width of a cell, so that its words fit
const CHIPS = 9 // classes with a chip of their own, at most
const ORDERS = [
  ["distance", "nearest first", "By the root mean square of their pixels' differences from the image"],
  ["sure", "surest first", "By the teacher's probability of its class"],
  ["unsure", "least sure first", "Where the teacher is of two minds"],
  ["class", "by class", "In groups, the commonest first"],
]

export function render({model}) {
  const canvas = h("canvas"),
    spacer = h("div"),
    scroll = h(
      "div",
      {class: "scroll", tabindex: 0, role: "listbox", "aria-label": "Neighbors of the image"},
      spacer,
    )
  const empty = h("div", {class: "empty"}),
    frame = h("div", {class: "frame"}, scroll, canvas, empty)
  const said = h("div"),
    tools = h("div", {class: "tools"}),
    how = h("p", {class: "quiet how"})
  const work = workLine(() => say(model, "cancel"))
  const root = h("div", {class: "card"}, said, work.element, tools, frame, how)
  let sheet = null,
    view = [0, 0],
    sample = null,
    order = "distance"
  let only = null // place of a class, "others", or "held"; null: all
  let chosen = null // index of the tile that the image card shows
  let placed = [],
    titles = [],
    columns = 1,
    pending = 0,
    ratio = 1,
    named = CHIPS

  const shown = () => model.card.shown ?? {number: [], classes: [], label: [], shape: [1, 1, 1]}
  const held = (index) => shown().number[index] >= shown().kept
  const draw = () => {
    if (!pending)
      pending = requestAnimationFrame(() => {
        pending = 0
        paint()
      })
  }

  function kept(index) {
    if (only === null) return true
    if (only === "held") return held(index)
    return only === "others" ? shown().label[index] >= named : shown().label[index] === only
  }

  function ordered() {
    const {distance, confidence, label, number} = shown(),
      by = {
        distance: (a, b) => distance[a] - distance[b],
        sure: (a, b) => confidence[b] - confidence[a],
        unsure: (a, b) => confidence[a] - confidence[b],
        class: (a, b) => label[a] - label[b] || confidence[b] - confidence[a],
      }[order]
    return number
      .map((_, index) => index)
      .filter(kept)
      .sort(by)
  }

  /** Where each tile and each heading stands, in pixels of the whole list. */
  function arrange() {
    const {label, shape} = shown(),
      tile = fitted(shape, TARGET),
      size = tile.map((side) => side + 2 * BORDER)
    const cell = [size[0] + TEXT + GAP, Math.max(size[1], WIDTH) + GAP]
    columns = Math.max(1, Math.floor((view[1] + GAP) / cell[1]))
    cell[1] = Math.max(cell[1], Math.floor((view[1] + GAP) / columns)) // over the whole width
    placed = []
    titles = []
    let top = PAD,
      column = 0,
      last = null
    for (const index of ordered()) {
      if (order === "class" && label[index] !== last) {
        if (column) {
          top += cell[0]
          column = 0
        }
        last = label[index]
        titles.push({top, label: last})
        top += TITLE
      }
      placed.push({index, x: column * cell[1], y: top})
      if (++column === columns) {
        column = 0
        top += cell[0]
      }
    }
    spacer.style.height = `${top + (column ? cell[0] : 0)}px`
    return {tile, size, cell}
  }

  function paint() {
    const [height, width] = view.map((side) => Math.max(1, side))
    ratio = window.devicePixelRatio || 1
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    canvas.style.width = `${width}px`
    canvas.style.height = `${height}px`
    if (!shown().number.length) return
    sheet ??= sheetOf(model.tiles, shown().shape, shown().number.length)
    const {tile, size, cell} = arrange(),
      context = canvas.getContext("2d"),
      from = scroll.scrollTop
    context.scale(ratio, ratio)
    context.textBaseline = "middle"
    const font = getComputedStyle(root).fontFamily,
      ink = color("ink"),
      quiet = color("quiet")
    for (const {top, label} of titles) {
      const y = top - from
      if (y < -TITLE || y > height) continue
      const {name, color: fill} = shown().classes[label]
      context.fillStyle = fill
      context.fillRect(0, y + 7, 10, 10)
      context.font = `600 12px ${font}`
      context.fillStyle = ink
      context.fillText(name, 16, y + 12)
      const after = 16 + context.measureText(name).width + 8
      context.font = `12px ${font}`
      context.fillStyle = quiet
      context.fillText(`${placed.filter(({index}) => shown().label[index] === label).length}`, after, y + 12)
    }
    context.font = `11px ${font}`
    for (const {index, x, y: top} of placed) {
      const y = top - from
      if (y < -cell[0] || y > height) continue
      const {classes, label, confidence} = shown(),
        one = classes[label[index]]
      context.imageSmoothingEnabled = tile[0] < shown().shape[0]
      framed(context, sheet, index, x, y, tile, one.color)
      if (held(index)) dot(context, x + size[1] - 8, y + 8)
      if (index === chosen) ring(context, x, y, tile, ink, 2.5)
      const number = share(confidence[index]),
        room = cell[1] - GAP - context.measureText(number).width - 4
      context.fillStyle = ink
      const name = cut(context, one.short, room)
      context.fillText(name, x, y + size[0] + 9)
      context.fillStyle = quiet
      context.fillText(number, x + context.measureText(name).width + 4, y + size[0] + 9)
    }
  }

  function dot(context, x, y) {
    context.beginPath()
    context.arc(x, y, 4, 0, 2 * Math.PI)
    context.strokeStyle = "#000"
    context.lineWidth = 3.5
    context.stroke()
    context.strokeStyle = "#fff"
    context.lineWidth = 1.8
    context.stroke()
  }

  function cut(context, text, room) {
    if (context.measureText(text).width <= room) return text
    let end = text.length
    while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > room) end--
    return `${text.slice(0, end).trimEnd()}…`
  }

  function under(event) {
    if (!placed.length) return null
    const box = scroll.getBoundingClientRect(),
      x = event.clientX - box.left,
      y = event.clientY - box.top + scroll.scrollTop
    const {size, cell} = arrange()
    return (
      placed.find(
        (one) => x >= one.x && x < one.x + cell[1] - GAP && y >= one.y && y < one.y + size[0] + TEXT,
      )?.index ?? null
    )
  }

  function describe(index) {
    const {classes, label, confidence, distance, number} = shown()
    const own =
      distance[index] === 0 ? "the image itself" : `distance ${distance[index].toFixed(3).replace(/^0/, "")}`
    return `Neighbor ${number[index]}: ${classes[label[index]].name} ${share(confidence[index])} · ${own}${
      held(index) ? " · held out of the fit" : ""
    }\nClick: show it above`
  }

  function choose(index) {
    if (index === chosen) return
    chosen = index
    say(model, "show", {sample, number: index === null ? null : shown().number[index]})
    draw()
  }

  function key(event) {
    const at = placed.findIndex(({index}) => index === chosen)
    const to = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at - columns,
      ArrowDown: at + columns,
      Home: 0,
      End: placed.length - 1,
    }[event.key]
    if (to === undefined || !placed.length) return
    event.preventDefault()
    event.stopPropagation()
    const next = placed[at < 0 ? 0 : Math.max(0, Math.min(placed.length - 1, to))]
    choose(next.index)
    const {cell} = arrange()
    if (next.y < scroll.scrollTop) scroll.scrollTop = next.y - (order === "class" ? TITLE : 0)
    else if (next.y + cell[0] > scroll.scrollTop + view[0]) scroll.scrollTop = next.y + cell[0] - view[0]
  }

  function chip(value, label, count, title, fill) {
    return h(
      "button",
      {
        type: "button",
        class: "chip",
        "aria-pressed": String(only === value),
        title,
        "data-control": value,
        click: () => {
          only = only === value ? null : value
          list()
        },
      },
      fill ? h("span", {class: "swatch", style: `background:${fill}`}) : null,
      label,
      h("span", {class: "count"}, String(count)),
    )
  }

  function chips() {
    const {classes} = shown(),
      others = classes.slice(named)
    const made = classes
      .slice(0, named)
      .map(({short, name, color: fill, count}, place) =>
        chip(place, short, count, `Only those that the teacher takes for ${name}`, fill),
      )
    if (others.length)
      made.push(
        chip(
          "others",
          `${others.length} other${others.length > 1 ? "s" : ""}`,
          others.reduce((sum, {count}) => sum + count, 0),
          others.map(({name, count}) => `${count} ${name}`).join(", "),
        ),
      )
    return made
  }

  function list() {
    const {sentence, notes, waiting, action, fit, fault} = model.card,
      {on, text} = model.rings,
      any = shown().number.length > 0
    const focused = root.getRootNode().activeElement?.dataset?.control
    fill(
      said,
      h(
        "div",
        {class: "head"},
        sentence ? h("h3", {class: "sentence", role: "status"}, sentence) : null,
        fit
          ? h(
              "button",
              {
                type: "button",
                class: "chip",
                title: "A student of this image, with the settings of the run",
                click: () => say(model, "fit", sample),
              },
              "Fit a student with these",
            )
          : null,
        chosen !== null
          ? h(
              "button",
              {
                type: "button",
                class: "chip",
                click: () => {
                  choose(null)
                  list()
                },
              },
              "Back",
              h("kbd", {"aria-hidden": "true"}, "Esc"),
            )
          : null,
        on === undefined
          ? null
          : h(
              "button",
              {
                type: "button",
                class: "chip",
                "aria-pressed": String(on),
                title: "Show some of them as rings on the map",
                "data-control": "rings",
                click: () => say(model, "rings", !on),
              },
              "On the map",
            ),
      ),
      notes?.length
        ? h(
            "p",
            {class: "quiet notes"},
            notes[0],
            h("span", {class: "more"}, ` ${[...notes.slice(1), text].filter(Boolean).join(" ")}`),
          )
        : null,
      fault ? h("p", {class: "warning"}, fault) : null,
    )
    tools.hidden = how.hidden = scroll.hidden = canvas.hidden = !any
    empty.hidden = any
    fill(
      empty,
      h("p", {}, waiting ?? ""),
      action
        ? h("button", {type: "button", class: "action", click: () => say(model, "draw", sample)}, action)
        : null,
    )
    if (!any) return
    const group = h("div", {class: "chips", role: "group", "aria-label": "Only some classes"})
    fill(
      tools,
      group,
      chip(
        "held",
        "○ held out",
        shown().classes.reduce((sum, {count}) => sum + count, 0) - shown().kept,
        "Only those that the student was not fitted on",
      ),
      h(
        "select",
        {
          "aria-label": "Order of the neighbors",
          "data-control": "order",
          change: (event) => {
            order = event.target.value
            scroll.scrollTop = 0
            draw()
          },
        },
        ORDERS.map(([value, text, title]) => h("option", {value, title, selected: value === order}, text)),
      ),
    )
    for (named = CHIPS; named > 1; named--) {
      // as many as have room
      fill(group, chips())
      if (group.scrollHeight <= group.clientHeight + 1) break
    }
    if (focused) root.querySelector(`[data-control="${focused}"]`)?.focus()
    fill(
      how,
      "frame and words: the teacher's class and its probability · ○ held out of the fit · click one to see it above",
    )
    draw()
  }

  function take() {
    sheet = null
    if (model.card.sample !== sample) {
      sample = model.card.sample ?? null
      only = null
      scroll.scrollTop = 0
    }
    chosen = null
    list()
  }

  function letGo(event) {
    if (
      event.key !== "Escape" ||
      chosen === null ||
      !root.offsetParent ||
      event.composedPath()[0].matches?.("input, textarea, select")
    )
      return
    event.preventDefault()
    event.stopImmediatePropagation()
    choose(null)
    list()
  }

  scroll.addEventListener("scroll", draw)
  scroll.addEventListener("click", (event) => {
    const index = under(event)
    if (index !== null) {
      choose(index === chosen ? null : index)
      list()
    }
  })
  scroll.addEventListener("pointermove", (event) => {
    const index = under(event)
    scroll.title = index === null ? "" : describe(index)
    scroll.style.cursor = index === null ? "" : "pointer"
  })
  scroll.addEventListener("keydown", (event) => {
    const before = chosen
    key(event)
    if ((before === null) !== (chosen === null)) list()
  })
  window.addEventListener("keydown", letGo, {capture: true})
  const resized = new ResizeObserver(() => {
    const before = view[1]
    view = [frame.clientHeight, scroll.clientWidth]
    if (view[1] && view[1] !== before) list()
    if (!root.offsetParent && chosen !== null) {
      choose(null)
      list()
    } // the tab was left: the image card shows the image again
    draw()
  })
  resized.observe(frame)
  followTheme(model, draw)
  model.on("remove", () => {
    resized.disconnect()
    window.removeEventListener("keydown", letGo, {capture: true})
  })
  let taking = 0
  model.on(["card", "tiles"], () => {
    if (!taking)
      taking = requestAnimationFrame(() => {
        taking = 0
        take()
      })
  })
  model.on("rings", list)
  model.on("work", () => work.show(model.work))
  work.show(model.work)
  take()
  return root
}
