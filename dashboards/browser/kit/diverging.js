// Signed values in colors: 255 steps from negative over the surface (zero) to positive.

import {color} from "./theme.js"

const known = new Map()

/** The colors of -127, ..., 127 in the present theme; without `signs` only magnitudes are told, in gray. */
export function diverging(signs = true) {
  const ends = signs ? ["negative", "positive"] : ["quiet", "quiet"]
  const colors = [ends[0], "surface", ends[1]].map(color)
  const of = colors.join()
  if (!known.has(of)) known.set(of, palette(colors))
  return known.get(of)
}

function palette(colors) {
  const stops = colors.map(toLab)
  return Array.from({length: 255}, (_, index) => {
    const at = (index - 127) / 127
    const end = at < 0 ? stops[0] : stops[2]
    return fromLab(stops[1].map((zero, c) => zero + (end[c] - zero) * Math.abs(at)))
  })
}

/** Index of a value in a palette that ends at ±`end`. */
export const level = (value, end) => Math.max(-127, Math.min(127, Math.round((value / end) * 127))) + 127

// Oklab (Ottosson 2020): even steps between two colors look even.
const linear = (channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4)
const encoded = (light) => 255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055)

function toLab(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => linear(parseInt(hex.slice(at, at + 2), 16) / 255))
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

/** @param {number[]} lab */
function fromLab([L, a, b]) {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((light) => Math.max(0, Math.min(255, Math.round(encoded(light)))))
}
