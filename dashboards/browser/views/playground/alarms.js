// Alarms of a training, as `deepvid/alarms` has them: their thresholds and words are given, the formulas are here.

const CONFIDENT = 0.8
const Z95 = 1.959963984540054

/**
 * Of facts, alarms {rule, epoch, value}, epochs from 1.
 * Facts: classes; test and training {label (image), predicted, loss, contradicted (epoch, image)};
 * trainingLoss (epoch); record {ratio (epoch, kernel), rate (epoch), silent (epoch, layer)}.
 */
export function alarms(facts, thresholds) {
  return Object.entries(VALUES).flatMap(([rule, values]) => {
    const all = values(facts)
    const at = all.findIndex((value) => value > thresholds[rule]) // nan is above nothing
    return at < 0 ? [] : [{rule, epoch: at + 1, value: all[at]}]
  })
}

/** Answers of one epoch: the class, the loss, and whether another class than the label is nearly certain. */
export function answers(logits, labels) {
  return {
    predicted: logits.map((logit) => (logit > 0 ? 1 : 0)),
    contradicted: logits.map(
      (logit, row) => logit > 0 !== labels[row] > 0 && 1 / (1 + Math.exp(-Math.abs(logit))) > CONFIDENT,
    ),
  }
}

const VALUES = {
  worse_than_guessing: ({trainingLoss, classes}) =>
    from(
      3,
      trainingLoss.map((loss) => loss / Math.log(Math.max(2, classes))),
    ),
  at_chance: ({test}) => {
    const images = test.label.length
    const chance = Math.max(...counts(test.label)) / images
    const error = Math.sqrt((chance * (1 - chance)) / images)
    if (!error) return test.predicted.map(() => Number.NaN)
    const near = test.predicted.map((predicted) => {
      const right = mean(predicted.map((named, image) => named === test.label[image]))
      return wilsonHigh(right, images) < chance + 0.1 * (1 - chance) ? (chance - right) / error : Number.NaN
    })
    return inARow(from(2, near), 3)
  },
  one_class: ({test, classes}) => {
    const own = counts(test.label, classes).map((count) => count / test.label.length)
    const unfair = test.predicted.map((predicted) => {
      const shares = counts(predicted, classes).map((count) => count / predicted.length)
      return Math.max(...shares.map((share, named) => (share > 1.5 * own[named] ? share : 0)))
    })
    return from(3, unfair)
  },
  contradicted_labels: (facts) => from(3, excess(facts, "contradicted")),
  harder_than_test: (facts) => from(3, excess(facts, "loss")),
  test_above_training: (facts) =>
    from(
      4,
      excess(facts, "right").map((value) => -value),
    ),
  silent_layer: ({record}) =>
    record.silent.map((layers) => (layers.length ? Math.max(...layers) : Number.NaN)),
  small_steps: ({record, trainingLoss, classes}) => {
    let most = 0
    return record.ratio.map((kernels, epoch) => {
      most = Math.max(most, record.rate[epoch])
      const learned = trainingLoss[epoch] < 0.05 * Math.log(Math.max(2, classes))
      return learned ? Number.NaN : Math.log10(record.rate[epoch] / most) - median(kernels)
    })
  },
  still_layer: ({record}) =>
    record.ratio.map((kernels) => (kernels.length < 2 ? Number.NaN : median(kernels) - Math.min(...kernels))),
  fast_layer: ({record}) =>
    record.ratio.map((kernels) => (kernels.length < 2 ? Number.NaN : Math.max(...kernels) - median(kernels))),
  rising_loss: ({test}) => {
    const means = test.loss.map(mean)
    const scores = test.loss.map((losses, epoch) => {
      if (!epoch) return Number.NaN
      const best = means.indexOf(Math.min(...means.slice(0, epoch)))
      const rise = losses.map((loss, image) => loss - test.loss[best][image])
      const error = Math.sqrt(variance(rise) / rise.length)
      return mean(rise) > 0.05 * means[best] && error ? mean(rise) / error : Number.NaN
    })
    return inARow(scores, 2)
  },
}

/** Training images less test images, in standard errors of the difference of their means. */
function excess({training, test}, name) {
  if (!training?.label.length) return test.predicted.map(() => Number.NaN)
  const of = (half, epoch) =>
    name === "right"
      ? half.predicted[epoch].map((named, image) => +(named === half.label[image]))
      : half[name][epoch].map(Number)
  return test.predicted.map((_, epoch) => {
    const [own, other] = [of(training, epoch), of(test, epoch)]
    const error = Math.sqrt(variance(own) / own.length + variance(other) / other.length)
    return error > 0 ? (mean(own) - mean(other)) / error : Number.NaN
  })
}

const from = (first, values) => values.map((value, at) => (at + 1 >= first ? value : Number.NaN))

function inARow(values, count) {
  return values.map((_, at) =>
    at + 1 < count ? Number.NaN : Math.min(...values.slice(at + 1 - count, at + 1)),
  )
}

const mean = (values) => values.reduce((sum, value) => sum + Number(value), 0) / values.length

function variance(values) {
  const middle = mean(values)
  return mean(values.map((value) => (value - middle) ** 2))
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

function counts(labels, classes = Math.max(...labels) + 1) {
  const all = new Array(classes).fill(0)
  for (const label of labels) all[label] += 1
  return all
}

function wilsonHigh(share, trials) {
  const scale = 1 + Z95 ** 2 / trials
  const center = (share + Z95 ** 2 / (2 * trials)) / scale
  const half = (Z95 * Math.sqrt((share * (1 - share)) / trials + Z95 ** 2 / (4 * trials ** 2))) / scale
  return Math.min(1, center + half)
}
