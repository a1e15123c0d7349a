// Tiles and titles of a grid on its canvas, and the same in words.

import {badge} from "../../kit/badge.js"
import {color} from "../../kit/theme.js"
import {write} from "../../kit/writing.js"
import {BORDER, corner, flag, framed, ring} from "../../widgets/tiles.js"
import {TITLE} from "./layout.js"

const [FLAG, MARK, BADGE] = [16, 11, 14] // CSS pixels of signs, of a badge on a tile that is three times as large

/** Its facts are of the tile at `index` of a window; beyond the sheet it is not here yet. */
export function paintTile(context, {listing, window, sheet}, index, [x, y], [height, width], state) {
  const [right, low] = [x + width + 2 * BORDER, y + height + 2 * BORDER]
  if (index < 0 || index >= sheet.count) {
    context.fillStyle = color("sunken")
    context.fillRect(x, y, right - x, low - y)
    return
  }
  const {sample, label, predicted, of_file, cause, verdict} = window
  const {colors, badges, causes} = listing
  framed(context, sheet, index, x, y, [height, width], colors[label[index] % colors.length])
  if (listing.textual) write(context, window.file?.[index] ?? "", x + BORDER, y + BORDER, width, height)
  if (predicted && predicted[index] !== label[index])
    corner(context, right, y, colors[predicted[index] % colors.length])
  if (verdict?.[index]) {
    const size = Math.max(9, Math.min(BADGE, Math.min(height, width) / 3))
    const inset = BORDER + 1 + size / 2
    badge(context, right - inset, low - inset, size, verdict[index], badges[verdict[index]].color)
  }
  const signs = [of_file?.[index] >= 0 && "≠", cause?.[index] >= 0 && causes[cause[index]].letter].filter(
    Boolean,
  )
  for (const [at, letter] of signs.entries())
    sign(context, letter, x + BORDER + 1 + at * MARK, low - BORDER - 1)
  if (state.marked.has(sample[index])) flag(context, x, y, FLAG)
  if (state.studied) ring(context, x, y, [height, width], color("ink"), 2.5)
  else if (sample[index] === state.hovered) ring(context, x, y, [height, width], color("accent"), 2.5)
}

/** To the lower left of a tile: ≠, where its file is of another class, and the letter of a cause. */
function sign(context, letter, x, y) {
  context.fillStyle = color("surface")
  context.fillRect(x, y - MARK, MARK, MARK)
  context.fillStyle = color("ink")
  context.font = `700 ${MARK}px ${fontOf(context)}`
  context.textAlign = "center"
  context.textBaseline = "middle"
  context.fillText(letter, x + MARK / 2, y - MARK / 2)
}

/** A group's title above its tiles, the tops of which are pixels of the view; while they pass it stays there. */
export function paintTitle(context, {name, color: fill, count}, [top, bottom], [height, width], left) {
  const y = Math.min(Math.max(top - TITLE, 0), bottom - TITLE)
  if (!name || y < -TITLE || y > height) return
  const [middle, font] = [y + TITLE / 2, fontOf(context)]
  context.fillStyle = color("surface")
  context.fillRect(0, y, width, TITLE)
  context.textBaseline = "middle"
  context.textAlign = "left"
  context.fillStyle = fill || "transparent"
  context.fillRect(left, middle - 5, 10, 10)
  const from = left + (fill ? 16 : 0)
  context.font = `600 12px ${font}`
  context.fillStyle = color("ink")
  context.fillText(name, from, middle)
  const after = from + context.measureText(name).width + 8
  context.font = `12px ${font}`
  context.fillStyle = color("quiet")
  context.fillText(count.toLocaleString("en"), after, middle)
}

const fontOf = (context) => getComputedStyle(context.canvas).fontFamily

/** What the tile at `index` of a window is. */
export function described({listing, window}, index, marked) {
  const {sample, label, runner_up, predicted, confidence, of_file, file, cause, verdict} = window
  const {classes, badges, causes} = listing
  const said = predicted ? ` · predicted ${classes[predicted[index]]} ${confidence[index].toFixed(2)}` : ""
  const held = runner_up
    ? `${said.slice(2)} · runner-up ${classes[runner_up[index]]}`
    : ` true ${classes[label[index]]}${said}`
  const more = [
    of_file?.[index] >= 0 && `of the file itself: ${classes[of_file[index]]}`,
    cause?.[index] >= 0 && causes[cause[index]].name,
    verdict?.[index] && badges[verdict[index]].name,
    marked.has(sample[index]) && "marked as mislabelled",
  ].filter(Boolean)
  const line = [`#${sample[index]}${held}`, ...more].join(" · ")
  return file ? `${line}\n${file[index]}` : line
}
