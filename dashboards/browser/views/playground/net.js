// A small network of dense layers whose last unit is a logit, trained in batches by gradient descent.

import {generator} from "./points.js"

/** What a network may read of a point, by name. */
export const INPUTS = {
  x1: ([x]) => x,
  x2: ([, y]) => y,
  "x1²": ([x]) => x * x,
  "x2²": ([, y]) => y * y,
  x1x2: ([x, y]) => x * y,
  "sin x1": ([x]) => Math.sin(x),
  "sin x2": ([, y]) => Math.sin(y),
}

/** Of a sum its output, and of an output the slope there. */
export const ACTIVATIONS = {
  tanh: {of: Math.tanh, slope: (output) => 1 - output * output},
  ReLU: {of: (sum) => (sum > 0 ? sum : 0), slope: (output) => (output > 0 ? 1 : 0)},
  sigmoid: {of: sigmoid, slope: (output) => output * (1 - output)},
  linear: {of: (sum) => sum, slope: () => 1},
}

export function sigmoid(logit) {
  return 1 / (1 + Math.exp(-logit))
}

/** -log p of the class, in nats, without overflow. */
export function crossEntropy(logit, label) {
  const against = label ? -logit : logit
  return Math.max(0, against) + Math.log1p(Math.exp(-Math.abs(against)))
}

export class Net {
  /** `sizes` are of the inputs, the hidden layers, and 1; a seed draws the same weights. */
  constructor(sizes, activation, seed) {
    const random = generator(seed)
    const layers = sizes.slice(1).map((size, layer) => [size, sizes[layer]])
    this.sizes = sizes
    this.activation = ACTIVATIONS[activation]
    this.weights = layers.map(([to, from]) => Float64Array.from({length: to * from}, () => random() - 0.5))
    this.biases = layers.map(([to]) => new Float64Array(to).fill(0.1))
    this.dead = layers.map(([to, from]) => new Uint8Array(to * from)) // weights that L1 has taken to 0
    this.outputs = sizes.map((size) => new Float64Array(size))
    this.errors = sizes.map((size) => new Float64Array(size))
    this.ratios = layers.map(() => 0) // mean |update| / mean |weight| of the last step, by layer
  }

  /** The logit of one row of inputs. */
  forward(row) {
    const {outputs, weights, biases, sizes, activation} = this
    outputs[0].set(row)
    const last = weights.length - 1
    for (let layer = 0; layer <= last; layer++) {
      const [from, to] = [sizes[layer], sizes[layer + 1]]
      for (let unit = 0; unit < to; unit++) {
        let sum = biases[layer][unit]
        for (let input = 0; input < from; input++)
          sum += weights[layer][unit * from + input] * outputs[layer][input]
        outputs[layer + 1][unit] = layer === last ? sum : activation.of(sum)
      }
    }
    return outputs[last + 1][0]
  }

  /** One pass over rows, in their order. Gives the mean loss of the rows as they were met, in nats. */
  pass(rows, labels, {rate, batch, penalty, strength}) {
    let loss = 0
    for (let first = 0; first < rows.length; first += batch) {
      const last = Math.min(first + batch, rows.length)
      const slopes = this.weights.map((weights) => new Float64Array(weights.length))
      const shifts = this.biases.map((biases) => new Float64Array(biases.length))
      for (let row = first; row < last; row++) {
        const logit = this.forward(rows[row])
        loss += crossEntropy(logit, labels[row])
        this.backward(sigmoid(logit) - labels[row], slopes, shifts)
      }
      this.step(slopes, shifts, rate / (last - first), rate, penalty, strength)
    }
    return loss / rows.length
  }

  backward(error, slopes, shifts) {
    const {outputs, errors, weights, sizes, activation} = this
    errors[sizes.length - 1][0] = error
    for (let layer = weights.length - 1; layer >= 0; layer--) {
      const [from, to] = [sizes[layer], sizes[layer + 1]]
      errors[layer].fill(0)
      for (let unit = 0; unit < to; unit++) {
        const wrong = errors[layer + 1][unit]
        shifts[layer][unit] += wrong
        for (let input = 0; input < from; input++) {
          slopes[layer][unit * from + input] += wrong * outputs[layer][input]
          errors[layer][input] += wrong * weights[layer][unit * from + input]
        }
      }
      if (layer)
        for (let input = 0; input < from; input++)
          errors[layer][input] *= activation.slope(outputs[layer][input])
    }
  }

  step(slopes, shifts, scale, rate, penalty, strength) {
    for (const [layer, weights] of this.weights.entries()) {
      let [moved, size] = [0, 0]
      for (let at = 0; at < weights.length; at++) {
        if (this.dead[layer][at]) continue
        const before = weights[at]
        let after = before - scale * slopes[layer][at]
        if (penalty === "L2") after -= rate * strength * before
        if (penalty === "L1") {
          after -= rate * strength * Math.sign(before)
          if (before * after < 0) {
            after = 0
            this.dead[layer][at] = 1
          }
        }
        weights[at] = after
        moved += Math.abs(after - before)
        size += Math.abs(before)
      }
      this.ratios[layer] = size ? moved / size : 0
      for (const [unit, shift] of shifts[layer].entries()) this.biases[layer][unit] -= scale * shift
    }
  }

  /** The logit of each row. */
  logits(rows) {
    return rows.map((row) => this.forward(row))
  }
}
