// How large tiles are: this browser remembers it.

const TARGETS = {small: 36, medium: 52, large: 88} // CSS pixels a tile aims at
const KEPT = "deepvid-tiles"
const NAMES = Object.keys(TARGETS)

let size = "medium"
try {
  if (localStorage.getItem(KEPT) in TARGETS) size = localStorage.getItem(KEPT)
} catch {
  /* a page that may keep nothing starts with medium ones */
}

export const sizeOfTiles = () => TARGETS[size]

/** The next of the sizes, in turn. */
export function nextSize() {
  size = NAMES[(NAMES.indexOf(size) + 1) % NAMES.length]
  try {
    localStorage.setItem(KEPT, size)
  } catch {
    /* it is remembered as long as the page is open */
  }
}
