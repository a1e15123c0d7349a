// Two ways to paint points: WebGL, and the plain canvas where there is none. Either has
// `load(position)`, `color(inks)` and `paint(rows, {width, height, ratio, size, ground})`; `free()`, where there is
// one, gives back what the browser has few of.
// Inks are uint8 (point, 4): red, green, blue, and 255 where a point lies over those that have 0.

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
  if (!gl) return null
  const program = linked(gl)
  if (!program) return null
  const position = gl.createBuffer(),
    ink = gl.createBuffer()
  const uniform = Object.fromEntries(
    ["a", "b", "w", "near", "scale", "ground", "size", "front"].map((name) => [
      name,
      gl.getUniformLocation(program, name),
    ]),
  )
  let points = 0
  gl.useProgram(program)
  gl.enable(gl.DEPTH_TEST)

  function bound(buffer, name, width, type, scaled) {
    const at = gl.getAttribLocation(program, name)
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer)
    gl.enableVertexAttribArray(at)
    gl.vertexAttribPointer(at, width, type, scaled, 0, 0)
  }
  bound(position, "position", 3, gl.FLOAT, false)
  bound(ink, "ink", 4, gl.UNSIGNED_BYTE, true)

  const fillBuffer = (buffer, values) => {
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer)
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW)
  }
  return {
    load(held) {
      points = held.length / 3
      fillBuffer(position, held)
    },
    color(inks) {
      fillBuffer(ink, inks)
    },
    free() {
      gl.getExtension("WEBGL_lose_context")?.loseContext()
    },
    paint({a, b, w, near}, {width, height, ratio, size, ground}) {
      const side = Math.min(width, height)
      gl.viewport(0, 0, canvas.width, canvas.height)
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT)
      for (const [name, row] of Object.entries({a, b, w, near})) gl.uniform4fv(uniform[name], row)
      gl.uniform2f(uniform.scale, side / width, side / height)
      gl.uniform3fv(
        uniform.ground,
        ground.map((part) => part / 255),
      )
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
  for (const [type, text] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ]) {
    const shader = gl.createShader(type)
    gl.shaderSource(shader, text)
    gl.compileShader(shader)
    gl.attachShader(program, shader)
  }
  gl.linkProgram(program)
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null
}

const STEPS = 32 // of depth, which points are sorted by

const ROUND = 4 // CSS pixels: smaller points are squares, which nobody can tell from discs

/** Points from the farthest to the nearest, in steps of depth. */
export function plainPainter(canvas) {
  const context = canvas.getContext("2d")
  let held = new Float32Array(),
    inks = new Uint8Array()

  function sorted({near}) {
    const bins = Array.from({length: 2 * STEPS}, () => [])
    for (let i = 0; i < inks.length / 4; i++) {
      const close = dot(near, held[3 * i], held[3 * i + 1], held[3 * i + 2])
      const step = Math.max(0, Math.min(STEPS - 1, Math.floor(((close + 1) / 2) * STEPS)))
      bins[(inks[4 * i + 3] ? STEPS : 0) + step].push(i)
    }
    return bins
  }

  return {
    load(values) {
      held = values
    },
    color(values) {
      inks = values
    },
    paint(rows, {width, height, ratio, size, ground}) {
      const side = Math.min(width, height) / 2
      const {a, b, w} = rows
      context.setTransform(ratio, 0, 0, ratio, 0, 0)
      context.clearRect(0, 0, width, height)
      sorted(rows).forEach((points, bin) => {
        const haze = HAZE * (1 - ((bin % STEPS) + 0.5) / STEPS),
          shapes = new Map()
        const wide = size * (bin < STEPS ? BEHIND : 1)
        for (const i of points) {
          const key = (inks[4 * i] << 16) | (inks[4 * i + 1] << 8) | inks[4 * i + 2]
          if (!shapes.has(key)) shapes.set(key, new Path2D())
          const [x, y, z] = [held[3 * i], held[3 * i + 1], held[3 * i + 2]]
          const unit = side / dot(w, x, y, z)
          dotted(
            shapes.get(key),
            width / 2 + dot(a, x, y, z) * unit,
            height / 2 - dot(b, x, y, z) * unit,
            wide,
          )
        }
        for (const [key, shape] of shapes) {
          context.fillStyle = `rgb(${[16, 8, 0].map((by, k) => Math.round(((key >> by) & 255) * (1 - haze) + ground[k] * haze)).join()})`
          context.fill(shape)
        }
      })
    },
  }
}

function dotted(path, x, y, wide) {
  if (wide < ROUND) return path.rect(x - wide / 2, y - wide / 2, wide, wide)
  path.moveTo(x + wide / 2, y)
  path.arc(x, y, wide / 2, 0, 2 * Math.PI)
}
