// Settings of a playground: what may be chosen, and what an address says of it.

import {ACTIVATIONS, INPUTS} from "./net.js"
import {DATA} from "./points.js"

export const MOST_LAYERS = 4
export const MOST_UNITS = 8

/** By name: what there is to choose from, as [value, words]. */
export const CHOICES = {
  data: Object.keys(DATA).map((name) => [name, name === "xor" ? "exclusive or" : name]),
  activation: Object.keys(ACTIVATIONS).map((name) => [name, name]),
  rate: ["0.00001", "0.0001", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10"].map((rate) => [
    rate,
    rate,
  ]),
  penalty: [
    ["none", "none"],
    ["L1", "L1"],
    ["L2", "L2"],
  ],
  strength: ["0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1"].map((strength) => [strength, strength]),
  race: [
    ["none", "nothing"],
    ["rate", "the learning rate"],
    ["activation", "the activation"],
    ["penalty", "the penalty"],
    ["batch", "the batch"],
    ["depth", "the layers"],
  ],
  fault: [
    ["none", "nothing"],
    ["rate", "the rate x 100"],
    ["silent", "a silent layer"],
    ["labels", "20 % of the labels"],
    ["one", "one class for nine in ten"],
    ["few", "ten training points"],
  ],
}

/** By name: [least, most, step]. */
export const RANGES = {noise: [0, 50, 5], share: [10, 90, 10], batch: [1, 30, 1]}

/** Layers of hidden units that a text such as "4,2" means; what makes no sense is left out. */
export function hiddenOf(text) {
  const sizes = text.split(",").map((size) => Math.round(Number(size)))
  return sizes.filter((size) => size >= 1 && size <= MOST_UNITS).slice(0, MOST_LAYERS)
}

/** Inputs that a text such as "x1,x2" means, in the order of all; none is none. */
export function inputsOf(text) {
  const named = text.split(",")
  return Object.keys(INPUTS).filter((name) => named.includes(name))
}

/** The networks that race, from one start: [what is different, settings]. */
export function lanesOf(settings) {
  const {race, rate, activation, penalty, batch} = settings
  const rates = CHOICES.rate.map(([value]) => value)
  const others = {
    none: [],
    rate: [-2, 2, 4].map((steps) => rates[rates.indexOf(rate) + steps]).filter(Boolean),
    activation: Object.keys(ACTIVATIONS).filter((name) => name !== activation),
    penalty: ["none", "L1", "L2"].filter((name) => name !== penalty),
    batch: ["1", "10", "30"].filter((size) => size !== batch).slice(0, 3),
    depth: ["", "4", "4,2", "8,8,4"].filter((hidden) => hidden !== settings.hidden).slice(0, 3),
  }
  const name = race === "depth" ? "hidden" : race
  const words = (value) => (race === "depth" ? value.replaceAll(",", "-") || "no layer" : `${value}`)
  const own = race === "none" ? "" : words(settings[name])
  return [[own, settings], ...others[race].map((value) => [words(value), {...settings, [name]: value}])]
}
