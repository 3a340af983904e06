// A video: one of its candidate frames large, and under it all of them in order of time, each by what happened to it.
// The frames are sent once; an operating point is a few numbers a frame. Scrubbing and playing ask nobody.

const STEP_MS = 800; // of a frame, when what it looked at is gone through in the order of looking
const FILM_MS = 14000; // a video is played in its own time, but no longer than this
const TALL = 62; // of the timeline's frames, px
const BARS = 40; // under them: how sure it was
const AXIS = 18;
const SVG_SPACE = "http://www.w3.org/2000/svg";

class Film {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.box = this.find(".sc-film");
    this.screen = this.find(".sc-picture");
    this.image = this.screen.querySelector("img");
    this.laid = this.find(".sc-overlay");
    this.told = this.box.querySelector(".sc-moment");
    this.canvas = this.box.querySelector(".sc-frames");
    this.button = this.box.querySelector(".sc-roll");
    this.pictures = [];
    this.here = 0;
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("pointerdown", (event) => this.grab(event));
    this.button.addEventListener("click", () => this.roll());
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.canvas);
  }

  close() {
    this.resized.disconnect();
    this.stop();
  }

  async load(data) {
    if (!data || this.wanted === data) return;
    this.wanted = data;
    const same = this.key_ === data.key && this.pictures.length === data.src.length;
    this.data = data;
    this.screen.style.setProperty("--ratio", data.ratio);
    this.canvas.setAttribute("aria-label", data.label);
    this.canvas.setAttribute("aria-valuemin", 1);
    this.canvas.setAttribute("aria-valuemax", data.times.length);
    this.rollLabel(false);
    if (!same) {
      this.key_ = data.key;
      this.fresh = true;
      this.pictures = data.src.map((address) => {
        const picture = new Image();
        picture.onload = () => this.later();
        picture.src = address;
        return picture;
      });
    }
    this.dress();
    if (this.asked) this.show(...this.asked);
  }

  dress() {
    const style = getComputedStyle(this.box);
    const names = ["ink", "muted", "line", "edge", "spent", "on-spent", "stripe", "tick", "card", "veil", "font"];
    this.look = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--dv-${name}`).trim()]));
    this.hatch = hatch(this.look.stripe);
    this.draw();
  }

  // An operating point. Where nothing was chosen yet, the frame that it looked at first is on the screen.
  show(mode, at) {
    this.asked = [mode, at];
    const point = this.data?.modes[mode]?.[at];
    if (!point) return;
    this.point = point;
    this.order = point.turn.map((turn, i) => [turn, i]).filter(([turn]) => turn > 0).sort((a, b) => a[0] - b[0]).map(([, i]) => i);
    if (this.fresh) this.here = this.order[0] ?? 0;
    this.fresh = false;
    this.here = Math.min(this.here, this.data.times.length - 1);
    this.draw();
    this.go(this.here);
  }

  // --- one frame

  go(frame) {
    if (!this.point) return;
    this.here = Math.max(0, Math.min(this.data.times.length - 1, frame));
    const { point, data, here } = this;
    const looked = point.turn[here] > 0;
    if (this.image.getAttribute("src") !== data.src[here]) this.image.src = data.src[here];
    this.screen.classList.toggle("sc-off", !looked);
    this.laid.innerHTML = data.base;
    if (looked) this.outline(point.boxes[here] ?? []);
    const words = this.words(here);
    this.image.alt = `${data.times[here]}: ${words}`;
    this.told.replaceChildren(
      Object.assign(document.createElement("b"), { textContent: data.times[here] }),
      document.createTextNode(` ${words}`),
    );
    this.canvas.setAttribute("aria-valuenow", here + 1);
    this.canvas.setAttribute("aria-valuetext", `${data.times[here]}: ${words}`);
    this.draw();
  }

  words(frame) {
    const { tell, labels } = this.data;
    const { point } = this;
    if (!(point.turn[frame] > 0)) return point.glanced[frame] ? tell.glanced : tell.skipped;
    const parts = [tell.looked.replace("{turn}", point.turn[frame]).replace("{all}", this.order.length)];
    if (point.side[frame]) parts.push(tell.side.replace("{side}", point.side[frame]));
    const said = this.answer(frame);
    if (said) parts.push(tell.then.replace("{label}", said[0]).replace("{sure}", said[1]));
    return parts.join(" · ");
  }

  answer(frame) {
    const label = this.point.label[frame];
    return label >= 0 ? [this.data.labels[label], this.point.sure[frame]] : null;
  }

  outline(boxes) {
    if (!boxes.length) return;
    const drawn = document.createElementNS(SVG_SPACE, "svg");
    const { width, height } = this.data;
    drawn.setAttribute("viewBox", `0 0 ${width} ${height}`);
    drawn.setAttribute("class", "dv-overlay");
    const unit = Math.max(width, height) / 100;
    for (const [x0, y0, x1, y1] of boxes) {
      for (const [name, stroke] of [["dv-box-under", unit * 1.1], ["dv-box", unit * 0.6]]) {
        const box = document.createElementNS(SVG_SPACE, "rect");
        const where = { x: x0, y: y0, width: x1 - x0, height: y1 - y0, fill: "none", "stroke-width": stroke, class: name };
        for (const key in where) box.setAttribute(key, where[key]);
        drawn.append(box);
      }
    }
    this.laid.append(drawn);
  }

  // --- the timeline

  // Left edges of the cells: what was looked at is wide, as far as there is room.
  cells(wide) {
    const { turn } = this.point;
    const looked = this.order.length;
    const rest = turn.length - looked;
    const most = TALL * this.data.ratio;
    let narrow = looked ? Math.max(3, Math.min(24, (wide / turn.length) * 0.6)) : wide / turn.length;
    let broad = looked ? Math.min(most, (wide - rest * narrow) / looked) : 0;
    if (broad < narrow) broad = narrow = wide / turn.length;
    if (rest) narrow = (wide - looked * broad) / rest;
    else broad = wide / looked;
    const edges = [0];
    for (const own of turn) edges.push(edges.at(-1) + (own > 0 ? broad : narrow));
    return edges;
  }

  later() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.draw();
    });
  }

  draw() {
    const wide = this.canvas.clientWidth;
    if (!this.point || !wide || !this.look) return;
    const high = this.canvas.clientHeight;
    const dense = window.devicePixelRatio || 1;
    [this.canvas.width, this.canvas.height] = [Math.round(wide * dense), Math.round(high * dense)];
    const pen = this.canvas.getContext("2d");
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    const edges = (this.edges = this.cells(wide));
    const largest = Math.max(...this.point.side, 1);
    const foot = TALL + 12;
    for (let i = 0; i < this.point.turn.length; i++) this.cell(pen, i, edges[i], edges[i + 1], largest, foot);
    this.bars(pen, edges, foot + 6, foot + 6 + BARS);
    this.axis(pen, edges, wide, high);
    const [a, b] = [edges[this.here], edges[this.here + 1]];
    pen.fillStyle = this.look.tick;
    pen.beginPath();
    pen.moveTo((a + b) / 2 - 6, 0);
    pen.lineTo((a + b) / 2 + 6, 0);
    pen.lineTo((a + b) / 2, 8);
    pen.fill();
    pen.fillRect((a + b) / 2 - 1, 4, 2, foot + BARS + 4);
  }

  cell(pen, i, a, b, largest, foot) {
    const { point, look } = this;
    const looked = point.turn[i] > 0;
    const tall = looked ? TALL * (point.side[i] ? 0.62 + (0.38 * point.side[i]) / largest : 1) : TALL * 0.55;
    const gap = b - a > 6 ? 1 : 0.3;
    const [x, y, w, h] = [a + gap, foot - tall, Math.max(0.8, b - a - 2 * gap), tall];
    const picture = this.pictures[i];
    pen.save();
    pen.beginPath();
    pen.rect(x, y, w, h);
    pen.clip();
    pen.fillStyle = look.line;
    pen.fillRect(x, y, w, h);
    if (picture?.naturalWidth) {
      const scale = Math.max(w / picture.naturalWidth, h / picture.naturalHeight);
      const [pw, ph] = [picture.naturalWidth * scale, picture.naturalHeight * scale];
      pen.globalAlpha = looked ? 1 : 0.3;
      pen.drawImage(picture, x + (w - pw) / 2, y + (h - ph) / 2, pw, ph);
      pen.globalAlpha = 1;
      if (looked && w > 36) this.small(pen, i, x + (w - pw) / 2, y + (h - ph) / 2, pw, ph);
    }
    if (!looked) {
      pen.fillStyle = pen.createPattern(this.hatch, "repeat");
      pen.fillRect(x, y, w, h);
    }
    pen.restore();
    if (!looked) {
      if (point.glanced[i]) {
        pen.fillStyle = look.spent;
        pen.fillRect(x, foot - 3, w, 3);
      }
      return;
    }
    pen.strokeStyle = look.spent;
    pen.lineWidth = w > 8 ? 2 : 1;
    pen.strokeRect(x + 0.5, y + 0.5, Math.max(0.1, w - 1), h - 1);
    if (w >= 17) this.pill(pen, x + 2, y + 2, String(point.turn[i]));
    if (w >= 40 && point.side[i]) this.pill(pen, x + 2, foot - 17, `${point.side[i]} px`);
  }

  // The regions of a frame of the timeline.
  small(pen, i, x, y, wide, high) {
    pen.strokeStyle = this.look.spent;
    pen.lineWidth = 1.5;
    for (const [x0, y0, x1, y1] of this.point.boxes[i] ?? []) {
      const [sx, sy] = [wide / this.data.width, high / this.data.height];
      pen.strokeRect(x + x0 * sx, y + y0 * sy, (x1 - x0) * sx, (y1 - y0) * sy);
    }
  }

  pill(pen, x, y, words) {
    pen.font = `600 11px ${this.look.font}`;
    const wide = pen.measureText(words).width + 7;
    pen.fillStyle = "rgb(10 12 15 / .84)";
    pen.beginPath();
    pen.roundRect(x, y, wide, 15, 4);
    pen.fill();
    pen.fillStyle = "#fff";
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    pen.fillText(words, x + 3.5, y + 8);
  }

  // How sure it was after each frame that it looked at: filled where that was already its answer, outlined where not.
  bars(pen, edges, top, bottom) {
    pen.strokeStyle = this.look.line;
    pen.lineWidth = 1;
    for (const y of [top, bottom]) {
      pen.beginPath();
      pen.moveTo(0, y + 0.5);
      pen.lineTo(edges.at(-1), y + 0.5);
      pen.stroke();
    }
    const final = this.point.label[this.order.at(-1)];
    for (const i of this.order) {
      const sure = this.point.sure[i];
      if (this.point.label[i] < 0) continue;
      const [x, w] = [edges[i] + 1, Math.max(1, edges[i + 1] - edges[i] - 2)];
      const high = (sure / 100) * (bottom - top - 2);
      if (this.point.label[i] === final) {
        pen.fillStyle = this.look.spent;
        pen.fillRect(x, bottom - high, w, high);
      } else {
        pen.strokeStyle = this.look.edge;
        pen.strokeRect(x + 0.5, bottom - high + 0.5, Math.max(0.5, w - 1), high - 1);
      }
      if (w >= 44) {
        pen.font = `11px ${this.look.font}`;
        pen.textAlign = "center";
        pen.textBaseline = "bottom";
        const words = this.data.labels[this.point.label[i]] ?? "";
        const inside = high > 18;
        pen.fillStyle = inside && this.point.label[i] === final ? this.look["on-spent"] : this.look.ink;
        pen.fillText(shortened(pen, words, w - 4), x + w / 2, inside ? bottom - high + 15 : bottom - high - 1);
      }
    }
  }

  axis(pen, edges, wide, high) {
    pen.font = `11px ${this.look.font}`;
    pen.fillStyle = this.look.muted;
    pen.textBaseline = "bottom";
    let free = 0;
    const { times } = this.data;
    for (let i = 0; i < times.length; i++) {
      const half = pen.measureText(times[i]).width / 2;
      const middle = Math.max(half, Math.min(wide - half, (edges[i] + edges[i + 1]) / 2));
      if (middle - half < free) continue;
      pen.textAlign = "center";
      pen.fillText(times[i], middle, high);
      free = middle + half + 26;
    }
  }

  // --- hands and keys

  frameAt(event) {
    const x = event.clientX - this.canvas.getBoundingClientRect().left;
    const found = this.edges.findIndex((edge) => edge > x);
    return found < 0 ? this.edges.length - 2 : Math.max(0, found - 1);
  }

  grab(event) {
    if (!this.point || event.button !== 0) return;
    this.halt();
    this.canvas.setPointerCapture(event.pointerId);
    this.go(this.frameAt(event));
    this.canvas.onpointermove = (e) => this.go(this.frameAt(e));
    this.canvas.onpointerup = this.canvas.onpointercancel = () => {
      this.canvas.onpointermove = this.canvas.onpointerup = this.canvas.onpointercancel = null;
    };
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || !this.point) return;
    const last = this.data.times.length - 1;
    const steps = { ArrowRight: 1, ArrowLeft: -1, PageDown: 8, PageUp: -8, Home: -last, End: last };
    if (event.key in steps) {
      this.halt();
      this.go(this.here + steps[event.key]);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.halt();
      this.turn(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === " ") this.roll();
    else return;
    event.preventDefault();
  }

  // To the frame that was looked at next, or before.
  turn(step) {
    if (!this.order.length) return;
    const at = this.order.indexOf(this.here);
    const to = at < 0 ? (step > 0 ? 0 : this.order.length - 1) : at + step;
    this.go(this.order[Math.max(0, Math.min(this.order.length - 1, to))]);
  }

  // --- in motion

  // In order of time, at the video's own pace.
  roll() {
    if (!this.point) return;
    if (this.rolling) return this.halt();
    const { seconds } = this.data;
    const whole = Math.max(seconds.at(-1) - seconds[0], 0.001);
    const pace = Math.max(1, (whole * 1000) / FILM_MS);
    if (this.here === seconds.length - 1) this.go(0);
    const [from, begun] = [seconds[this.here], performance.now()];
    this.rollLabel(true);
    const step = () => {
      const now = from + ((performance.now() - begun) / 1000) * pace;
      let to = this.here;
      while (to < seconds.length - 1 && seconds[to + 1] <= now) to += 1;
      if (to !== this.here) this.go(to);
      if (to === seconds.length - 1) return this.halt();
      this.rolling = requestAnimationFrame(step);
    };
    this.rolling = requestAnimationFrame(step);
  }

  rollLabel(on) {
    this.button.textContent = on ? this.data.tell.pause : this.data.tell.roll;
    this.button.setAttribute("aria-pressed", String(on));
  }

  halt() {
    cancelAnimationFrame(this.rolling);
    this.rolling = null;
    if (this.data) this.rollLabel(false);
  }

  // In the order of looking.
  play(tellAnswer, done) {
    this.halt();
    let next = 0;
    const pace = Math.min(STEP_MS, FILM_MS / Math.max(1, this.order.length));
    const step = () => {
      if (next >= this.order.length) return done();
      const frame = this.order[next];
      this.go(frame);
      const said = this.answer(frame);
      tellAnswer(said ? said[0] : "", said ? said[1] : 0);
      next += 1;
      this.stepping = setTimeout(step, next === this.order.length ? 2 * pace : pace);
    };
    step();
  }

  stop() {
    this.halt();
    clearTimeout(this.stepping);
  }
}

function shortened(pen, words, wide) {
  let shown = words;
  while (shown && pen.measureText(shown).width > wide) shown = `${shown.replace("…", "").slice(0, -1)}…`.replace(/^…$/, "");
  return shown;
}
