// Where points have been, from the first epoch on.

export const TRAILS = 150 // at most

/** Those of `single` points end in an arrow; of the `selected` (point,), if any, the first are drawn, thinner. */
export function paintTrails(context, journey, time, single, selected, toScreen, ground) {
  const alone = new Set(single),
    followed = new Set(single)
  if (selected)
    for (let point = 0; point < journey.points && followed.size < TRAILS; point++)
      if (selected[point]) followed.add(point)
  context.lineJoin = context.lineCap = "round"
  for (const point of followed) {
    const way = []
    for (let epoch = 0; epoch < time; epoch++) way.push(journey.place(point, epoch))
    way.push(journey.place(point, time))
    const path = way.filter((at) => at).map(toScreen)
    if (path.length > 1)
      paintTrail(context, path, journey.colors[journey.label[point]], alone.has(point) && ground)
  }
  context.globalAlpha = 1
}

/** `ground` surrounds one that is alone. */
function paintTrail(context, path, ink, ground) {
  context.beginPath()
  path.forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)))
  context.globalAlpha = ground ? 1 : 0.45
  if (ground) {
    context.strokeStyle = ground
    context.lineWidth = 5
    context.stroke()
  }
  context.strokeStyle = context.fillStyle = ink
  context.lineWidth = ground ? 2.5 : 1.2
  context.stroke()
  if (!ground) return
  for (const [x, y] of path.slice(0, -1)) {
    context.beginPath()
    context.arc(x, y, 2.6, 0, 2 * Math.PI)
    context.fill()
  }
  arrow(context, ...path.slice(-2))
}

function arrow(context, [x0, y0], [x1, y1]) {
  const length = Math.hypot(x1 - x0, y1 - y0)
  if (length < 14) return
  const [dx, dy] = [(x1 - x0) / length, (y1 - y0) / length],
    [x, y] = [x1 - 9 * dx, y1 - 9 * dy]
  context.beginPath()
  context.moveTo(x, y)
  context.lineTo(x - 8 * dx + 5 * dy, y - 8 * dy - 5 * dx)
  context.lineTo(x - 8 * dx - 5 * dy, y - 8 * dy + 5 * dx)
  context.closePath()
  context.fill()
}
