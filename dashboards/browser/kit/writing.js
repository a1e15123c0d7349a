// Words on a canvas, in as many lines as there is room for.

const LINE = 1.25 // heights of a letter
const LETTERS = [11, 15] // CSS pixels, least and most
const MARGIN = 4
const graphemes = new Intl.Segmenter(undefined, {granularity: "grapheme"})

/** Writes `words` in black into a rectangle: the larger, the fewer they are; what has no room ends in dots. */
export function write(context, words, x, y, width, height) {
  const font = getComputedStyle(context.canvas).fontFamily
  const room = Math.max(1, width - 2 * MARGIN)
  let size = Math.max(LETTERS[0], Math.min(LETTERS[1], height / LINE - 2))
  let lines = []
  for (; ; size -= 1) {
    context.font = `${size}px ${font}`
    lines = broken(words, room, (text) => context.measureText(text).width)
    if (lines.length * size * LINE <= height || size <= LETTERS[0]) break
  }
  const most = Math.max(1, Math.floor(height / (size * LINE)))
  if (lines.length > most) lines = [...lines.slice(0, most - 1), `${lines[most - 1].trimEnd()}…`]
  context.save()
  context.beginPath()
  context.rect(x, y, width, height)
  context.clip()
  context.fillStyle = "#000"
  context.textAlign = "center"
  context.textBaseline = "middle"
  const top = y + height / 2 - ((lines.length - 1) * size * LINE) / 2
  for (const [at, line] of lines.entries()) context.fillText(line, x + width / 2, top + at * size * LINE)
  context.restore()
}

/** Lines of words that are no wider than the room, by `wide(text)`; a word that is wider is broken, too. */
export function broken(words, room, wide) {
  const lines = []
  let line = ""
  for (const word of words.split(/\s+/).filter(Boolean)) {
    const longer = line ? `${line} ${word}` : word
    if (wide(longer) <= room) {
      line = longer
      continue
    }
    if (line) lines.push(line)
    line = ""
    for (const {segment} of graphemes.segment(word)) {
      if (line && wide(line + segment) > room) {
        lines.push(line)
        line = ""
      }
      line += segment
    }
  }
  return line ? [...lines, line] : lines
}
