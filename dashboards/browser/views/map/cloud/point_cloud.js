import {color} from "../../../kit/theme.js"
import {fill, followTheme, h, iconButton, say, segmented, svgNode} from "../../../widgets/dom.js"
import {dragging} from "../../../widgets/dragging.js"
import {Camera, dot, seen} from "./camera.js"
import {glPainter, plainPainter} from "./painters.js"

const TOOLS = [
  ["orbit", "Turn", "Drag turns the points; the wheel zooms"],
  ["lasso", "Lasso", "Drag around points, as you see them now"],
]
const RESET = "M3 8a5 5 0 1 0 2-4M5 1v3h3"
const REACH = 12 // CSS pixels: of a pointer around points
const WAIT = 40 // ms between two reports of what is under the pointer
const KEY_TURN = Math.PI / 24,
  KEY_ZOOM = 1.15
const LINE = 20 // CSS pixels of a name
const TIP = 84,
  GAP = 14 // CSS pixels of a picture, and between it and its point

export function render({model}) {
  const outline = svgNode("path"),
    svg = svgNode("svg", {}, outline)
  const names = h("div", {class: "names", "aria-hidden": "true"}),
    note = h("p", {class: "quiet note"})
  const rings = {
    hover: h("i", {class: "ring hover", hidden: true}),
    focus: h("i", {class: "ring", hidden: true}),
  }
  const tip = h("div", {class: "tip", hidden: true}, h("img", {alt: ""}), h("span"))
  const stage = h(
    "div",
    {
      class: "stage",
      tabindex: 0,
      role: "application",
      "aria-label": "Points in 3-D. Arrow keys turn, plus and minus zoom, Home shows all",
    },
    names,
    svg,
    rings.hover,
    rings.focus,
    tip,
  )
  const tools = h("div", {class: "tools"})
  const root = h("div", {class: "cloud"}, stage, tools, note)
  const camera = new Camera()
  let canvas, painter
  let tool = "orbit",
    size = [0, 0],
    pending = 0
  let position = new Float32Array(),
    number = null,
    owner = null,
    gone = false
  let stale = {points: true, colors: true, names: true}
  let pointed = null // the point under the pointer that was told last
  let told = 0,
    timer = 0

  const half = () => Math.min(...size) / 2
  const draw = () => {
    if (!pending)
      pending = requestAnimationFrame(() => {
        pending = 0
        paint()
      })
  }
  const local = (event) => {
    const {left, top} = stage.getBoundingClientRect()
    return [event.clientX - left, event.clientY - top]
  }
  const onScreen = ([x, y]) => [(x - size[0] / 2) / half(), (size[1] / 2 - y) / half()]
  const inPixels = ({x, y}) => [size[0] / 2 + x * half(), size[1] / 2 - y * half()]
  const held = (event) => ({shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey})

  // --- what is painted

  function equip(make) {
    canvas?.remove()
    canvas = h("canvas", {
      webglcontextlost: () => {
        if (!gone) {
          equip(plainPainter)
          draw()
        }
      },
    })
    stage.prepend(canvas)
    painter = make(canvas)
    stale = {points: true, colors: true, names: true}
    return painter
  }

  function load() {
    const {owner: whose, number: now, points = 0} = model.cloud
    if (model.position.byteLength !== 12 * points) return false // the other part of a message is on its way
    position = new Float32Array(model.position)
    if (whose !== owner) {
      owner = whose
      camera.reset()
    }
    number = now
    painter.load(position)
    return true
  }

  function inks() {
    const {colors = [], front = []} = model.cloud,
      shade = new Uint8Array(model.shade)
    const mixed = rgb(color("quiet")).map((part, k) =>
      Math.round(0.4 * part + 0.6 * rgb(color("surface"))[k]),
    )
    const palette = colors.map((text, index) => [...(text ? rgb(text) : mixed), front[index] ? 255 : 0])
    const found = new Uint8Array(4 * shade.length)
    shade.forEach((index, point) => found.set(palette[index] ?? [...mixed, 0], 4 * point))
    return found
  }

  function paint() {
    const [width, height] = size,
      ratio = window.devicePixelRatio || 1
    if (!width || !height || model.cloud.number === undefined) return
    if (stale.points) {
      if (!load()) return
      stale.points = false
    }
    if (stale.colors) {
      if (model.shade.byteLength !== model.cloud.points) return
      painter.color(inks())
      stale.colors = false
    }
    const wanted = [Math.round(width * ratio), Math.round(height * ratio)]
    if (canvas.width !== wanted[0] || canvas.height !== wanted[1]) [canvas.width, canvas.height] = wanted
    const wide = Math.max(2.2, Math.min(9, 460 / Math.sqrt(model.cloud.points))) * Math.sqrt(camera.zoom)
    painter.paint(camera.rows(), {width, height, ratio, size: wide, ground: rgb(color("surface"))})
    annotate()
  }

  function annotate() {
    const rows = camera.rows(),
      {focus, hover, url, text} = model.marked
    if (stale.names) {
      fill(
        names,
        (model.cloud.names ?? []).map(({text: name, color: edge}) =>
          h("span", {style: `border-color:${edge}`}, name),
        ),
      )
      stale.names = false
    }
    spread(rows)
    for (const [name, at] of [
      ["focus", focus],
      ["hover", hover],
    ]) {
      rings[name].hidden = !at
      if (at) put(rings[name], inPixels(seen(rows, at)))
    }
    tip.hidden = !(hover && url)
    if (!tip.hidden) {
      if (tip.firstChild.src !== url) tip.firstChild.src = url
      tip.lastChild.textContent = text
      const [x, y] = inPixels(seen(rows, hover))
      const right = x + GAP + 1.4 * TIP < size[0],
        below = y + GAP + TIP + LINE < size[1]
      put(tip, [right ? x + GAP : x - GAP - TIP, below ? y + GAP : y - GAP - TIP - LINE])
    }
    note.textContent = model.cloud.note ?? ""
  }

  /** Names stand at their points, the nearest first; one that another covers moves by whole lines, or waits. */
  function spread(rows) {
    const placed = []
    const all = (model.cloud.names ?? []).map(({at, text}, index) => ({index, text, ...seen(rows, at)}))
    for (const {index, text, near, ...at} of all.sort((first, second) => second.near - first.near)) {
      const [x, y] = inPixels(at),
        wide = 7 * text.length + 10,
        element = names.children[index]
      const line = [0, 1, -1, 2, -2].find((by) =>
        placed.every(
          (other) =>
            Math.abs(other.x - x) >= (other.wide + wide) / 2 || Math.abs(other.y - y - by * LINE) >= LINE,
        ),
      )
      const inside = x > 0 && x < size[0] && y > 0 && y < size[1]
      element.hidden = line === undefined || !inside
      if (element.hidden) continue
      placed.push({x, y: y + line * LINE, wide})
      element.style.opacity = 0.62 + 0.38 * Math.max(0, Math.min(1, near + 0.6))
      put(element, [Math.max(wide / 2, Math.min(size[0] - wide / 2, x)), y + line * LINE])
    }
  }

  function put(element, [x, y]) {
    element.style.translate = `${x}px ${y}px`
  }

  // --- what a person does

  /** The point nearest to a pixel, the foremost of those that are as near; null where none is. */
  function nearest([left, top]) {
    const rows = camera.rows(),
      [x, y] = onScreen([left, top]),
      reach = (REACH / half()) ** 2
    let best = Infinity,
      found = null
    for (let i = 0; i < position.length; i += 3) {
      const [px, py, pz] = [position[i], position[i + 1], position[i + 2]],
        over = dot(rows.w, px, py, pz)
      const away = (dot(rows.a, px, py, pz) / over - x) ** 2 + (dot(rows.b, px, py, pz) / over - y) ** 2
      if (away > reach) continue
      const rank = away / reach + 0.1 * (1 - dot(rows.near, px, py, pz))
      if (rank < best) {
        best = rank
        found = i / 3
      }
    }
    return found
  }

  function point(at) {
    clearTimeout(timer)
    timer = setTimeout(
      () => {
        told = Date.now()
        const found = at && nearest(at)
        if (found !== pointed) {
          pointed = found
          say(model, "hover", found === null ? null : [number, found])
        }
      },
      at ? Math.max(0, told + WAIT - Date.now()) : 0,
    )
  }

  const drag = dragging(stage, outline, {
    local,
    draws: () => tool === "lasso",
    point,
    shift: (dx, dy) => {
      camera.turn((dx / half()) * 1.6, (dy / half()) * 1.6)
      draw()
    },
    pick: (at, event) => {
      const found = nearest(at)
      if (found !== null) say(model, "pick", {cloud: number, point: found, ...held(event)})
    },
    lasso: (drawn, event) => {
      const corners = drawn.map(onScreen),
        {middle, radius} = model.cloud
      say(model, "lasso", {
        owner,
        view: camera.view(middle, radius),
        x: corners.map(([x]) => x),
        y: corners.map(([, y]) => y),
        ...held(event),
      })
    },
  })

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const turn = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key]
    if (event.key === "Escape" && drag.drawing) drag.stop()
    else if (turn) camera.turn(turn[0] * KEY_TURN, turn[1] * KEY_TURN)
    else if (event.key === "+" || event.key === "=") camera.approach(KEY_ZOOM)
    else if (event.key === "-") camera.approach(1 / KEY_ZOOM)
    else if (event.key === "Home") camera.reset()
    else return
    event.preventDefault()
    event.stopPropagation()
    draw()
  }

  function choose(chosen) {
    tool = chosen
    stage.classList.toggle("lassoing", tool === "lasso")
    fill(
      tools,
      segmented("What a drag does", TOOLS, tool, choose),
      iconButton("Show all, as at first", RESET, {
        class: "plain",
        click: () => {
          camera.reset()
          draw()
        },
      }),
    )
  }

  stage.addEventListener("keydown", key)
  stage.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault()
      camera.approach(Math.exp(-event.deltaY / (event.deltaMode ? 30 : 600)), ...onScreen(local(event)))
      draw()
    },
    {passive: false},
  )
  const resized = new ResizeObserver(() => {
    size = [stage.clientWidth, stage.clientHeight]
    draw()
  })
  resized.observe(stage)
  followTheme(model, () => {
    stale.colors = true
    draw()
  })
  model.on("remove", () => {
    gone = true
    resized.disconnect()
    clearTimeout(timer)
    cancelAnimationFrame(pending)
    painter.free?.()
  })
  model.on("cloud", () => {
    stale = {points: model.cloud.number !== number || stale.points, colors: true, names: true}
    draw()
  })
  model.on("position", () => {
    stale.points = true
    draw()
  })
  model.on("shade", () => {
    stale.colors = true
    draw()
  })
  model.on("marked", draw)
  equip(glPainter) ?? equip(plainPainter)
  choose(tool)
  return root
}

/** Red, green and blue of `#rrggbb`, 0 to 255. */
function rgb(text) {
  return [1, 3, 5].map((from) => parseInt(text.slice(from, from + 2), 16))
}
