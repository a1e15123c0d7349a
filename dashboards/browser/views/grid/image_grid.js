import {color} from "../../kit/theme.js"
import {fitted} from "../../kit/thumbnail.js"
import {badge, badgePicture, CANNOT_TELL, EXPLAINED, WEAK} from "../../widgets/badge.js"
import {fill, followTheme, h, iconButton, say} from "../../widgets/dom.js"
import {helpButton} from "../../widgets/help.js"
import {BORDER, corner, flag, framed, ring, sheetOf} from "../../widgets/tiles.js"

const TARGETS = {small: 36, medium: 52, large: 88} // CSS pixels a tile aims at
const ROWS = "M2 3h12 M2 6h4v3H2z M8 6h4v3H8z M2 12h12 M2 15h4"
const SIZES = "M2 2h5v5H2z M9 2h5v5H9z M2 9h5v5H2z M9 9h5v5H9z",
  KEPT = "deepvid-tiles"
const MENU = [
  ["study", "Study it"],
  ["similar", "Similar images"],
  ["distance", "List by distance to it"],
  ["alike", "List mistakes like it"],
  ["pin", "Pin it beside"],
  ["add", "Add to the selection"],
  ["drop", "Take out of the selection"],
]
const GAP = 4,
  PAD = 10
const TITLE = 24 // CSS pixels of a group's heading
const FLAG = 16 // CSS pixels of the flag of a marked image
const MARK = 11 // CSS pixels of a sign
const BADGE = 14 // CSS pixels of a badge, on a tile that is three times as large
const LONGEST = 8e6 // browsers clip elements taller than some 17 million pixels

export function render({model}) {
  const title = h("h2", {class: "title"}),
    note = h("p", {class: "quiet note", role: "status"})
  const sorts = h("select", {
    "aria-label": "Order of the images",
    change: () => say(model, "sort", sorts.value),
  })
  const search = h("input", {
    type: "search",
    class: "find",
    "aria-label": "Find an image",
    autocomplete: "off",
    spellcheck: "false",
    search: () => {
      if (!search.value) look()
    },
    keydown: (event) => {
      if (event.key === "Enter") look()
    },
  })
  const canvas = h("canvas"),
    spacer = h("div")
  const scroll = h(
    "div",
    {class: "scroll", tabindex: 0, role: "listbox", "aria-label": "Images of the selection"},
    spacer,
  )
  const empty = h("div", {class: "empty", hidden: true})
  const frame = h("div", {class: "frame"}, scroll, canvas, empty)
  const sizes = iconButton("Size of the tiles", SIZES, {class: "plain", click: resize})
  const groups = iconButton("Group the images", ROWS, {class: "plain", click: regroup})
  const menu = h("div", {class: "menu", role: "menu", hidden: true, keydown: choose})
  const away = h("button", {
    type: "button",
    class: "chip away",
    hidden: true,
    title: "Move the list there",
    click: () => {
      reveal(focus)
      scroll.focus()
    },
  })
  frame.append(menu, away)
  const grid = h(
    "div",
    {class: "grid"},
    h("header", {}, title, search, sorts, groups, sizes, helpButton(model, "this grid")),
    note,
    frame,
  )
  let size = remembered()
  let sheet = null // pictures of the window, side by side on one canvas: {canvas, columns, count}
  let view = [0, 0] // height and width of what is visible; reading them while the page changes is slow
  let offset = 0 // pixels of the virtual list above the view; the truth, of which scrollTop is an image
  let scrolled = 0 // what scrollTop was set to
  let hovered = -1 // sample
  let pointed = false // the pointer is on a tile here, not in another view
  let focus = -1 // position
  let studied = -1 // sample at that position
  let offered = true // nobody chose it: the list does not move there
  let listed = "" // what is listed, in words
  let sent = 0 // times that we asked for a focus: answers to older ones must not take us back
  let choices // the orders one may ask for
  let asked = "" // the last window asked for
  let searched = 0 // searches sent: answers to older ones say nothing
  let marked = new Set(model.marked) // samples
  let pending = 0
  let arranged = {} // where groups are, as they were laid out last

  const listing = () => model.listing
  const layout = () => {
    const ratio = window.devicePixelRatio || 1
    const tile = fitted(listing().shape ?? [28, 28], TARGETS[size], ratio)
    const cell = [tile[0] + 2 * BORDER + GAP, tile[1] + 2 * BORDER + GAP]
    const columns = Math.max(1, Math.floor((view[1] - 2 * PAD + GAP) / cell[1]))
    const left = Math.max(PAD, (view[1] - columns * cell[1] + GAP) / 2)
    return {ratio, tile, cell, columns, left, ...blocksOf(columns, cell[0])}
  }

  /** Where the images of each group are: the first position and the one behind the last, and the pixels of the whole list
      where its tiles begin and end. Its heading, if it has one, is above. */
  function blocksOf(columns, height) {
    const named = `${listing().order} ${columns} ${height}`
    if (arranged.named === named) return arranged
    let first = 0,
      top = PAD
    const blocks = (listing().groups ?? []).map(({name, count}) => {
      if (name) top += TITLE
      const block = {first, last: first + count, top, bottom: top + Math.ceil(count / columns) * height}
      first = block.last
      top = block.bottom
      return block
    })
    arranged = {named, blocks, total: Math.max(top, PAD)}
    return arranged
  }

  /** The last of the blocks, which are in order, of which `begins` is not beyond a value. */
  function blockAt(blocks, begins, value) {
    let [low, high] = [0, blocks.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (blocks[middle][begins] <= value) low = middle
      else high = middle - 1
    }
    return blocks[low]
  }
  const draw = () => {
    if (!pending)
      pending = requestAnimationFrame(() => {
        pending = 0
        paint()
      })
  }

  function range({cell, columns, blocks}) {
    if (!blocks.length) return [0, 0]
    const from = blockAt(blocks, "top", offset),
      to = blockAt(blocks, "top", offset + view[0])
    const first = from.first + Math.floor(Math.max(0, offset - from.top) / cell[0]) * columns
    const last = to.first + Math.ceil(Math.max(0, offset + view[0] - to.top) / cell[0]) * columns
    return [Math.min(from.last, first), Math.min(to.last, last)]
  }

  function request(at) {
    const [first, last] = range(at),
      order = listing().order
    const {order: held, first: from, sample} = model.window
    if (last <= first || (held === order && from <= first && from + sample.length >= last)) return
    const name = `${order} ${first} ${last}`
    if (name === asked) return
    asked = name
    const margin = (last - first) >> 1
    say(model, "window", {
      order,
      first: Math.max(0, first - margin),
      last: Math.min(listing().count, last + margin),
    })
  }

  function place(position, {cell, columns, left, blocks}) {
    const {first, top} = blockAt(blocks, "first", position),
      within = position - first
    return [left + (within % columns) * cell[1], top + Math.floor(within / columns) * cell[0] - offset]
  }

  function paint() {
    const at = layout()
    const [height, width] = view.map((side) => Math.max(1, side))
    canvas.width = Math.round(width * at.ratio)
    canvas.height = Math.round(height * at.ratio)
    canvas.style.width = `${width}px`
    canvas.style.height = `${height}px`
    if (!listing().count) {
      away.hidden = true
      return
    }
    sheet ??= sheetOf(model.tiles, listing().shape, model.window.sample?.length ?? 0)
    const context = canvas.getContext("2d")
    context.scale(at.ratio, at.ratio)
    context.imageSmoothingEnabled = at.tile[0] < (listing().shape?.[0] ?? 0)
    const [first, last] = range(at)
    for (let position = first; position < last; position++) paintTile(context, position, at)
    point(at)
    at.blocks.forEach((block, index) => paintTitle(context, block, listing().groups[index], at))
    request(at)
  }

  function paintTile(context, position, at) {
    const [x, y] = place(position, at),
      [height, width] = at.tile
    const {order, first, sample, label, predicted, of_file, cause, verdict} = model.window
    const index = order === listing().order ? position - first : -1
    if (index < 0 || index >= sheet.count) {
      context.fillStyle = color("sunken")
      context.fillRect(x, y, width + 2 * BORDER, height + 2 * BORDER)
      return
    }
    const colors = listing().colors
    framed(context, sheet, index, x, y, at.tile, colors[label[index] % colors.length])
    if (predicted && predicted[index] !== label[index]) {
      corner(context, x + width + 2 * BORDER, y, colors[predicted[index] % colors.length])
    }
    if (verdict?.[index]) {
      const size = Math.max(9, Math.min(BADGE, Math.min(height, width) / 3)),
        inset = BORDER + 1 + size / 2
      badge(
        context,
        x + width + 2 * BORDER - inset,
        y + height + 2 * BORDER - inset,
        size,
        verdict[index],
        listing().badges[verdict[index]].color,
      )
    }
    const differs = of_file?.[index] >= 0,
      left = x + BORDER + 1,
      bottom = y + height + BORDER - 1
    if (differs) sign(context, "≠", left, bottom)
    if (cause?.[index] >= 0)
      sign(context, listing().causes[cause[index]].letter, left + (differs ? MARK : 0), bottom)
    if (marked.has(sample[index])) flag(context, x, y, FLAG)
    if (position === focus) ring(context, x, y, at.tile, color("ink"), 2.5)
    else if (sample[index] === hovered) ring(context, x, y, at.tile, color("accent"), 2.5)
  }

  /** To the lower left of a tile: ≠, where its file is of another class, and the letter of a cause. */
  function sign(context, letter, x, y) {
    context.fillStyle = color("surface")
    context.fillRect(x, y - MARK, MARK, MARK)
    context.fillStyle = color("ink")
    context.font = `700 ${MARK}px ${getComputedStyle(grid).fontFamily}`
    context.textAlign = "center"
    context.textBaseline = "middle"
    context.fillText(letter, x + MARK / 2, y - MARK / 2)
  }

  /** A group's heading above its tiles; while they pass it stays at the top. */
  function paintTitle(context, {top, bottom}, {name, color: fill, count}, {left}) {
    const y = Math.min(Math.max(top - TITLE - offset, 0), bottom - TITLE - offset)
    if (!name || y < -TITLE || y > view[0]) return
    context.fillStyle = color("surface")
    context.fillRect(0, y, view[1], TITLE)
    const font = getComputedStyle(grid).fontFamily,
      middle = y + TITLE / 2
    context.textBaseline = "middle"
    context.textAlign = "left"
    if (fill) {
      context.fillStyle = fill
      context.fillRect(left, middle - 5, 10, 10)
    }
    context.font = `600 12px ${font}`
    context.fillStyle = color("ink")
    context.fillText(name, left + (fill ? 16 : 0), middle)
    const after = left + (fill ? 16 : 0) + context.measureText(name).width + 8
    context.font = `12px ${font}`
    context.fillStyle = color("quiet")
    context.fillText(count.toLocaleString("en"), after, middle)
  }

  function meaning(verdict) {
    const {name, color: fill} = listing().badges[verdict]
    return h("span", {class: "meaning"}, badgePicture(BADGE, verdict, fill), name)
  }

  function moveTo(pixels) {
    const {total} = layout()
    const before = offset
    offset = Math.max(0, Math.min(total - view[0], pixels))
    if (offset !== before) leave()
    const reach = Math.min(total, LONGEST) - view[0]
    const top = total > view[0] ? (offset / (total - view[0])) * reach : 0
    if (top !== scrolled) scroll.scrollTop = scrolled = top
    draw()
  }

  /** Says where the image under study is while it is out of sight. */
  function point(at) {
    const middle = focus < 0 ? 0 : place(focus, at)[1] + at.cell[0] / 2,
      above = middle < 0
    away.hidden = focus < 0 || !(above || middle > view[0])
    away.classList.toggle("above", above)
    away.title =
      "Lead to it. Until you choose one it is the most confident error, of what is selected, that is explained"
    away.textContent = `${above ? "↑" : "↓"} #${studied} under study`
  }

  function reveal(position) {
    const at = layout(),
      room = listing().group ? TITLE : PAD // of what stands above it
    if (!at.blocks.length) return
    const top = place(position, at)[1] + offset
    if (top - room < offset) moveTo(top - room)
    else if (top + at.cell[0] > offset + view[0]) moveTo(top + at.cell[0] - view[0])
    draw()
  }

  function list() {
    const {title: text, note: below, count, sort, sorts: names, group, groupings, waiting} = listing()
    title.textContent = title.title = text ?? ""
    note.dataset.how = below ?? ""
    tell()
    search.placeholder = listing().named ? "File or #index" : "#index"
    search.title = listing().named
      ? "Part of a file's name, or # and the number of an image; Enter again for the next"
      : "# and the number of an image"
    if (names?.toString() !== choices) {
      choices = names?.toString()
      sorts.replaceChildren(...(names ?? []).map(([value, label]) => h("option", {value}, label)))
    }
    if (sort) sorts.value = sort
    sorts.title = sorts.selectedOptions[0]?.text ?? ""
    sorts.hidden = groups.hidden = !count
    groups.title = `Grouped by ${groupings?.find(([each]) => each === group)?.[1]}: a click groups by ${grouping()[1]}`
    groups.setAttribute("aria-pressed", String(Boolean(group)))
    empty.hidden = Boolean(count)
    empty.replaceChildren(h("p", {}, waiting ?? ""))
    spacer.style.height = `${Math.min(layout().total, LONGEST)}px`
    asked = ""
    const name = `${names?.find(([each]) => each === sort)?.[1]} ${group} ${text}` // the order asked for may only now be possible
    if (name !== listed) {
      forget()
      leave()
    }
    moveTo(name === listed ? offset : 0) // a run that grows lists the same again
    listed = name
  }

  /** What a click groups by: the next of all. */
  function grouping() {
    const {group, groupings} = listing(),
      at = groupings?.findIndex(([each]) => each === group) ?? -1
    return groupings?.[(at + 1) % groupings.length] ?? ["", "nothing"]
  }

  function regroup() {
    say(model, "group", grouping()[0])
  }

  function look() {
    say(model, "find", {text: search.value, asked: ++searched})
  }

  function forget() {
    searched++
    tell()
  }

  function tell() {
    const {asked, sentence} = model.found,
      said = asked === searched && sentence
    const causes = (listing().causes ?? []).map(({letter, name}) => `${letter} ${name}`)
    note.title = said || [note.dataset.how, ...causes].join("\n")
    const shown = listing().badges?.length ? [EXPLAINED, WEAK, CANNOT_TELL] : []
    fill(note, said || [shown.map(meaning), h("span", {class: "how"}, note.dataset.how)])
  }

  function under(event) {
    const at = layout(),
      box = scroll.getBoundingClientRect()
    const column = Math.floor((event.clientX - box.left - at.left) / at.cell[1])
    const down = event.clientY - box.top
    if (!at.blocks.length || (listing().group && down < TITLE)) return -1
    const block = blockAt(at.blocks, "top", down + offset),
      row = Math.floor((down + offset - block.top) / at.cell[0])
    const position = block.first + row * at.columns + column
    return column >= 0 && column < at.columns && row >= 0 && position < block.last ? position : -1
  }

  function known(position) {
    const {order, first, sample} = model.window
    return position >= 0 && order === listing().order ? (sample[position - first] ?? -1) : -1
  }

  function hover(position) {
    const sample = known(position)
    if (sample === hovered) return
    hovered = sample
    scroll.title = sample < 0 ? "" : describe(position)
    say(model, "hover", sample < 0 ? null : sample)
    draw()
  }

  /** What was under the pointer has moved away from it: nothing is, until the pointer moves. */
  function leave() {
    if (pointed) hover(-1)
    pointed = false
  }

  function describe(position) {
    const {first, sample, label, runner_up, predicted, confidence, of_file, file, cause, verdict} =
        model.window,
      index = position - first
    const {classes: names, badges, causes} = listing()
    const said = predicted ? ` · predicted ${names[predicted[index]]} ${confidence[index].toFixed(2)}` : ""
    const trust = verdict?.[index] ? ` · ${badges[verdict[index]].name}` : ""
    const flagged = marked.has(sample[index]) ? " · marked as mislabelled" : ""
    const held = runner_up
      ? `${said.slice(2)} · runner-up ${names[runner_up[index]]}`
      : ` true ${names[label[index]]}${said}`
    const other = of_file?.[index] >= 0 ? ` · of the file itself: ${names[of_file[index]]}` : ""
    const why = cause?.[index] >= 0 ? ` · ${causes[cause[index]].name}` : ""
    return `#${sample[index]}${held}${other}${why}${trust}${flagged}${file ? `\n${file[index]}` : ""}`
  }

  /** What is under study now. */
  function take() {
    ;({position: focus = -1, sample: studied = -1, offered = true} = model.focused)
  }

  function go(position) {
    focus = Math.max(0, Math.min(listing().count - 1, position))
    reveal(focus)
    forget()
    say(model, "focus", {order: listing().order, position: focus, asked: ++sent})
  }

  function remembered() {
    try {
      return localStorage.getItem(KEPT) in TARGETS ? localStorage.getItem(KEPT) : "medium"
    } catch {
      return "medium"
    }
  }

  function resize() {
    const names = Object.keys(TARGETS)
    size = names[(names.indexOf(size) + 1) % names.length]
    try {
      localStorage.setItem(KEPT, size)
    } catch {
      /* a page that may keep nothing starts with medium ones */
    }
    const first = range(layout())[0]
    list()
    reveal(focus >= 0 ? focus : first)
  }

  /** What can be done with one tile; of the keyboard's menu key, with that under study. */
  function openMenu(event) {
    const pointed = event.button === 2 ? under(event) : focus,
      sample = known(pointed)
    event.preventDefault()
    if (sample < 0) {
      menu.hidden = true
      return
    }
    const at = layout(),
      [x, y] = place(pointed, at),
      box = frame.getBoundingClientRect()
    const [left, top] =
      event.button === 2
        ? [event.clientX - box.left, event.clientY - box.top]
        : [x + at.tile[1], y + at.tile[0]]
    fill(
      menu,
      h("p", {class: "quiet"}, `#${sample}`),
      MENU.filter(
        ([what]) => !["distance", "alike"].includes(what) || listing().sorts.some(([name]) => name === what),
      ).map(([what, text]) =>
        h(
          "button",
          {
            type: "button",
            role: "menuitem",
            click: () => {
              menu.hidden = true
              scroll.focus()
              say(model, "menu", {what, sample})
            },
          },
          text,
        ),
      ),
    )
    menu.hidden = false
    menu.style.left = `${Math.max(0, Math.min(left, box.width - menu.offsetWidth - 4))}px`
    menu.style.top = `${Math.max(0, Math.min(top, box.height - menu.offsetHeight - 4))}px`
    menu.querySelector("button").focus()
  }

  function choose(event) {
    const items = [...menu.querySelectorAll("button")],
      at = items.indexOf(menu.getRootNode().activeElement)
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key]
    if (step) items[(at + step + items.length) % items.length].focus()
    else if (event.key === "Escape") {
      menu.hidden = true
      scroll.focus()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  /** The position in the next row, of the next group where this one ends. */
  function rowBelow(position) {
    const {columns, blocks} = layout(),
      {first, last} = blockAt(blocks, "first", position),
      within = position - first
    if (position + columns < last) return position + columns
    if (Math.floor(within / columns) < Math.floor((last - 1 - first) / columns)) return last - 1
    const next = blockAt(blocks, "first", last)
    return last < listing().count ? Math.min(next.last - 1, last + (within % columns)) : last - 1
  }

  /** The position in the row before, of the group before where this one begins. */
  function rowAbove(position) {
    const {columns, blocks} = layout(),
      {first} = blockAt(blocks, "first", position),
      within = position - first
    if (within >= columns) return position - columns
    if (!first) return 0
    const before = blockAt(blocks, "first", first - 1),
      row = before.first + Math.floor((first - 1 - before.first) / columns) * columns
    return Math.min(first - 1, row + within)
  }

  function key(event) {
    const {columns, cell} = layout(),
      page = Math.max(1, Math.floor(view[0] / cell[0])) * columns
    const from = Math.max(focus, 0)
    const target = {
      ArrowLeft: from - 1,
      ArrowRight: from + 1,
      ArrowUp: rowAbove(from),
      ArrowDown: rowBelow(from),
      PageUp: from - page,
      PageDown: from + page,
      Home: 0,
      End: listing().count - 1,
    }[event.key]
    if (target === undefined || !listing().count) return
    event.preventDefault()
    go(target)
  }

  scroll.addEventListener("scroll", () => {
    const {total} = layout(),
      reach = Math.min(total, LONGEST) - view[0]
    scrolled = scroll.scrollTop
    if (total > LONGEST) {
      // one pixel of the bar is many of the list: ignore the echo of our own rounding
      if (Math.abs((offset / (total - view[0])) * reach - scroll.scrollTop) < 1) return
      offset = (scroll.scrollTop / reach) * (total - view[0])
    } else if (offset === scroll.scrollTop)
      return // where we put it
    else offset = scroll.scrollTop
    leave()
    draw()
  })
  scroll.addEventListener(
    "wheel",
    (event) => {
      if (layout().total <= LONGEST) return
      event.preventDefault()
      moveTo(offset + event.deltaY)
    },
    {passive: false},
  )
  scroll.addEventListener("pointermove", (event) => {
    pointed = true
    hover(under(event))
  })
  scroll.addEventListener("pointerleave", () => {
    pointed = false
    hover(-1)
  })
  scroll.addEventListener("click", (event) => {
    const position = under(event)
    if (position >= 0) go(position)
  })
  scroll.addEventListener("keydown", key)
  scroll.addEventListener("contextmenu", openMenu)
  menu.addEventListener("focusout", (event) => {
    if (!menu.contains(event.relatedTarget)) menu.hidden = true
  })

  const resized = new ResizeObserver(() => {
    const first = !view[0]
    view = [frame.clientHeight, scroll.clientWidth]
    scrolled = -1
    list()
    if (first && focus >= 0 && !offered) reveal(focus)
  })
  resized.observe(frame)
  model.on("remove", () => resized.disconnect())
  followTheme(model, draw)
  model.on("listing", list)
  model.on(["window", "tiles"], () => {
    sheet = null
    draw()
  })
  model.on("found", tell)
  model.on("marked", () => {
    marked = new Set(model.marked)
    draw()
  })
  model.on("hovered", () => {
    hovered = model.hovered
    draw()
  })
  model.on("focused", () => {
    const {asked: answered, position = -1} = model.focused,
      before = [focus, studied, offered]
    if (answered < sent) return
    take()
    if (position >= 0 && !offered && (before[2] || (position !== before[0] && studied !== before[1])))
      reveal(position)
    draw()
  })
  take()
  list()
  return grid
}
