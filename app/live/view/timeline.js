// The candidate frames of a video in order of time, on a canvas: what was looked at large and numbered, the rest small
// and hatched; under them how sure it was then and what each frame cost, glances told apart from looks.

const TALL = 62; // of the frames, px
const LANES = 76; // under them
const COSTS = 30; // of these, where there is also something to say of how sure it was

class Timeline {
  // film: what is shown, see film.js.
  constructor(film) {
    this.film = film;
    this.paper = film.paper;
  }

  get point() {
    return this.film.point;
  }

  get look() {
    return this.paper.look;
  }

  frameAt(event) {
    const x = event.clientX - this.paper.canvas.getBoundingClientRect().left;
    const found = this.edges.findIndex((edge) => edge > x);
    return found < 0 ? this.edges.length - 2 : Math.max(0, found - 1);
  }

  // Left edges of the cells: what was looked at is wide, as far as there is room.
  cells(wide) {
    const { turn } = this.point;
    const looked = this.film.order.length;
    const rest = turn.length - looked;
    const most = TALL * this.film.data.ratio;
    let narrow = looked ? Math.max(3, Math.min(24, (wide / turn.length) * 0.6)) : wide / turn.length;
    let broad = looked ? Math.min(most, (wide - rest * narrow) / looked) : 0;
    if (broad < narrow) broad = narrow = wide / turn.length;
    if (rest) narrow = (wide - looked * broad) / rest;
    else broad = wide / looked;
    const edges = [0];
    for (const own of turn) edges.push(edges.at(-1) + (own > 0 ? broad : narrow));
    return edges;
  }

  paint() {
    const pen = this.point && this.paper.pen();
    if (!pen) return;
    const { wide, high } = this.paper;
    const edges = (this.edges = this.cells(wide));
    const largest = this.film.data.largest || 1;
    const foot = TALL + 12;
    for (let i = 0; i < this.point.turn.length; i++) this.cell(pen, i, edges[i], edges[i + 1], largest, foot);
    const [top, bottom] = [foot + 6, foot + 6 + LANES];
    const answers = this.film.order.some((i) => this.point.label[i] >= 0);
    const middle = answers ? bottom - COSTS - 6 : top;
    if (answers) this.bars(pen, edges, top, middle);
    this.costs(pen, edges, answers ? middle + 6 : top, bottom);
    this.axis(pen, edges, wide, high);
    const [left, right] = [edges[this.film.here], edges[this.film.here + 1]];
    pen.fillStyle = this.look.tick;
    pen.beginPath();
    pen.moveTo((left + right) / 2 - 6, 0);
    pen.lineTo((left + right) / 2 + 6, 0);
    pen.lineTo((left + right) / 2, 8);
    pen.fill();
    pen.fillRect((left + right) / 2 - 1, 4, 2, bottom - 4);
    const { lanes } = this.film.data;
    if (answers) this.lane(pen, lanes.sure, top);
    this.lane(pen, lanes.cost, answers ? middle + 6 : top);
  }

  cell(pen, i, a, b, largest, foot) {
    const { point, look } = this;
    const looked = point.turn[i] > 0;
    const tall = looked ? TALL * (point.side[i] ? 0.62 + (0.38 * point.side[i]) / largest : 1) : TALL * 0.55;
    const gap = b - a > 6 ? 1 : 0.3;
    const [x, y, w, h] = [a + gap, foot - tall, Math.max(0.8, b - a - 2 * gap), tall];
    const picture = this.film.pictures[i];
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
      pen.fillStyle = pen.createPattern(this.paper.hatch, "repeat");
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
      const [sx, sy] = [wide / this.film.data.width, high / this.film.data.height];
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
    this.rules(pen, edges.at(-1), top, bottom);
    const final = this.point.label[this.film.order.at(-1)];
    for (const i of this.film.order) {
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
        const words = this.film.data.labels[this.point.label[i]] ?? "";
        const inside = high > 18;
        pen.fillStyle = inside && this.point.label[i] === final ? this.look["on-spent"] : this.look.ink;
        pen.fillText(shortened(pen, words, w - 4), x + w / 2, inside ? bottom - high + 15 : bottom - high - 1);
      }
    }
  }

  // What each candidate cost, against the dearest of any budget: looks filled, glances and deciding pale at the foot.
  costs(pen, edges, top, bottom) {
    this.rules(pen, edges.at(-1), top, bottom);
    const whole = bottom - top - 2;
    this.point.cost.forEach((kind, i) => {
      const [look, glance] = this.film.data.costs[kind];
      const gap = edges[i + 1] - edges[i] > 6 ? 1 : 0.3;
      const [x, w] = [edges[i] + gap, Math.max(0.8, edges[i + 1] - edges[i] - 2 * gap)];
      const foot = glance ? Math.max(1.5, (glance / 1000) * whole) : 0;
      const high = look ? Math.max(1.5, (look / 1000) * whole) : 0;
      pen.fillStyle = this.look.spent;
      pen.fillRect(x, bottom - foot - high, w, high);
      pen.globalAlpha = 0.45;
      pen.fillRect(x, bottom - foot, w, foot);
      pen.globalAlpha = 1;
    });
  }

  rules(pen, wide, top, bottom) {
    pen.strokeStyle = this.look.line;
    pen.lineWidth = 1;
    for (const y of [top, bottom]) {
      pen.beginPath();
      pen.moveTo(0, y + 0.5);
      pen.lineTo(wide, y + 0.5);
      pen.stroke();
    }
  }

  // The name of a lane, legible over its bars.
  lane(pen, words, top) {
    pen.font = `600 10.5px ${this.look.font}`;
    pen.textAlign = "left";
    pen.textBaseline = "top";
    pen.lineJoin = "round";
    pen.lineWidth = 3;
    pen.strokeStyle = this.look.card;
    pen.strokeText(words, 3, top + 3);
    pen.fillStyle = this.look.muted;
    pen.fillText(words, 3, top + 3);
  }

  axis(pen, edges, wide, high) {
    pen.font = `11px ${this.look.font}`;
    pen.fillStyle = this.look.muted;
    pen.textBaseline = "bottom";
    let free = 0;
    const { times } = this.film.data;
    for (let i = 0; i < times.length; i++) {
      const half = pen.measureText(times[i]).width / 2;
      const middle = Math.max(half, Math.min(wide - half, (edges[i] + edges[i + 1]) / 2));
      if (middle - half < free) continue;
      pen.textAlign = "center";
      pen.fillText(times[i], middle, high);
      free = middle + half + 26;
    }
  }
}

function shortened(pen, words, wide) {
  let shown = words;
  while (shown && pen.measureText(shown).width > wide) shown = `${shown.replace("…", "").slice(0, -1)}…`.replace(/^…$/, "");
  return shown;
}
