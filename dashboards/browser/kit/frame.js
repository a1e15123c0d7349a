// Drawing once a frame.

/** Calls `draw` in the next frame, once for all calls before it. */
export function onceAFrame(draw) {
  let waiting = false
  const now = () => {
    waiting = false
    draw()
  }
  return () => {
    if (!waiting) requestAnimationFrame(now)
    waiting = true
  }
}
