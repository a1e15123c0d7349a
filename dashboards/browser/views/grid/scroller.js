// A list that is longer than browsers can scroll: its offset is the truth, of which a scroll bar is an image.

const LONGEST = 8e6 // browsers clip elements taller than some 17 million pixels

/** CSS pixels of what is scrolled in the place of a list of so many. */
export const tallest = (total) => Math.min(total, LONGEST)

/** Of an element; `sizes()` are the pixels of the list and of its view, `moved()` is called where it is another. */
export function scroller(element, sizes, moved) {
  let [offset, shown] = [0, 0]
  const scale = ([total, view]) => (total > view ? (tallest(total) - view) / (total - view) : 0) // of the bar

  function move(pixels, again = false) {
    const [total, view] = sizes()
    const before = offset
    offset = Math.max(0, Math.min(total - view, pixels))
    const top = offset * scale([total, view])
    if (top !== shown || again) element.scrollTop = shown = top
    if (offset !== before) moved()
  }

  element.addEventListener("scroll", () => {
    shown = element.scrollTop
    if (Math.abs(offset * scale(sizes()) - shown) < 1) return // our own, rounded
    offset = shown / scale(sizes())
    moved()
  })
  element.addEventListener(
    "wheel",
    (event) => {
      if (sizes()[0] <= LONGEST) return
      event.preventDefault()
      move(offset + event.deltaY)
    },
    {passive: false},
  )
  return {move, offset: () => offset}
}
