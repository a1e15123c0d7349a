import {diverging} from "../../kit/diverging.js"
import {signedMap} from "../../widgets/diverging.js"
import {h, segmented} from "../../widgets/dom.js"
import {share} from "../../widgets/share.js"

/** All classes: the most probable ones as columns, the others folded. `values(fit, kind, position)` are maps. */
export function classesDrawer(card, values, {open, fit, colors, choose, toggle, split, use}) {
  const {drawer, shape} = card,
    {classes, contrast, others, rest, fits, channels} = drawer
  const palette = diverging(),
    gray = diverging(false),
    apart = colors && channels.length > 0

  function column(one, position) {
    const {pixels, base} = fits[fit].sums[position]
    const marked = contrast.indexOf(position)
    const role = card.roles[marked] ?? ""
    return h(
      "div",
      {
        class: `column${role ? " contrast" : ""}`,
        title:
          `${one.name}. Pixels ${signed(pixels)}, base ${signed(base)}: the student’s logit is ` +
          `${signed(pixels + base)}, the teacher’s ${signed(one.teacher)}`,
      },
      h("b", {}, one.short),
      h("span", {class: "role"}, role || "\u00a0"),
      h("span", {}, share(one.probability)),
      cell("inputs", position, `${one.name}, what its pixels add`),
      cell("weights", position, `${one.name}, weights`),
      h("span", {class: "student"}, signed(pixels + base)),
      h("span", {class: "teacher"}, signed(one.teacher)),
    )
  }

  function cell(kind, position, label) {
    return h("div", {class: "cell"}, signedMap(values(fit, kind, position), shape, palette, label))
  }

  /** One color of a class in question, or how much all three say. */
  function colorColumn({of, name, signed: known}, index) {
    const one = classes[of],
      added = fits[fit].colors[index]
    const picture = (kind, label) =>
      h(
        "div",
        {class: "cell"},
        signedMap(values(fit, kind, index, true), shape, known ? palette : gray, label),
      )
    return h(
      "div",
      {
        class: "column contrast",
        title: known
          ? `${one.name}: the ${name} of its pixels adds ${signed(added)} to its logit`
          : `${one.name}: how much all colors add, whether for it or against it`,
      },
      h("b", {}, one.short),
      h("span", {class: "role"}, name),
      h("span", {}, "\u00a0"),
      picture("inputs", `${one.name}, what the ${name} of its pixels adds`),
      picture("weights", `${one.name}, weights of ${name}`),
      h("span", {class: "student"}, known ? signed(added) : added.toFixed(2)),
      h("span", {}, "\u00a0"),
    )
  }

  function names() {
    return h(
      "div",
      {class: "column names"},
      h("b", {}, "\u00a0"),
      h("span", {class: "role"}, "\u00a0"),
      h("span", {}, apart ? "\u00a0" : "probability"),
      h("span", {class: "of-map"}, "pixels add"),
      h("span", {class: "of-map"}, "weights"),
      h("span", {}, apart ? "sum added" : "student’s logit"),
      h("span", {}, apart ? "\u00a0" : "teacher’s logit"),
    )
  }

  function choices() {
    const {choices: known, settings_key} = card
    return known.length > 1
      ? h(
          "select",
          {"aria-label": "Settings of the student", change: (event) => use(event.target.value)},
          known.map(([value, text]) => h("option", {value, selected: value === settings_key}, text)),
        )
      : null
  }

  function rows() {
    const options = fits.map((each, index) => [
      index,
      each.smoothness ? "smoothed" : "plain",
      each.smoothness
        ? `Fitted with smoothness ${each.smoothness}: readable shapes; the picture above`
        : "Fitted without smoothing",
    ])
    return [
      h(
        "div",
        {class: "controls"},
        h(
          "div",
          {class: "told"},
          h("p", {class: "fidelity"}, fits[fit].sentence),
          h("p", {class: "quiet"}, card.settings),
        ),
        choices(),
        channels.length
          ? segmented(
              "Colors",
              [
                [false, "all classes", "Each class, its colors summed"],
                [true, "by color", "Red, green and blue of the two classes in question"],
              ],
              apart,
              split,
            )
          : null,
        fits.length > 1 ? segmented("Fit", options, fit, choose) : null,
      ),
      h(
        "div",
        {class: "columns", style: `--columns:${apart ? channels.length : classes.length}`},
        names(),
        apart ? channels.map(colorColumn) : classes.map(column),
      ),
    ]
  }

  const folded = others ? `, ${others === 1 ? "1 other" : `${others} others`} together ${share(rest)}` : ""
  const which = `the ${classes.length} most probable${folded}`
  const summary = h("summary", {title: which}, "All classes", h("span", {class: "quiet"}, ` ${which}`))
  const element = h("details", {class: "drawer", open}, summary, h("div", {class: "content"}, rows()))
  element.addEventListener("toggle", () => {
    if (element.open !== open) toggle(element.open)
  })
  return element
}

/** Two digits behind the point, with a sign that is as wide as a plus. */
export const signed = (value) =>
  `${value < -0.005 ? "−" : value >= 0.005 ? "+" : ""}${Math.abs(value).toFixed(Math.abs(value) < 99.95 ? 2 : 0)}`
