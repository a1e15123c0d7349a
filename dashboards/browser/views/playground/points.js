// Points of two classes in a plane from -6 to 6, as TensorFlow Playground has them.
// Source: Smilkov et al. (2017), arXiv 1708.03788; github.com/tensorflow/playground, src/dataset.ts.

export const EDGE = 6 // of the plane
const RADIUS = 5

export const DATA = {circle, xor: exclusive, gauss, spiral}

/** Numbers from 0 to 1, the same for a seed. Source: mulberry32, by Tommy Ettinger. */
export function generator(seed) {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** `count` points [x, y, class], class 0 or 1, in random order; `noise` is from 0 to 0.5. */
export function points(kind, count, seed, noise) {
  const random = generator(seed)
  const all = DATA[kind](count, noise, random)
  for (let last = all.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[all[last], all[other]] = [all[other], all[last]]
  }
  return all
}

const between = (random, low, high) => low + (high - low) * random()

function circle(count, noise, random) {
  return Array.from({length: count}, (_, number) => {
    const inside = number < count / 2
    const radius = inside ? between(random, 0, RADIUS / 2) : between(random, 0.7 * RADIUS, RADIUS)
    const angle = between(random, 0, 2 * Math.PI)
    const [x, y] = [radius * Math.sin(angle), radius * Math.cos(angle)]
    const [dx, dy] = [between(random, -RADIUS, RADIUS) * noise, between(random, -RADIUS, RADIUS) * noise]
    return [x, y, Math.hypot(x + dx, y + dy) < RADIUS / 2 ? 1 : 0]
  })
}

function exclusive(count, noise, random) {
  return Array.from({length: count}, () => {
    const [x, y] = [0, 0].map(() => {
      const value = between(random, -RADIUS, RADIUS)
      return value + (value > 0 ? 0.3 : -0.3)
    })
    const [dx, dy] = [between(random, -RADIUS, RADIUS) * noise, between(random, -RADIUS, RADIUS) * noise]
    return [x, y, (x + dx) * (y + dy) >= 0 ? 1 : 0]
  })
}

function gauss(count, noise, random) {
  const spread = Math.sqrt(0.5 + 7 * noise)
  return Array.from({length: count}, (_, number) => {
    const center = number < count / 2 ? 2 : -2
    return [center + spread * normal(random), center + spread * normal(random), center > 0 ? 1 : 0]
  })
}

function spiral(count, noise, random) {
  const half = count / 2
  return Array.from({length: count}, (_, number) => {
    const arm = number < half ? 0 : 1
    const place = (number % half) / half
    const angle = 1.75 * place * 2 * Math.PI + arm * Math.PI
    const jitter = () => between(random, -1, 1) * noise
    const radius = place * RADIUS
    return [radius * Math.sin(angle) + jitter(), radius * Math.cos(angle) + jitter(), 1 - arm]
  })
}

const normal = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
