// Who is near the image under study: in the features, and on the map.

const RING = 5.5,
  DASHES = [2.5, 4] // CSS pixels
export const AMONG =
  "Among the test images on the map: what a point keeps of its 15 nearest counts training images, too"

/** Lines to those nearest in the features, dashed where others are nearer on the map, whose nearest have rings. `at(point)` is where one is seen. */
export function paintAround(context, {features, map}, from, at, [ink, ground]) {
  const here = new Set(map),
    start = at(from)
  if (!start) return
  const strokes = [...features].map((point) => [at(point), here.has(point)]).filter(([end]) => end)
  for (const [color, wide] of [
    [ground, 3.2],
    [ink, 1.3],
  ]) {
    context.strokeStyle = color
    context.lineWidth = wide
    for (const [end, kept] of strokes) {
      context.setLineDash(kept || color === ground ? [] : DASHES)
      context.globalAlpha = color === ground ? 0.55 : 0.9
      context.beginPath()
      context.moveTo(...start)
      context.lineTo(...end)
      context.stroke()
    }
    context.setLineDash([])
    context.globalAlpha = 1
    for (const point of map) {
      const end = at(point)
      if (!end) continue
      context.beginPath()
      context.arc(...end, RING, 0, 2 * Math.PI)
      context.stroke()
    }
  }
}
