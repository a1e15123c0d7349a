/** Saves cards as pictures, whoever asks: `dv-picture` {card, kind}. The library comes when it is asked for first. */
function savePictures(model) {
  let loading = null

  /** The library; where it cannot be loaded the next picture tries again. */
  function load() {
    return loading ??= arrived().then(() => {
      const address = URL.createObjectURL(new Blob([model.library], {type: "text/javascript"}))
      return import(address).finally(() => URL.revokeObjectURL(address))
    }).catch((error) => { loading = null; throw error })
  }

  function arrived() {
    if (model.library) return Promise.resolve()
    return new Promise((resolve) => { model.on("library", resolve); say(model, "library") })
  }

  async function asked({detail}) {
    try { await save(detail) } catch (error) { say(model, "unpictured", String(error)) }
  }

  async function save({card, kind}) {
    const {snapdom} = await load()
    const drawing = await (await (await snapdom(card, {exclude: [".helped", ".bk-Toolbar"]})).toBlob({type: "svg"})).text()
    const text = drawing.replace(BLACK, "-webkit-text-fill-color:currentcolor")
    const file = kind === "svg" ? new Blob([text], {type: "image/svg+xml"}) : await painted(text, card.getBoundingClientRect())
    const link = h("a", {href: URL.createObjectURL(file), download: `${model.state.run}-${named(card)}.${kind}`})
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
  }

  document.addEventListener("dv-picture", asked)
  model.on("remove", () => document.removeEventListener("dv-picture", asked))
}

const PIXELS = 3  // of a picture for one of CSS: 300 dots an inch at the size of the screen

const BLACK = /-webkit-text-fill-color:[^;}"]*/g  // SnapDOM gives all text the color of a page without style

/** The drawing as PNG. */
async function painted(text, {width, height}) {
  const image = new Image(), canvas = new OffscreenCanvas(Math.round(PIXELS * width), Math.round(PIXELS * height))
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`
  await image.decode()
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height)
  return canvas.convertToBlob({type: "image/png"})
}

/** What a card shows, as a part of a file's name: the image that it is of, and its open tab or its heading. */
function named(card) {
  const seen = (root, selector) => [...root.querySelectorAll(selector)].find(({offsetParent}) => offsetParent)  // other tabs stay, hidden
  const first = (root, selector) => seen(root, selector) ??
    [...root.querySelectorAll("*")].reduce((found, {shadowRoot}) => found ?? (shadowRoot && first(shadowRoot, selector)), null)
  const inside = card.shadowRoot ?? card
  const title = first(inside, "[role=tab][aria-selected=true]") ?? first(inside, "h2")
  const words = [...title?.childNodes ?? []].filter(({nodeType}) => nodeType === Node.TEXT_NODE).map(({data}) => data).join("") || title?.textContent
  const plain = (text) => text?.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40)
  return [plain(first(inside, ".index")?.textContent), plain(words)].filter(Boolean).join("-") || "view"
}
