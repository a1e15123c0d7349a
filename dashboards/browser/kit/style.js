// Style sheets of all cards: a shadow root adopts them, and no document holds a copy of them.

const SHARED = ["kit/base.css", "kit/work.css", "kit/kit.css"]
const sheets = new Map()

/** The style sheet of that name, relative to the root of modules, which is read once. */
function sheet(name) {
  if (!sheets.has(name)) sheets.set(name, read(new URL(`../${name}`, import.meta.url)))
  return sheets.get(name)
}

async function read(address) {
  const made = new CSSStyleSheet()
  made.replaceSync(await (await fetch(address)).text())
  return made
}

const shared = await Promise.all(SHARED.map(sheet))

/** Styles what is in a shadow root, once however often it is drawn; `own` is a sheet for it alone. */
export async function adopt(root, own) {
  const all = own ? [...shared, await sheet(own)] : shared
  root.adoptedStyleSheets.push(...all.filter((each) => !root.adoptedStyleSheets.includes(each)))
}
