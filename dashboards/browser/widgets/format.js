const SIZES = ["B", "kB", "MB", "GB", "TB"]

/** Bytes with three digits. */
export function size(bytes) {
  let unit = 0
  while (bytes >= 999.5 && unit < SIZES.length - 1) {
    bytes /= 1000
    unit++
  }
  return `${unit ? Number(bytes.toPrecision(3)) : bytes} ${SIZES[unit]}`
}
