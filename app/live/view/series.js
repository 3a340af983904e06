// A recording with the fate of each of its steps, on a canvas: beats, the line, the running answer under it, seconds.
// The samples are sent once; a frame is a byte a step. Zooming and moving ask nobody.

const PLAY_MS = 8000; // a recording takes its own time to play, but no longer than this
const SKIPPED = 0.12; // of the time of a step that is processed
const MOST_ZOOM_S = 0.4; // the shortest stretch that fills the width
const LEFT = 46; // room for units and sides, px
const RIGHT = 8;

class Signal {
  constructor(box) {
    this.box = box;
    this.canvas = box.querySelector(".sc-plot");
    this.tip = box.querySelector(".sc-tip");
    this.range = box.querySelector(".sc-zoom input");
    this.whole = box.querySelector(".sc-zoom button");
    this.zoom = 0; // 0: all of it, 1: as near as it gets
    this.from = 0; // the first sample in sight
    this.canvas.addEventListener("pointerdown", (event) => this.grab(event));
    this.canvas.addEventListener("pointermove", (event) => !this.held && this.point(this.stepUnder(event)));
    this.canvas.addEventListener("pointerleave", () => this.point());
    this.canvas.addEventListener("blur", () => this.point());
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.range.addEventListener("input", () => this.zoomTo(this.range.value / 100));
    this.whole.addEventListener("click", () => this.zoomTo(0));
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.canvas);
  }

  close() {
    this.resized.disconnect();
    this.stop();
  }

  // Unpacking takes a moment; what was asked for meanwhile is shown as soon as it is done.
  async load(data) {
    if (!data || this.wanted === data) return;
    this.wanted = data;
    this.modes = this.states = null; // until the new bytes are here nothing is asked of the old ones
    const modes = Object.entries(data.modes);
    const [samples, edges, ...planes] = await Promise.all(
      [data.samples, data.edges, ...modes.flatMap(([, mode]) => [mode.planes, mode.line])].map(unpacked),
    );
    if (this.wanted !== data) return; // newer data have come
    const same = this.data?.samples === data.samples;
    this.data = data;
    this.samples = new Uint16Array(samples.buffer);
    this.edges = new Uint32Array(edges.buffer);
    this.count = this.edges.length - 1;
    this.modes = Object.fromEntries(
      modes.map(([name, mode], i) => [name, { ...mode, bytes: planes[2 * i], shares: planes[2 * i + 1] }]),
    );
    this.box.querySelector(".sc-zoom label").textContent = data.zoom.label;
    this.range.setAttribute("aria-label", data.zoom.label);
    this.range.title = data.zoom.keys;
    this.box.querySelector(".dv-note").textContent = modes.some(([, { sides }]) => sides.some(([above]) => above)) ? data.line : "";
    this.whole.textContent = data.zoom.whole;
    this.canvas.setAttribute("aria-label", data.label);
    this.states = null;
    if (!same) {
      this.zoomTo(0);
      this.point();
    }
    this.dress();
    if (this.asked) this.show(...this.asked);
  }

  // The colours of the theme, which may have changed.
  dress() {
    const style = getComputedStyle(this.box);
    const names = ["ink", "muted", "line", "edge", "spent", "stripe", "tick", "card", "font"];
    this.look = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--dv-${name}`).trim()]));
    this.hatch = hatch(this.look.stripe);
    this.draw();
  }

  // One plane of the frame that is shown: 0 states, 1 scores, 2 labels, 3 how sure.
  frame(plane) {
    const { bytes, stops } = this.modes[this.mode];
    const start = (plane * stops.length + this.at) * this.count;
    return bytes.subarray(start, start + this.count);
  }

  show(mode, at) {
    this.asked = [mode, at];
    if (!this.modes?.[mode]) return;
    [this.mode, this.at] = this.asked;
    this.states = this.frame(0);
    this.shares = this.modes[mode].shares.subarray(at * this.count, (at + 1) * this.count);
    this.draw();
    if (!this.tip.hidden) this.point(this.here);
  }

  // --- what is in sight

  get length() {
    const all = this.data.count;
    const least = Math.min(all, Math.max(8, MOST_ZOOM_S * (this.data.timed ? this.data.rate : all / 40)));
    return all * (least / all) ** this.zoom;
  }

  zoomTo(zoom, about = 0.5) {
    if (!this.data) return;
    const middle = this.from + about * this.length;
    this.zoom = Math.max(0, Math.min(1, zoom));
    this.moveTo(middle - about * this.length);
  }

  moveTo(from) {
    this.from = Math.max(0, Math.min(this.data.count - this.length, from));
    this.range.value = Math.round(this.zoom * 100);
    this.whole.disabled = this.zoom === 0;
    this.canvas.classList.toggle("sc-zoomed", this.zoom > 0);
    this.draw();
  }

  x(sample) {
    return LEFT + ((sample - this.from) / this.length) * (this.wide - LEFT - RIGHT);
  }

  sampleAt(event) {
    const box = this.canvas.getBoundingClientRect();
    return this.from + ((event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT)) * this.length;
  }

  stepUnder(event) {
    if (!this.data) return undefined;
    const step = this.stepOf(this.sampleAt(event));
    return step >= 0 && step < this.count ? step : undefined;
  }

  // The step that a sample belongs to: the last one that begins at or before it; count beyond the last.
  stepOf(sample) {
    if (sample < 0) return -1;
    let [low, high] = [0, this.count + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.edges[middle] <= sample) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return; // without a key the wheel moves the page
    event.preventDefault();
    const about = (this.sampleAt(event) - this.from) / this.length;
    this.zoomTo(this.zoom - event.deltaY / 600, Math.max(0, Math.min(1, about)));
  }

  grab(event) {
    if (!this.data || this.zoom === 0 || event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    const [x, from] = [event.clientX, this.from];
    const scale = this.length / (this.wide - LEFT - RIGHT);
    this.held = true;
    this.point();
    this.canvas.onpointermove = (e) => this.moveTo(from - (e.clientX - x) * scale);
    this.canvas.onpointerup = this.canvas.onpointercancel = () => {
      this.held = false;
      this.canvas.onpointermove = this.canvas.onpointerup = this.canvas.onpointercancel = null;
    };
  }

  key(event) {
    const steps = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10 };
    const zooms = { "+": 0.15, "=": 0.15, "-": -0.15 };
    if (event.ctrlKey || event.metaKey || !this.data) return;
    if (event.key === "Escape") this.point();
    else if (event.key === "0") this.zoomTo(0);
    else if (event.key in zooms) this.zoomTo(this.zoom + zooms[event.key]);
    else if (event.key in steps) {
      const next = this.here === undefined ? this.stepOf(this.from) : this.here + steps[event.key];
      const to = Math.max(0, Math.min(this.count - 1, next));
      const [start, end] = [this.edges[to], this.edges[to + 1]];
      if (start < this.from || end > this.from + this.length) this.moveTo(start - this.length / 2);
      this.point(to);
    } else return;
    event.preventDefault();
  }

  // --- drawing

  draw() {
    const [wide, high] = [this.canvas.clientWidth, this.canvas.clientHeight];
    if (!this.states || !wide || !this.look) return;
    const dense = window.devicePixelRatio || 1;
    [this.canvas.width, this.canvas.height] = [Math.round(wide * dense), Math.round(high * dense)];
    this.wide = wide;
    const pen = this.canvas.getContext("2d");
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    this.size = Math.max(11, parseFloat(getComputedStyle(this.canvas).fontSize) * 0.8);
    pen.font = `${this.size}px ${this.look.font}`;
    const beats = this.data.beats.length ? this.size * 1.9 : 4;
    const under = this.hasLine() ? high * 0.24 : 0;
    const axis = high - this.size * 1.7;
    const plot = { top: beats, bottom: axis - under - (under ? 14 : 0) };
    this.grid(pen, plot, axis);
    pen.save();
    pen.beginPath();
    pen.rect(LEFT, 0, wide - LEFT - RIGHT, high);
    pen.clip();
    this.bands(pen, plot);
    this.line(pen, plot);
    this.marks(pen, plot, beats);
    if (under) this.answer(pen, { top: axis - under, bottom: axis - 4 });
    this.bar(pen, plot.top, axis);
    pen.restore();
    if (under) this.sides(pen, { top: axis - under, bottom: axis - 4 });
    this.limits(pen, plot);
    this.sight(pen, high);
  }

  grid(pen, { top, bottom }, axis) {
    const { rate, timed } = this.data;
    const [first, last] = [this.from / rate, (this.from + this.length) / rate];
    const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50].find((s) => (last - first) / s <= this.wide / 70) ?? (last - first) / 4;
    pen.lineWidth = 1;
    pen.strokeStyle = this.look.line;
    pen.fillStyle = this.look.muted;
    pen.textBaseline = "top";
    pen.textAlign = "center";
    if (timed) {
      for (let i = Math.ceil(first / step - 1e-9); i * step <= last + 1e-9; i++) {
        const x = Math.round(this.x(i * step * rate)) + 0.5;
        pen.beginPath();
        pen.moveTo(x, top);
        pen.lineTo(x, axis);
        pen.stroke();
        const words = `${Number((i * step).toFixed(2))} s`;
        const half = pen.measureText(words).width / 2;
        pen.fillText(words, Math.max(half, Math.min(this.wide - half, x)), axis + this.size * 0.35);
      }
    }
    pen.strokeRect(LEFT + 0.5, top + 0.5, this.wide - LEFT - RIGHT - 1, bottom - top - 1);
  }

  // While it plays, what lies ahead has not happened yet.
  stateOf(step) {
    return this.playing !== undefined && step > this.playing ? this.data.states.indexOf("unread") : this.states[step];
  }

  runs(action) {
    const last = Math.min(this.count - 1, this.stepOf(this.from + this.length));
    let start = Math.max(0, this.stepOf(this.from));
    for (let i = start + 1; i <= last + 1; i++) {
      if (i <= last && this.stateOf(i) === this.stateOf(start)) continue;
      action(this.stateOf(start), this.edges[start], this.edges[i]);
      start = i;
    }
  }

  bands(pen, { top, bottom }) {
    const jumped = this.data.states.indexOf("jumped");
    pen.fillStyle = pen.createPattern(this.hatch, "repeat");
    this.runs((state, a, b) => state === jumped && pen.fillRect(this.x(a), top, this.x(b) - this.x(a), bottom - top));
  }

  line(pen, { top, bottom }) {
    const height = (value) => bottom - 8 - (value / 32000) * (bottom - top - 16);
    const { count, ran } = this.data;
    const stretch = (a, b) => {
      pen.beginPath();
      const [first, last] = [Math.max(0, Math.floor(Math.max(a, this.from - 1))), Math.min(count - 1, b, Math.ceil(this.from + this.length))];
      const every = this.length / (this.wide - LEFT - RIGHT); // samples a pixel
      if (every < 3) for (let i = first; i <= last; i++) pen.lineTo(this.x(i + 0.5), height(this.samples[i]));
      else {
        for (let at = first; at <= last; at += every) { // the lowest and the highest sample of each pixel
          let [low, high] = [65535, 0];
          for (let i = Math.floor(at); i < Math.min(at + every, last + 1); i++) {
            low = Math.min(low, this.samples[i]);
            high = Math.max(high, this.samples[i]);
          }
          pen.lineTo(this.x(at), height(low));
          pen.lineTo(this.x(at), height(high));
        }
      }
      pen.stroke();
    };
    pen.lineJoin = pen.lineCap = "round";
    pen.strokeStyle = this.look.edge;
    pen.lineWidth = 1;
    pen.globalAlpha = 0.8;
    stretch(0, count - 1); // pale: all of it; what was processed is drawn over it
    pen.globalAlpha = 1;
    pen.strokeStyle = this.look.spent;
    pen.lineWidth = 2.4;
    let begun = null;
    let end = 0;
    this.runs((state, a, b) => {
      if (ran.includes(state)) {
        begun ??= a;
        end = b;
      } else if (begun !== null) {
        stretch(begun, end);
        begun = null;
      }
    });
    if (begun !== null) stretch(begun, end);
  }

  // A ring above a normal beat, a filled V above a ventricular one.
  marks(pen, { top }, room) {
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    const middle = room / 2;
    for (const [sample, ventricular] of this.data.beats) {
      const x = this.x(sample + 0.5);
      pen.beginPath();
      if (ventricular) {
        const half = this.size * 0.72;
        pen.fillStyle = this.look.tick;
        pen.roundRect(x - half, middle - half, 2 * half, 2 * half, 3);
        pen.fill();
        pen.fillStyle = this.look.card;
        pen.font = `700 ${this.size}px ${this.look.font}`;
        pen.fillText("V", x, middle + 1);
        pen.font = `${this.size}px ${this.look.font}`;
      } else {
        pen.strokeStyle = this.look.edge;
        pen.lineWidth = 1.5;
        pen.arc(x, top - 7, 3.2, 0, 7);
        pen.stroke();
      }
    }
  }

  // Where it stopped, and where it is while it plays.
  bar(pen, top, bottom) {
    const stop = this.modes[this.mode].stops[this.at];
    if (stop >= 0 && (this.playing === undefined || stop <= this.playing)) {
      pen.fillStyle = this.look.tick;
      pen.fillRect(this.x(this.edges[stop + 1]) - 2, top - 3, 4, bottom - top + 3);
    }
    const at = this.playing ?? this.here;
    if (at === undefined) return;
    pen.strokeStyle = this.look.ink;
    pen.lineWidth = 1.5;
    pen.strokeRect(this.x(this.edges[at]), top, Math.max(2, this.x(this.edges[at + 1]) - this.x(this.edges[at])), bottom - top);
  }

  hasLine() {
    return this.modes[this.mode].sides.some(([above]) => above);
  }

  answer(pen, { top, bottom }) {
    pen.strokeStyle = this.look.line;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(LEFT, (top + bottom) / 2);
    pen.lineTo(this.wide - RIGHT, (top + bottom) / 2);
    pen.stroke();
    pen.strokeStyle = this.look.spent;
    pen.lineWidth = 2.4;
    pen.beginPath();
    const [first, last] = [Math.max(0, this.stepOf(this.from) - 1), Math.min(this.count - 1, this.stepOf(this.from + this.length) + 1)];
    for (let i = first; i <= last; i++) {
      if (this.shares[i] === NOTHING || (this.playing !== undefined && i > this.playing)) continue;
      pen.lineTo(this.x((this.edges[i] + this.edges[i + 1]) / 2), bottom - 3 - (this.shares[i] / 100) * (bottom - top - 6));
    }
    pen.stroke();
  }

  // What the running answer lies between, in words that may stand over it.
  sides(pen, { top, bottom }) {
    const [above, below] = this.modes[this.mode].sides[this.at];
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    for (const [words, y] of [[above, top + this.size * 0.35], [below, bottom - this.size * 0.3]]) {
      pen.strokeStyle = this.look.card;
      pen.lineWidth = 4;
      pen.strokeText(words, 2, y);
      pen.fillStyle = this.look.muted;
      pen.fillText(words, 2, y);
    }
  }

  limits(pen, { top, bottom }) {
    const { low, high, unit } = this.data;
    if (!unit) return;
    pen.textAlign = "right";
    pen.fillStyle = this.look.muted;
    pen.textBaseline = "middle";
    const words = (value) => value.toFixed(1).replace("-", "−");
    pen.fillText(words(high), LEFT - 6, top + 8);
    pen.fillText(unit, LEFT - 6, (top + bottom) / 2);
    pen.fillText(words(low), LEFT - 6, bottom - 8);
  }

  // Zoomed in, a thin bar at the foot tells which part is in sight.
  sight(pen, high) {
    if (this.zoom === 0) return;
    const room = this.wide - LEFT - RIGHT;
    pen.fillStyle = this.look.line;
    pen.fillRect(LEFT, high - 3, room, 3);
    pen.fillStyle = this.look.muted;
    pen.fillRect(LEFT + (this.from / this.data.count) * room, high - 3, Math.max(6, (this.length / this.data.count) * room), 3);
  }

  // What happened to a step, and why.
  point(step) {
    if (this.playing !== undefined) step = undefined;
    const moved = this.here !== step;
    this.here = step;
    this.tip.hidden = step === undefined || !this.states;
    if (moved) this.draw();
    if (this.tip.hidden) return;
    const { tell, says, labels, states, rate, timed, ran } = this.data;
    const [score, label, sure] = [1, 2, 3].map((plane) => this.frame(plane)[step]);
    const limit = this.modes[this.mode].limits[this.at];
    const lines = [says[this.states[step]]];
    const taken = ran.includes(this.states[step]);
    if (score !== NOTHING && score !== sure && states[this.states[step]] !== "unread") lines.push(tell.score.replace("{score}", score));
    if (label !== NOTHING && taken) lines.push(tell.sofar.replace("{label}", labels[label] ?? label).replace("{sure}", sure));
    if (limit >= 0 && taken) lines.push(tell.limit.replace("{limit}", limit));
    const head = document.createElement("b");
    const at = timed ? `${(this.edges[step] / rate).toFixed(2)} s` : `${step + 1}`;
    head.textContent = tell.at.replace("{step}", step + 1).replace("{at}", at);
    this.tip.replaceChildren(head, ...lines.map((line) => Object.assign(document.createElement("span"), { textContent: line })));
    const middle = this.x((this.edges[step] + this.edges[step + 1]) / 2);
    const wide = this.tip.offsetWidth;
    this.tip.style.left = `${Math.max(0, Math.min(this.wide - wide, middle < this.wide / 2 ? middle + 14 : middle - wide - 14))}px`;
    this.tip.style.top = "2em";
  }

  play(tellAnswer, done) {
    const { ran, rate, timed, count, labels: names } = this.data;
    const ends = new Float64Array(this.count);
    let total = 0;
    for (let i = 0; i < this.count; i++) ends[i] = total += ran.includes(this.states[i]) ? 1 : SKIPPED;
    const stop = this.modes[this.mode].stops[this.at];
    const last = stop >= 0 ? stop : this.count - 1;
    const pace = Math.min(timed ? (1000 * count) / rate : PLAY_MS, PLAY_MS) / this.count; // of a processed step
    const [labels, sure] = [this.frame(2), this.frame(3)];
    const begun = performance.now();
    this.point();
    this.playing = 0;
    const step = () => {
      const spent = (performance.now() - begun) / pace;
      while (this.playing < last && ends[this.playing] < spent) this.playing += 1;
      const [start, end] = [this.edges[this.playing], this.edges[this.playing + 1]];
      if (start < this.from || end > this.from + this.length) this.moveTo(start - this.length * 0.2);
      else this.draw();
      const label = labels[this.playing];
      tellAnswer(label === NOTHING ? "" : (names[label] ?? ""), sure[this.playing]);
      if (this.playing >= last && spent > ends[last]) return done();
      this.ticking = requestAnimationFrame(step);
    };
    step();
  }

  stop() {
    cancelAnimationFrame(this.ticking);
    if (this.playing === undefined) return;
    this.playing = undefined;
    this.draw();
  }
}

// A seamless tile of diagonal stripes.
function hatch(colour) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 7;
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1.15;
  for (const shift of [-7, 0, 7]) {
    pen.beginPath();
    pen.moveTo(shift - 1, 8);
    pen.lineTo(shift + 8, -1);
    pen.stroke();
  }
  return tile;
}
