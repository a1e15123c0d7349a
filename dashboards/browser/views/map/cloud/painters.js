// Two ways to paint points: WebGL, and the plain canvas where there is none. Either has `load(position)`,
// `color(inks)` and `paint(rows, {size, ground, camera})`; `free()`, where there is one, gives back what the browser
// has few of.
// Inks are uint8 (point, 4): red, green, blue, and 255 where a point lies over those that have 0.

import {disc, mix, Sheet} from "../../../kit/points/sheet.js"
import {dot} from "./camera.js"

const HAZE = 0.4 // of the ground that the farthest points take on
const BEHIND = 0.8 // the size of what lies behind the rest

const VERTEX = `
  attribute vec3 position; attribute vec4 ink;
  uniform vec4 a, b, w, near; uniform vec2 scale; uniform vec3 ground; uniform float size, front;
  varying vec3 color;
  void main() {
    vec4 at = vec4(position, 1.0);
    float over = dot(w, at), close = dot(near, at);
    gl_Position = vec4(dot(a, at) * scale.x, dot(b, at) * scale.y, -0.9 * close * over, over);
    gl_PointSize = size / over;
    if (abs(ink.a - front) > 0.5) { gl_Position = vec4(2.0, 2.0, 2.0, 1.0); gl_PointSize = 0.0; }
    color = mix(ink.rgb, ground, ${HAZE} * 0.5 * (1.0 - close));
  }`
const FRAGMENT = `
  precision mediump float; varying vec3 color; uniform vec3 ground;
  void main() {
    float far = length(gl_PointCoord - 0.5);
    if (far > 0.5) discard;
    gl_FragColor = vec4(mix(color, ground, far > 0.38 ? 0.35 : 0.0), 1.0);
  }`

/** Null where the browser has no WebGL. */
export function glPainter(canvas) {
  const gl = canvas.getContext("webgl", {antialias: true, alpha: true})
  const program = gl && linked(gl)
  if (!program) return null
  const names = ["a", "b", "w", "near", "scale", "ground", "size", "front"]
  const uniform = Object.fromEntries(names.map((name) => [name, gl.getUniformLocation(program, name)]))
  let points = 0
  gl.useProgram(program)
  gl.enable(gl.DEPTH_TEST)

  /** The function that fills a buffer of `width` numbers a point. */
  function buffer(name, width, type, scaled) {
    const [held, at] = [gl.createBuffer(), gl.getAttribLocation(program, name)]
    gl.bindBuffer(gl.ARRAY_BUFFER, held)
    gl.enableVertexAttribArray(at)
    gl.vertexAttribPointer(at, width, type, scaled, 0, 0)
    return (values) => {
      points = values.length / width
      gl.bindBuffer(gl.ARRAY_BUFFER, held)
      gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW)
    }
  }
  return {
    load: buffer("position", 3, gl.FLOAT, false),
    color: buffer("ink", 4, gl.UNSIGNED_BYTE, true),
    free: () => gl.getExtension("WEBGL_lose_context")?.loseContext(),
    paint({a, b, w, near}, {size, ground, camera}) {
      const {middle, ratio} = camera.stage
      gl.viewport(0, 0, canvas.width, canvas.height)
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT)
      for (const [name, row] of Object.entries({a, b, w, near})) gl.uniform4fv(uniform[name], row)
      gl.uniform2f(uniform.scale, camera.half / middle[0], camera.half / middle[1])
      gl.uniform3f(uniform.ground, ground[0] / 255, ground[1] / 255, ground[2] / 255)
      for (const front of [0, 1]) {
        gl.uniform1f(uniform.front, front)
        gl.uniform1f(uniform.size, size * ratio * (front ? 1 : BEHIND))
        gl.drawArrays(gl.POINTS, 0, points)
        gl.clear(gl.DEPTH_BUFFER_BIT)
      }
    },
  }
}

function linked(gl) {
  const program = gl.createProgram()
  const shade = (kind, text) => {
    const shader = gl.createShader(kind)
    gl.shaderSource(shader, text)
    gl.compileShader(shader)
    gl.attachShader(program, shader)
  }
  shade(gl.VERTEX_SHADER, VERTEX)
  shade(gl.FRAGMENT_SHADER, FRAGMENT)
  gl.linkProgram(program)
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null
}

const STEPS = 32 // of depth, from the farthest on

/** Those in front come after all others. */
export function plainPainter(canvas) {
  const sheet = new Sheet()
  let [position, inks, spots] = [new Float32Array(), new Uint32Array(), new Float32Array()]

  function sorted({near}) {
    const bins = Array.from({length: 2 * STEPS}, () => [])
    for (let point = 0, k = 0; point < inks.length; point++, k += 3) {
      const close = (dot(near, position[k], position[k + 1], position[k + 2]) + 1) / 2
      const step = Math.max(0, Math.min(STEPS - 1, Math.floor(close * STEPS)))
      bins[(inks[point] >>> 24 ? STEPS : 0) + step].push(point)
    }
    return bins
  }

  return {
    load(values) {
      position = values
      spots = new Float32Array((2 * values.length) / 3)
    },
    color(values) {
      inks = new Uint32Array(values.buffer)
    },
    paint(rows, {size, ground, camera}) {
      const {ratio} = camera.stage
      camera.project(rows, position, spots)
      sheet.begin(canvas, ratio)
      sorted(rows).forEach((points, bin) => {
        const haze = HAZE * (1 - ((bin % STEPS) + 0.5) / STEPS)
        const radius = (ratio * size * (bin < STEPS ? BEHIND : 1)) / 2
        const stamps = new Map()
        for (const point of points) {
          const ink = inks[point]
          if (!stamps.has(ink)) stamps.set(ink, disc(radius, mix(unpacked(ink), ground, haze)))
          sheet.put(spots[2 * point], spots[2 * point + 1], stamps.get(ink))
        }
      })
      sheet.end()
    },
  }
}

const unpacked = (ink) => [ink & 255, (ink >> 8) & 255, (ink >> 16) & 255]
