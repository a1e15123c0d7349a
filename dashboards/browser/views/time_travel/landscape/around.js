// Who is near the image under study: in the features, and on the map.

const [RING, DASHES] = [5.5, [2.5, 4]] // CSS pixels

/**
 * Lines to those nearest in the features, dashed where others are nearer on the map, whose nearest have rings.
 * `spot(point)` is where one is seen.
 */
export function paintAround(context, {features, map}, from, spot, {ink, surface}) {
  const start = spot(from)
  if (!start) return
  const ends = features.map((point) => [spot(point), map.includes(point)]).filter(([end]) => end)
  const rings = map.map(spot).filter((at) => at)
  for (const halo of [true, false]) {
    context.strokeStyle = halo ? surface : ink
    context.lineWidth = halo ? 3.2 : 1.3
    context.globalAlpha = halo ? 0.55 : 0.9
    for (const [end, both] of ends) {
      context.setLineDash(halo || both ? [] : DASHES)
      context.beginPath()
      context.moveTo(...start)
      context.lineTo(...end)
      context.stroke()
    }
    context.setLineDash([])
    context.globalAlpha = 1
    for (const at of rings) {
      context.beginPath()
      context.arc(...at, RING, 0, 2 * Math.PI)
      context.stroke()
    }
  }
}
