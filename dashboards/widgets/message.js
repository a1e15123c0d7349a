export function render({model}) {
  const {title, text, command} = model.message
  return h("div", {class: "empty"}, h("strong", {style: "font-size: var(--dv-large)"}, title), h("p", {}, text), h("code", {}, command))
}
