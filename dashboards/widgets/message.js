export function render({model}) {
  const root = h("div", {class: "empty"}), work = workLine(() => say(model, "cancel"))

  /** The button, or how far it is; the command stays to be copied. */
  function action({can, forecast, refusal, work: line, waits_for: waits, reason}, command) {
    work.show(line ?? {})
    return [
      reason && !line?.text && !waits ? h("div", {class: "fault", role: "alert"}, h("p", {}, reason)) : null,
      can ? h("div", {class: "offer"}, h("button", {type: "button", class: "action now", click: () => say(model, "run")}, "Run it now"),
        forecast ? h("span", {class: "quiet"}, forecast) : null) : null,
      waits ? h("div", {class: "offer"}, h("span", {class: "quiet", role: "status"}, `Waits for ${waits}`),
        h("button", {type: "button", class: "plain-text", click: () => say(model, "cancel")}, "Cancel")) : null,
      line?.text ? h("div", {class: "under-way"}, work.element) : null,
      command && can ? h("span", {class: "quiet"}, "or in a terminal") : null,
      command && !line?.text && !waits ? h("code", {}, command) : null,
      command && refusal ? h("p", {class: "quiet"}, refusal) : null,
    ]
  }

  function draw() {
    const {title, text = "", command, verify} = model.message
    root.role = verify ? "alert" : null
    fill(root, title ? h("strong", {style: "font-size: var(--dv-large)"}, title) : null,
      text.split("\n").map((line, at) => h("p", {class: at === 1 ? "found" : ""}, line)),
      verify ? h("a", {class: "action", href: verify}, "Verify this run") : null,
      action(model.offer, command))
  }

  model.on(["message", "offer"], betweenPresses(root, draw))
  draw()
  return root
}
