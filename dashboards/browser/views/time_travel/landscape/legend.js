// What the points, lines and patterns of a landscape mean.

import {h} from "../../../vendor/preact/preact.mjs"
import {AMONG} from "./around.js"

const POINTS = {
  training: ["dot small", "training", "Training images, in the color of their label"],
  test: ["dot", "test", "Test images, in the color of their label"],
  either: [
    "dot wrong",
    "misclassified",
    "A ring in the color of the label around the color of the prediction",
  ],
  boundary: ["dot border", "border", "Points that the classifier cannot decide, made for each epoch"],
}
const TRUST = [
  [
    "dot hollow",
    "0 of 15 nearest kept",
    "None of the 15 nearest in the features is among the 15 nearest here: where the point lies says nothing of its neighbors",
  ],
  ["dot pale", "1–2 kept", "One or two of the 15 nearest in the features are among the 15 nearest here"],
  [
    "hatched",
    "not to be believed",
    "No image of that class lies there, or what is decoded there is like no image, or it belongs elsewhere on the map",
  ],
]
const NEIGHBORS = [
  [
    "stroke",
    "nearest in the features and here",
    `One of its 15 nearest in the features and on the map. ${AMONG}`,
  ],
  [
    "stroke dashed",
    "in the features alone",
    `One of its 15 nearest in the features, and on the map others are nearer. ${AMONG}`,
  ],
  ["dot around", "nearest here", `One of its 15 nearest on the map. ${AMONG}`],
]

/** Of what is drawn. */
export function legend(look) {
  const drawn = {...look, either: look.training || look.test}
  const points = Object.keys(POINTS).filter((name) => drawn[name])
  const lines = [
    ...points.map((name) => POINTS[name]),
    ...(look.trust ? TRUST : []),
    ...(look.neighbors ? NEIGHBORS : []),
  ]
  return lines.map(([sign, text, title]) => h("span", {title}, h("i", {class: sign}), text))
}
