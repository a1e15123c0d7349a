// Networks in training on the same points, from the same seed, a pass at a time.

import {answers} from "./alarms.js"
import {crossEntropy, INPUTS, Net} from "./net.js"
import {generator, points} from "./points.js"
import {hiddenOf, inputsOf, lanesOf} from "./settings.js"

const COUNT = 500 // points
const MOST_KEPT = 400 // places of a curve of losses
export const EPOCH = 50 // passes between two looks of the alarms
const MOST_EPOCHS = 200 // that alarms look at
const MOST_SHOWN = 29 // that a run is made of, beside the last

export class Training {
  constructor(chosen) {
    const settings = {...chosen, seed: Number(chosen.seed)}
    this.passes = 0
    this.inputs = inputsOf(settings.inputs)
    const all = points(settings.data, COUNT, settings.seed, settings.noise / 100)
    const training = settings.fault === "few" ? 10 : Math.round((COUNT * settings.share) / 100)
    this.points = {training: all.slice(0, training), test: all.slice(training)}
    this.rows = {}
    for (const half of ["training", "test"])
      this.rows[half] = this.points[half].map((point) => this.inputs.map((name) => INPUTS[name](point)))
    this.labels = {
      training: spoiled(
        this.points.training.map(([, , label]) => label),
        settings,
      ),
      test: this.points.test.map(([, , label]) => label),
    }
    this.lanes = lanesOf(settings).map(([name, own]) => new Lane(name, own, this))
    this.shown = [this.answers()] // what the first network answers, every so many passes
    this.every = EPOCH
  }

  /** One pass of every network over the training points. */
  pass() {
    this.passes += 1
    for (const lane of this.lanes) lane.pass()
    if (this.passes % this.every || this.lanes[0].diverged) return
    this.shown.push(this.answers())
    if (this.shown.length < MOST_SHOWN) return
    this.shown = this.shown.filter((_, at) => at % 2 === 0)
    this.every *= 2
  }

  /** Logits (point), and outputs of the layer before them (point, unit). */
  answers() {
    const {net} = this.lanes[0]
    const rows = [...this.rows.training, ...this.rows.test]
    const short = (value) => Number(value.toPrecision(5))
    const logits = []
    const features = rows.map((row) => {
      logits.push(short(net.forward(row)))
      return Array.from(net.outputs.at(-2), short)
    })
    return {logits, features}
  }

  /** All that a run is made of. */
  record() {
    const epochs = this.passes % this.every ? [...this.shown, this.answers()] : this.shown
    const labels = [...this.labels.training, ...this.labels.test]
    const points = [...this.points.training, ...this.points.test]
    return {
      points: points.map(([x, y], at) => [x, y, labels[at]]),
      training: this.points.training.length,
      logits: epochs.map((epoch) => epoch.logits),
      features: epochs.map((epoch) => epoch.features),
    }
  }
}

class Lane {
  constructor(name, settings, training) {
    const {fault, rate} = settings
    const hidden = hiddenOf(settings.hidden)
    this.name = name
    this.settings = {
      ...settings,
      rate: Number(rate) * (fault === "rate" ? 100 : 1),
      strength: Number(settings.strength),
      batch: Number(settings.batch),
    }
    this.training = training
    this.net = new Net([training.inputs.length, ...hidden, 1], settings.activation, settings.seed)
    if (fault === "silent" && hidden.length) this.net.biases[0].fill(-100)
    this.stride = 1 // passes between two places of the curves
    this.losses = []
    this.facts = {
      classes: 2,
      test: judged(training.labels.test),
      training: judged(training.labels.training),
      trainingLoss: [],
      record: {ratio: [], rate: [], silent: []},
    }
    this.met = [] // loss of each pass since the last look, as it was met
    this.moved = []
    this.note()
  }

  /** Whether its numbers are no numbers any more. */
  get diverged() {
    return !Number.isFinite(this.loss.training)
  }

  pass() {
    if (this.diverged) return
    const {rows, labels, passes} = this.training
    this.met.push(this.net.pass(rows.training, labels.training, this.settings))
    this.moved.push(this.net.ratios.slice())
    this.note()
    if (passes % EPOCH === 0 && passes <= EPOCH * MOST_EPOCHS && !this.diverged) this.look()
    if (passes % this.stride) return
    this.losses.push(this.loss)
    if (this.losses.length < MOST_KEPT) return
    this.losses = this.losses.filter((_, place) => place % 2)
    this.stride *= 2
  }

  /** Adds to the facts that alarms judge. */
  look() {
    const {facts, net} = this
    const {rows} = this.training
    for (const half of ["training", "test"]) {
      const logits = net.logits(rows[half])
      const {label} = facts[half]
      const {predicted, contradicted} = answers(logits, label)
      facts[half].predicted.push(predicted)
      facts[half].contradicted.push(contradicted)
      facts[half].loss.push(logits.map((logit, row) => crossEntropy(logit, label[row])))
    }
    const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
    facts.trainingLoss.push(average(this.met))
    facts.record.ratio.push(
      net.ratios.map((_, layer) => Math.log10(average(this.moved.map((all) => all[layer])))),
    )
    facts.record.rate.push(this.settings.rate)
    facts.record.silent.push(silent(net, rows.training))
    this.met = []
    this.moved = []
  }

  note() {
    const {rows, labels} = this.training
    const of = (half) => {
      const logits = this.net.logits(rows[half])
      const wrong = logits.filter((logit, row) => logit > 0 !== labels[half][row] > 0).length
      const total = logits.reduce((sum, logit, row) => sum + crossEntropy(logit, labels[half][row]), 0)
      return [total / logits.length, 1 - wrong / logits.length]
    }
    const [training, test] = [of("training"), of("test")]
    this.loss = {training: training[0], test: test[0]}
    this.right = {training: training[1], test: test[1]}
  }
}

function judged(label) {
  return {label, predicted: [], loss: [], contradicted: []}
}

/** Labels of training points as a fault leaves them. */
function spoiled(labels, {fault, seed}) {
  const random = generator(seed + 1)
  if (fault === "labels") return labels.map((label) => (random() < 0.2 ? 1 - label : label))
  if (fault === "one") return labels.map((label) => (random() < 0.9 ? 0 : label))
  return labels
}

/** Of each hidden layer the share of units that no row moves: their slope is 0 for all. */
function silent(net, rows) {
  const awake = net.sizes.slice(1, -1).map((size) => new Uint8Array(size))
  for (const row of rows) {
    net.forward(row)
    for (const [layer, units] of awake.entries())
      for (let unit = 0; unit < units.length; unit++)
        if (net.activation.slope(net.outputs[layer + 1][unit]) > 1e-9) units[unit] = 1
  }
  return awake.map((units) => units.filter((one) => !one).length / units.length)
}
