// The images of a selection on one canvas: positions in an order that the server holds. Only what is seen travels.

import {onceAFrame} from "../../kit/frame.js"
import {followTheme} from "../../kit/theme.js"
import {render as draw, h} from "../../vendor/preact/preact.mjs"
import {Head, Note} from "./head.js"
import {holding} from "./held.js"
import {arranged} from "./layout.js"
import {Menu} from "./menu.js"
import {described, paintTile, paintTitle} from "./painting.js"
import {scroller, tallest} from "./scroller.js"
import {nextSize, sizeOfTiles} from "./sizes.js"

const WHY =
  "Lead to it. Until you choose one it is the most confident error, of what is selected, that is explained"

export function render({model}) {
  const root = document.createElement("div")
  root.className = "grid"
  const say = (action, value = null) => model.send_msg({action, value})
  const held = holding(model, say)
  let view = [0, 0] // height and width of what is visible; reading them while the page changes is slow
  let list = {offset: () => 0, move: (..._) => {}} // that is scrolled, once it is there
  let hovered = -1 // sample
  let title = "" // of the tile under the pointer
  let pointed = false // the pointer is on a tile here, not in another view
  let study = {position: -1, sample: -1, offered: true, ...model.focused} // `offered`: nobody chose it
  let menu = null // {x, y, sample}
  let listed = "" // what is listed, in words
  let sent = 0 // times that we asked for a focus: answers to older ones must not take us back
  let searched = 0 // searches sent: answers to older ones say nothing

  const layout = () => arranged(model.listing, sizeOfTiles(), view)
  const frame = onceAFrame(() => {
    show()
    paint()
  })
  show()
  const stage = root.querySelector(".frame")
  const scroll = /** @type {HTMLElement} */ (root.querySelector(".scroll"))
  const canvas = root.querySelector("canvas")
  list = scroller(scroll, () => [layout().total, view[0]], moved)

  function show() {
    const {listing, found} = model
    const at = layout()
    const said = found.asked === searched && found.sentence
    const {position} = study
    const there = position >= 0 && listing.count
    const middle = there ? at.place(position)[1] + at.tall / 2 - list.offset() : 0
    const [above, below] = [middle < 0, middle > view[0]]
    const lead = () => {
      reveal(position)
      back()
    }
    const act = (what) => {
      say("menu", {what, sample: menu.sample})
      back()
    }
    const away = {hidden: !(above || below), title: WHY, onClick: lead}
    const items = {
      tabIndex: 0,
      role: "listbox",
      "aria-label": "Images of the selection",
      title,
      onPointerMove: (event) => {
        pointed = true
        hover(under(event))
      },
      onPointerLeave: leave,
      onClick: (event) => go(under(event)),
      onKeyDown: press,
      onContextMenu: open,
    }
    draw(
      [
        h(Head, {listing, help: model.help, say, look, resize}),
        h(Note, {listing, said}),
        h(
          "div",
          {class: "frame"},
          h("div", {class: "scroll", ...items}, h("div", {style: `height: ${tallest(at.total)}px`})),
          h("canvas"),
          h("div", {class: "empty", hidden: Boolean(listing.count)}, h("p", {}, listing.waiting)),
          menu && h(Menu, {...menu, sorts: listing.sorts, close: back, act}),
          h(
            "button",
            {type: "button", class: `chip away ${above ? "above" : ""}`, ...away},
            `${above ? "↑" : "↓"} #${study.sample} under study`,
          ),
        ),
      ],
      root,
    )
  }

  function paint() {
    const {listing} = model
    const [height, width] = view.map((side) => Math.max(1, side))
    const ratio = window.devicePixelRatio || 1
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    canvas.style.width = `${width}px`
    canvas.style.height = `${height}px`
    if (!listing.count) return
    const [at, offset, marked] = [layout(), list.offset(), new Set(model.marked)]
    const context = canvas.getContext("2d")
    context.scale(ratio, ratio)
    context.imageSmoothingEnabled = at.tile[0] < listing.shape[0]
    const [first, last] = at.seen(offset)
    const here = {listing, window: model.window, sheet: held.pictures()}
    for (let position = first; position < last; position++) {
      const [x, y] = at.place(position)
      const state = {marked, hovered, studied: position === study.position}
      paintTile(context, here, held.indexOf(position), [x, y - offset], at.tile, state)
    }
    for (const [index, {top, bottom}] of at.blocks.entries())
      paintTitle(context, listing.groups[index], [top - offset, bottom - offset], view, at.left)
    held.want(first, last)
  }

  function under(event) {
    const {left, top} = scroll.getBoundingClientRect()
    return layout().under(event.clientX - left, event.clientY - top, list.offset())
  }

  function reveal(position) {
    const at = layout()
    if (!at.blocks.length) return
    const [top, offset] = [at.place(position)[1], list.offset()]
    if (top - at.head < offset) list.move(top - at.head)
    else if (top + at.tall > offset + view[0]) list.move(top + at.tall - view[0])
    frame()
  }

  function hover(position) {
    const sample = held.sampleAt(position)
    if (sample === hovered) return
    hovered = sample
    title = sample < 0 ? "" : described(model, held.indexOf(position), new Set(model.marked))
    say("hover", sample < 0 ? null : sample)
    frame()
  }

  function moved() {
    leave()
    frame()
  }

  /** What was under the pointer has moved away from it: nothing is, until the pointer moves. */
  function leave() {
    if (pointed) hover(-1)
    pointed = false
  }

  function go(position) {
    if (position < 0) return
    study = {...study, position}
    reveal(position)
    forget()
    say("focus", {order: model.listing.order, position, asked: ++sent})
  }

  function look(text) {
    say("find", {text, asked: ++searched})
  }

  /** What a search has said is said no more. */
  function forget() {
    searched++
    frame()
  }

  function press(event) {
    const to = layout().step(event.key, Math.max(study.position, 0))
    if (to === null) return
    event.preventDefault()
    go(to)
  }

  /** The menu of a tile; by the keyboard's menu key, of that under study. */
  function open(event) {
    event.preventDefault()
    const mouse = event.button === 2
    const position = mouse ? under(event) : study.position
    const sample = held.sampleAt(position)
    const at = layout()
    const {left, top} = stage.getBoundingClientRect()
    const [x, y] = mouse || sample < 0 ? [event.clientX - left, event.clientY - top] : at.place(position)
    const beside = mouse ? {x, y} : {x: x + at.tile[1], y: y + at.tile[0] - list.offset()}
    menu = sample < 0 ? null : {...beside, sample}
    show()
  }

  /** Puts the menu away; the focus returns to the list, unless it has gone `elsewhere`. */
  function back(elsewhere = false) {
    menu = null
    if (!elsewhere) scroll.focus()
    frame()
  }

  function resize() {
    const [first] = layout().seen(list.offset())
    nextSize()
    take()
    reveal(study.position >= 0 ? study.position : first)
  }

  /** Another listing: from its top, unless a run that grows lists the same again. */
  function take() {
    const {sort, sorts, group, title} = model.listing
    const name = `${sorts?.find(([each]) => each === sort)?.[1]} ${group} ${title}`
    const same = name === listed
    listed = name
    if (!same) {
      forget()
      leave()
    }
    show() // as high as it is, before it is scrolled
    list.move(same ? list.offset() : 0, true)
    frame()
  }

  const resized = new ResizeObserver(() => {
    const first = !view[0]
    view = [stage.clientHeight, scroll.clientWidth]
    take()
    if (first && study.position >= 0 && !study.offered) reveal(study.position)
  })
  resized.observe(stage)
  const unfollow = followTheme(frame)
  model.on("remove", () => {
    resized.disconnect()
    unfollow()
  })
  model.on("listing", take)
  model.on(["window", "tiles", "found", "marked"], frame)
  model.on("hovered", () => {
    hovered = model.hovered
    frame()
  })
  model.on("focused", () => {
    const before = study
    if (model.focused.asked < sent) return
    study = model.focused
    const {position, sample, offered} = study
    const other = position !== before.position && sample !== before.sample
    if (position >= 0 && !offered && (before.offered || other)) reveal(position)
    frame()
  })
  take()
  return root
}
