// Numbers as `deepvid.wording` writes them.

/** Two decimals and a sign, without the zero before the point. */
export function signed(value) {
  if (Math.abs(value) < 0.005) return ".00"
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2).replace(/^0/, "")}`
}

/** Three digits, without zeros at the end. */
export const brief = (value) => Number(value.toPrecision(3)).toString().replace("-", "−")
