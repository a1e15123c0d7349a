export function render({model}) {
  const {title, text, command} = model.message
  return h("div", {class: "empty"}, 
    title ? h("strong", {style: "font-size: var(--dv-large)"}, title) : null, h("p", {}, text),
    command ? h("code", {}, command) : null)
}
