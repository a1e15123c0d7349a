// Cards as pictures.

import {color} from "../kit/theme.js"

/**
 * Saves them, whoever asks: `dv-picture` {card, kind}. `page` tells which run is shown, lends the library that
 * makes them when it is asked for first, and hears why there is none.
 */
export function savePictures(signal, page) {
  let loading = null

  /** The library; where it cannot be loaded the next picture tries again. */
  function load() {
    return (loading ??= page
      .library()
      .then((text) => {
        const address = URL.createObjectURL(new Blob([text], {type: "text/javascript"}))
        return import(address).finally(() => URL.revokeObjectURL(address))
      })
      .catch((error) => {
        loading = null
        throw error
      }))
  }

  /** @param {any} event */
  async function asked({detail}) {
    try {
      await save(detail)
    } catch (error) {
      page.regret(String(error))
    }
  }

  async function save({card, kind, link: linked}) {
    const {snapdom} = await load()
    const drawing = await (
      await (await snapdom(card, {exclude: [".helped", ".bk-Toolbar"]})).toBlob({type: "svg"})
    ).text()
    const {width, height} = card.getBoundingClientRect(),
      address = linked ? folded(location.href, width / LETTER) : [],
      size = {width: Math.round(width), height: Math.round(height) + FOOT + address.length * LINE}
    const still = drawing
      .replace(BLACK, "-webkit-text-fill-color:currentcolor")
      .replace("</style>", `${STILL}</style>`)
    const words = [page.run(), seenIn(card, ".index")?.textContent, "DeepVID"].filter(Boolean).join(" · ")
    const text = captioned(still, size, [words, ...address])
    const file = kind === "svg" ? new Blob([text], {type: "image/svg+xml"}) : await painted(text, size)
    const link = document.createElement("a")
    link.href = URL.createObjectURL(file)
    link.download = `${page.run()}-${named(card)}.${kind}`
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
  }

  document.addEventListener("dv-picture", asked, {signal})
}

const PIXELS = 3 // of a picture for one of CSS: 300 dots an inch at the size of the screen
const FOOT = 24 // of CSS: the line below that says what the picture is of
const LINE = 14 // and each further one, of a link
const LETTER = 6.5 // width of one, at most about

const BLACK = /-webkit-text-fill-color:[^;}"]*/g // SnapDOM gives all text the color of a page without style

/** Nobody clicks in a picture: of choices it says what is chosen, in plain words; what only acts is not there, but if it is a map. */
const STILL = `
.segmented, .segmented [aria-pressed], select { background: none !important; border-color: transparent !important; box-shadow: none !important; appearance: none !important; }
.segmented [aria-pressed="false"], [role="tab"][aria-selected="false"], :is(.chip:not(.chips *), .plain, .plain-text, .action):not(:has(canvas, img)), .steps, input, kbd { opacity: 0 !important; }
button[aria-pressed] { box-shadow: none !important; }
`

/** A link in lines of so many letters. */
const folded = (link, most) => link.match(new RegExp(`.{1,${Math.floor(most) - 6}}`, "g")) ?? []

/** The drawing above lines of words about it. */
function captioned(drawing, {width, height}, lines) {
  const foot = lines.map((words, place) => {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "text")
    const y = height - 9 - LINE * (lines.length - 1 - place)
    const look = {x: 16, y, "font-family": "sans-serif", "font-size": 11, fill: color("quiet")}
    for (const [name, value] of Object.entries(look)) line.setAttribute(name, String(value))
    line.textContent = words
    return new XMLSerializer().serializeToString(line)
  })
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<rect width="${width}" height="${height}" fill="${color("surface")}"/>${drawing}${foot.join("")}</svg>`
  )
}

/** The drawing as PNG. */
async function painted(text, {width, height}) {
  const image = new Image(),
    canvas = new OffscreenCanvas(PIXELS * width, PIXELS * height)
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`
  await image.decode()
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height)
  return canvas.convertToBlob({type: "image/png"})
}

/** What a card shows, as a part of a file's name: the image that it is of, and its open tab or its heading. */
function named(card) {
  const title = seenIn(card, "[role=tab][aria-selected=true]") ?? seenIn(card, "h2")
  const words =
    [...(title?.childNodes ?? [])]
      .filter((node) => node.nodeType === Node.TEXT_NODE || node.classList?.contains("whole"))
      .map(({textContent}) => textContent)
      .join("") || title?.textContent
  const plain = (text) =>
    text
      ?.toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "")
      .slice(0, 40)
  return [plain(seenIn(card, ".index")?.textContent), plain(words)].filter(Boolean).join("-") || "view"
}

/** The first element of a card that a selector fits, however many shadow roots are between; other tabs stay, hidden. */
function seenIn(card, selector) {
  const seen = (root) =>
    [...root.querySelectorAll(selector)].find(({offsetParent}) => offsetParent) ??
    [...root.querySelectorAll("*")].reduce(
      (found, {shadowRoot}) => found ?? (shadowRoot && seen(shadowRoot)),
      null,
    )
  return seen(card.shadowRoot ?? card)
}
