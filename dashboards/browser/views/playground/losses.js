// Curves of the losses, on a scale of their own.

import {h} from "../../vendor/preact/preact.mjs"

const WIDE = 300
const TALL = 90

export function Losses({lanes}) {
  const all = lanes.flatMap((lane) => lane.losses.flatMap(({training, test}) => [training, test]))
  const known = all.filter(Number.isFinite)
  const most = Math.max(0.1, ...known)
  const longest = Math.max(2, ...lanes.map((lane) => lane.losses.length * lane.stride))
  const path = (lane, half) =>
    lane.losses
      .map((loss, at) => [((at + 1) * lane.stride * WIDE) / longest, loss[half]])
      .filter(([, loss]) => Number.isFinite(loss))
      .map(([x, loss]) => `${x.toFixed(1)},${(TALL - (loss / most) * (TALL - 4)).toFixed(1)}`)
      .join("L")
  const curve = (lane, half, number) => {
    const points = path(lane, half)
    return points && h("path", {key: `${number}${half}`, class: `${half} lane-${number}`, d: `M${points}`})
  }
  return h(
    "figure",
    {class: "losses"},
    h(
      "svg",
      {
        viewBox: `0 0 ${WIDE} ${TALL}`,
        role: "img",
        "aria-label": "Losses of the training points and of the test points",
      },
      lanes.map((lane, number) => [
        number ? null : curve(lane, "training", number),
        curve(lane, "test", number),
      ]),
    ),
    h(
      "figcaption",
      {class: "quiet"},
      `loss in nats, 0 to ${most.toFixed(2)}: test points in ink, training points gray`,
    ),
  )
}
