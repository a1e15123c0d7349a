// Pictures of a plane: what each unit of a network gives for every place of it.

import {INPUTS} from "./net.js"
import {EDGE} from "./points.js"

/** Outputs of all units on a grid of `side` x `side` places; a layer at a time. */
export class Fields {
  constructor(inputs, side) {
    this.side = side
    const places = Array.from({length: side * side}, (_, place) => [
      (((place % side) + 0.5) / side) * 2 * EDGE - EDGE,
      EDGE - ((Math.floor(place / side) + 0.5) / side) * 2 * EDGE,
    ])
    this.inputs = inputs.map((name) => Float32Array.from(places, INPUTS[name]))
  }

  /** [layer][unit] -> Float32Array of the places; those of the inputs first, the logit last. */
  of(net) {
    const layers = [this.inputs]
    for (const [layer, weights] of net.weights.entries()) {
      const from = net.sizes[layer]
      const last = layer === net.weights.length - 1
      layers.push(
        Array.from({length: net.sizes[layer + 1]}, (_, unit) => {
          const sums = new Float32Array(this.side * this.side).fill(net.biases[layer][unit])
          for (let input = 0; input < from; input++) {
            const [weight, values] = [weights[unit * from + input], layers[layer][input]]
            if (weight)
              for (let place = 0; place < sums.length; place++) sums[place] += weight * values[place]
          }
          if (!last)
            for (let place = 0; place < sums.length; place++) sums[place] = net.activation.of(sums[place])
          return sums
        }),
      )
    }
    return layers
  }
}

/** 256 colors as bytes of a picture, from class 0 over none to class 1. */
export function palette(low, none, high) {
  return Uint32Array.from({length: 256}, (_, step) => {
    const place = (step - 127.5) / 127.5
    const end = place < 0 ? low : high
    const [red, green, blue] = none.map((from, part) =>
      Math.round(from + (end[part] - from) * Math.abs(place)),
    )
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0
  })
}

/** Paints values, of which ±`end` has the strongest color. */
export function paint(canvas, values, colors, end, soft = false) {
  const side = Math.sqrt(values.length)
  if (canvas.width !== side) canvas.width = canvas.height = side
  const context = canvas.getContext("2d")
  const picture = context.createImageData(side, side)
  const pixels = new Uint32Array(picture.data.buffer)
  for (let place = 0; place < values.length; place++) {
    const share = soft ? Math.tanh(values[place] / 2) : values[place] / end
    pixels[place] = colors[Math.round(Math.min(1, Math.max(-1, share || 0)) * 127.5 + 127.5)]
  }
  context.putImageData(picture, 0, 0)
}
