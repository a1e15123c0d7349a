// Where points have been, from the first epoch on.

export const TRAILS = 150 // at most

/** Those of `single` points end in an arrow; of the `selected` (point,), if any, the first are drawn, thinner. */
export function paintTrails(context, journey, time, single, selected, camera, ground) {
  const followed = new Set(single)
  for (let point = 0; selected && point < journey.points && followed.size < TRAILS; point++)
    if (selected[point]) followed.add(point)
  context.lineJoin = context.lineCap = "round"
  const before = Array.from({length: Math.ceil(time)}, (_, epoch) => epoch)
  const moments = [...before, time].map((at) => journey.at(at))
  for (const point of followed) {
    const way = moments.map((moment) => journey.place(point, moment)).filter((at) => at)
    const ink = journey.colors[journey.label[point]]
    if (way.length > 1)
      paintTrail(context, way.map(camera.toScreen, camera), ink, single.includes(point) && ground)
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
  const [dx, dy] = [(x1 - x0) / length, (y1 - y0) / length]
  const [x, y] = [x1 - 9 * dx, y1 - 9 * dy]
  context.beginPath()
  context.moveTo(x, y)
  context.lineTo(x - 8 * dx + 5 * dy, y - 8 * dy - 5 * dx)
  context.lineTo(x - 8 * dx - 5 * dy, y - 8 * dy + 5 * dx)
  context.closePath()
  context.fill()
}
