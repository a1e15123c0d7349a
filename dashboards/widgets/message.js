export function render({model}) {
  const {title, text, command, verify} = model.message
  return h("div", {class: "empty", role: verify ? "alert" : null},
    title ? h("strong", {style: "font-size: var(--dv-large)"}, title) : null, text.split("\n").map((line, at) => h("p", {class: at === 1 ? "found" : ""}, line)),
    verify ? h("a", {class: "action", href: verify}, "Verify this run") : null,
    command ? h("code", {}, command) : null)
}
