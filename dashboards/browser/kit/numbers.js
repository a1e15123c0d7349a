// Numbers as `deepvid.wording` writes them.

/** Two decimals and a sign, without the zero before the point. */
export function signed(value) {
  if (Math.abs(value) < 0.005) return ".00"
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2).replace(/^0/, "")}`
}

/** A probability to two digits, never one that it is not. */
export const probability = (value) =>
  value < 0.005 ? "< .005" : value > 0.995 ? "> .995" : value.toFixed(2).replace(/^0/, "")

/** Three digits, without zeros at the end. */
export const brief = (value) => Number(value.toPrecision(3)).toString().replace("-", "−")

const SIZES = ["B", "kB", "MB", "GB", "TB"]

/** Bytes with three digits. */
export function size(bytes) {
  const unit = SIZES.findIndex((_, at) => bytes / 1000 ** at < 999.5 || at === SIZES.length - 1)
  return `${unit ? Number((bytes / 1000 ** unit).toPrecision(3)) : bytes} ${SIZES[unit]}`
}
