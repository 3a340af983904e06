// A recording as it is drawn: beats, the line, the running answer under it, seconds.

const EVERY_S = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50]; // lines of the grid
const LEVELS = 32000; // between the lowest and the highest sample; Python counts with them

class SeriesDrawing {
  // signal: what is shown, see series.js.
  constructor(signal) {
    this.signal = signal;
    this.sight = signal.sight;
    this.paper = signal.paper;
  }

  get data() {
    return this.signal.data;
  }

  paint() {
    const pen = this.signal.states && this.paper.pen();
    if (!pen) return;
    const { wide, high, canvas, look } = this.paper;
    this.sight.wide = wide;
    this.size = Math.max(11, parseFloat(getComputedStyle(canvas).fontSize) * 0.8);
    pen.font = `${this.size}px ${look.font}`;
    const beats = this.data.beats.length ? this.size * 1.9 : 4;
    const under = hasLine(this.signal.modes[this.signal.mode]) ? high * 0.24 : 0;
    const axis = high - this.size * 1.7;
    const plot = { top: beats, bottom: axis - under - (under ? 14 : 0) };
    this.grid(pen, plot, axis);
    pen.save();
    pen.beginPath();
    pen.rect(LEFT, 0, this.sight.room, high);
    pen.clip();
    this.bands(pen, plot);
    this.line(pen, plot);
    this.marks(pen, plot, beats);
    if (under) this.answer(pen, { top: axis - under, bottom: axis - 4 });
    this.bars(pen, plot.top, axis);
    pen.restore();
    if (under) this.sides(pen, { top: axis - under, bottom: axis - 4 });
    this.limits(pen, plot);
    this.inSight(pen, high);
  }

  grid(pen, { top, bottom }, axis) {
    const { rate, timed } = this.data;
    const [first, last] = [this.sight.from / rate, this.sight.end / rate];
    const step = EVERY_S.find((s) => (last - first) / s <= this.paper.wide / 70) ?? (last - first) / 4;
    pen.lineWidth = 1;
    pen.strokeStyle = this.paper.look.line;
    pen.fillStyle = this.paper.look.muted;
    pen.textBaseline = "top";
    pen.textAlign = "center";
    if (timed) {
      for (let i = Math.ceil(first / step - 1e-9); i * step <= last + 1e-9; i++) {
        const x = Math.round(this.sight.x(i * step * rate)) + 0.5;
        pen.beginPath();
        pen.moveTo(x, top);
        pen.lineTo(x, axis);
        pen.stroke();
        const words = `${Number((i * step).toFixed(2))} s`;
        const half = pen.measureText(words).width / 2;
        pen.fillText(words, Math.max(half, Math.min(this.paper.wide - half, x)), axis + this.size * 0.35);
      }
    }
    pen.strokeRect(LEFT + 0.5, top + 0.5, this.sight.room - 1, bottom - top - 1);
  }

  // While it plays, what lies ahead has not happened yet.
  stateOf(step) {
    const { playing, states } = this.signal;
    return playing !== undefined && step > playing ? this.data.states.indexOf("unread") : states[step];
  }

  runs(action) {
    const { edges } = this.sight;
    let [start, last] = this.sight.span();
    for (let i = start + 1; i <= last + 1; i++) {
      if (i <= last && this.stateOf(i) === this.stateOf(start)) continue;
      action(this.stateOf(start), edges[start], edges[i]);
      start = i;
    }
  }

  bands(pen, { top, bottom }) {
    const jumped = this.data.states.indexOf("jumped");
    pen.fillStyle = pen.createPattern(this.paper.hatch, "repeat");
    const x = (sample) => this.sight.x(sample);
    this.runs((state, a, b) => state === jumped && pen.fillRect(x(a), top, x(b) - x(a), bottom - top));
  }

  line(pen, { top, bottom }) {
    const height = (value) => bottom - 8 - (value / LEVELS) * (bottom - top - 16);
    const { count, ran } = this.data;
    const { samples } = this.signal;
    const { sight } = this;
    const stretch = (a, b) => {
      pen.beginPath();
      const [first, last] = [Math.max(0, Math.floor(Math.max(a, sight.from - 1))), Math.min(count - 1, b, Math.ceil(sight.end))];
      const every = sight.length / sight.room; // samples a pixel
      if (every < 3) for (let i = first; i <= last; i++) pen.lineTo(sight.x(i + 0.5), height(samples[i]));
      else {
        for (let at = first; at <= last; at += every) { // the lowest and the highest sample of each pixel
          let [low, high] = [65535, 0];
          for (let i = Math.floor(at); i < Math.min(at + every, last + 1); i++) {
            low = Math.min(low, samples[i]);
            high = Math.max(high, samples[i]);
          }
          pen.lineTo(sight.x(at), height(low));
          pen.lineTo(sight.x(at), height(high));
        }
      }
      pen.stroke();
    };
    pen.lineJoin = pen.lineCap = "round";
    pen.strokeStyle = this.paper.look.edge;
    pen.lineWidth = 1;
    pen.globalAlpha = 0.8;
    stretch(0, count - 1); // pale: all of it; what was processed is drawn over it
    pen.globalAlpha = 1;
    pen.strokeStyle = this.paper.look.spent;
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
      const x = this.sight.x(sample + 0.5);
      pen.beginPath();
      if (ventricular) {
        const half = this.size * 0.72;
        pen.fillStyle = this.paper.look.tick;
        pen.roundRect(x - half, middle - half, 2 * half, 2 * half, 3);
        pen.fill();
        pen.fillStyle = this.paper.look.card;
        pen.font = `700 ${this.size}px ${this.paper.look.font}`;
        pen.fillText("V", x, middle + 1);
        pen.font = `${this.size}px ${this.paper.look.font}`;
      } else {
        pen.strokeStyle = this.paper.look.edge;
        pen.lineWidth = 1.5;
        pen.arc(x, top - 7, 3.2, 0, 7);
        pen.stroke();
      }
    }
  }

  // Where it stopped, and where it is while it plays.
  bars(pen, top, bottom) {
    const { playing, here, stopped } = this.signal;
    const border = (step) => this.sight.x(this.sight.edges[step]);
    if (stopped >= 0 && (playing === undefined || stopped <= playing)) {
      pen.fillStyle = this.paper.look.tick;
      pen.fillRect(border(stopped + 1) - 2, top - 3, 4, bottom - top + 3);
    }
    const at = playing ?? here;
    if (at === undefined) return;
    pen.strokeStyle = this.paper.look.ink;
    pen.lineWidth = 1.5;
    pen.strokeRect(border(at), top, Math.max(2, border(at + 1) - border(at)), bottom - top);
  }

  answer(pen, { top, bottom }) {
    pen.strokeStyle = this.paper.look.line;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(LEFT, (top + bottom) / 2);
    pen.lineTo(this.paper.wide - RIGHT, (top + bottom) / 2);
    pen.stroke();
    pen.strokeStyle = this.paper.look.spent;
    pen.lineWidth = 2.4;
    pen.beginPath();
    const [first, last] = this.sight.span(1);
    const { shares, playing } = this.signal;
    for (let i = first; i <= last; i++) {
      if (shares[i] === NOTHING || (playing !== undefined && i > playing)) continue;
      pen.lineTo(this.sight.middleOf(i), bottom - 3 - (shares[i] / 100) * (bottom - top - 6));
    }
    pen.stroke();
  }

  // What the running answer lies between, in words that may stand over it.
  sides(pen, { top, bottom }) {
    const { modes, mode, at } = this.signal;
    const [above, below] = modes[mode].sides[at];
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    for (const [words, y] of [[above, top + this.size * 0.35], [below, bottom - this.size * 0.3]]) {
      pen.strokeStyle = this.paper.look.card;
      pen.lineWidth = 4;
      pen.strokeText(words, 2, y);
      pen.fillStyle = this.paper.look.muted;
      pen.fillText(words, 2, y);
    }
  }

  limits(pen, { top, bottom }) {
    const { low, high, unit } = this.data;
    if (!unit) return;
    pen.textAlign = "right";
    pen.fillStyle = this.paper.look.muted;
    pen.textBaseline = "middle";
    const words = (value) => value.toFixed(1).replace("-", "−");
    pen.fillText(words(high), LEFT - 6, top + 8);
    pen.fillText(unit, LEFT - 6, (top + bottom) / 2);
    pen.fillText(words(low), LEFT - 6, bottom - 8);
  }

  // Zoomed in, a thin bar at the foot tells which part is in sight.
  inSight(pen, high) {
    const { zoom, room, from, length, samples } = this.sight;
    if (zoom === 0) return;
    pen.fillStyle = this.paper.look.line;
    pen.fillRect(LEFT, high - 3, room, 3);
    pen.fillStyle = this.paper.look.muted;
    pen.fillRect(LEFT + (from / samples) * room, high - 3, Math.max(6, (length / samples) * room), 3);
  }
}

// Is there an answer as it went, to be drawn under the recording?
function hasLine(mode) {
  return mode.sides.some(([above]) => above);
}
