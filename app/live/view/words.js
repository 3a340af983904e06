// A text with the fate of each word. Words are laid out once; a frame changes only colours and backgrounds, and only of
// what is in sight (the rest when it is scrolled to), so that a long text is no slower than a short one.

const NOTHING = 255;
const PACE_MS = 200; // a word at the pace of a quick reader
const LONGEST_MS = 30000; // to play the longest text
const EFFORT = { skim: 0.4, jumped: 0.06, "dropped-1": 0.3, unread: 0, beyond: 0 }; // against a word that is read
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const SVG = "http://www.w3.org/2000/svg";

class Reading {
  constructor(stage) {
    this.box = stage.querySelector(".sc-words");
    this.flow = stage.querySelector(".sc-flow");
    this.marks = stage.querySelector(".sc-marks");
    this.tip = stage.querySelector(".sc-reading .sc-tip");
    this.words = [];
    this.at = 0;
    this.box.addEventListener("scroll", () => {
      this.scrolled = this.box.scrollTop;
      this.paint();
    });
    this.box.addEventListener("pointermove", (event) => this.point(event.target.word));
    this.box.addEventListener("pointerleave", () => this.point());
    this.box.addEventListener("blur", () => this.point());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.resized = new ResizeObserver(() => {
      this.places = null;
      this.paint();
    });
    this.resized.observe(this.box);
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
    const [cuts, strange, ...planes] = await Promise.all(
      [data.cuts, data.strange, ...modes.map(([, mode]) => mode.planes)].map(unpacked),
    );
    if (this.wanted !== data) return; // newer data have come
    const same = this.data?.text === data.text && this.data.cuts === data.cuts;
    this.data = data;
    this.modes = Object.fromEntries(modes.map(([name, mode], i) => [name, { ...mode, bytes: planes[i] }]));
    this.strange = strange;
    this.classes = data.states.map((state) => `dv-${state}`);
    this.box.setAttribute("aria-label", data.label);
    if (!same) this.build(new Uint32Array(cuts.buffer));
    this.painted = new Uint8Array(this.words.length).fill(NOTHING);
    this.mark = null;
    if (this.asked) this.show(...this.asked);
    this.fence();
  }

  build(cuts) {
    const { text } = this.data;
    const parts = document.createDocumentFragment();
    this.words = [];
    let at = 0;
    for (let i = 0; i < cuts.length; i += 2) {
      const start = at + cuts[i];
      const end = start + cuts[i + 1];
      if (start > at) parts.append(text.slice(at, start));
      const word = document.createElement("span");
      word.textContent = text.slice(start, end);
      word.word = this.words.length;
      this.words.push(word);
      parts.append(word);
      at = end;
    }
    this.tail = document.createElement("span");
    this.tail.textContent = text.slice(at);
    parts.append(this.tail);
    this.flow.replaceChildren(parts);
    this.places = null;
    this.box.scrollTop = 0;
    this.point();
  }

  // Where the network's reach ends, in so many words.
  fence() {
    this.flow.querySelector(".sc-fence")?.remove();
    this.places = null;
    const { beyond, tell } = this.data;
    this.tail.className = beyond >= 0 ? "dv-beyond" : "";
    if (beyond < 0) return;
    const states = this.frame(0);
    const first = states ? states.indexOf(this.data.states.indexOf("beyond")) : -1;
    const line = document.createElement("span");
    line.className = "sc-fence";
    line.textContent = tell.beyond;
    this.flow.insertBefore(line, first >= 0 ? this.words[first] : this.tail);
    this.places = null;
    this.paint();
  }

  // One plane of the frame that is shown: 0 states, 1 scores, 2 labels, 3 how sure.
  frame(plane) {
    const mode = this.modes?.[this.mode];
    if (!mode) return null;
    const count = this.words.length;
    const frames = mode.stops.length;
    const from = (plane * frames + this.at) * count;
    return mode.bytes.subarray(from, from + count);
  }

  show(mode, at) {
    this.asked = [mode, at];
    if (!this.modes?.[mode]) return;
    [this.mode, this.at] = this.asked;
    this.states = this.frame(0);
    this.paint();
    if (!this.tip.hidden) this.point(this.here);
  }

  paint() {
    if (!this.states || !this.words.length || !this.measure()) return;
    const [from, to] = this.sight();
    this.fill(from, to);
    this.draw(from, to);
  }

  // Where every word stands. Its state changes colours only, so this holds until the box or the text changes: a step
  // then asks for no layout, which would be done anew for every word of a long text.
  measure() {
    if (this.places) return this.places;
    const home = this.marks.getBoundingClientRect();
    this.places = this.words.map((word) => {
      const rects = word.getClientRects();
      const place = ({ left, right, top, bottom }) => ({ left: left - home.left, right: right - home.left, top: top - home.top, bottom: bottom - home.top });
      return rects.length ? { at: word.offsetTop, first: place(rects[0]), last: place(rects[rects.length - 1]) } : null;
    });
    if (this.places.includes(null)) this.places = null; // not laid out yet
    this.wide = this.flow.clientWidth;
    this.high = this.box.clientHeight;
    this.scrolled = this.box.scrollTop;
    return this.places;
  }

  // The words in sight and a little around them: lines stand in order, so halving finds them.
  sight() {
    const top = this.scrolled - 200;
    const bottom = top + this.high + 400;
    const first = (place) => {
      let [low, high] = [0, this.words.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.places[middle].at < place) low = middle + 1;
        else high = middle;
      }
      return low;
    };
    return [Math.max(0, first(top) - 1), first(bottom)];
  }

  fill(from, to) {
    const { words, painted, states, classes, strange, playing } = this;
    const unread = this.data.states.indexOf("unread");
    const beyond = this.data.states.indexOf("beyond");
    for (let i = from; i < to; i++) {
      const state = playing !== undefined && i > playing && states[i] !== beyond ? unread : states[i];
      const key = state | (i === playing ? 128 : 0);
      if (painted[i] === key) continue;
      painted[i] = key;
      words[i].className = classes[state] + (strange[i] ? " dv-strange" : "") + (i === playing ? " sc-here" : "");
    }
  }

  // The stop and the jumps lie over the text, so that they move nothing.
  draw(from, to) {
    const { jumps, stops } = this.modes[this.mode];
    const stop = stops[this.at];
    const near = jumps[this.at].filter(([a, b]) => b >= from && a < to);
    const key = `${this.mode} ${this.at} ${this.playing} ${near.length ? `${from} ${to}` : ""} ${this.wide}`;
    if (key === this.mark) return;
    this.mark = key;
    const box = (i, last) => this.places[Math.min(i, this.words.length - 1)][last ? "last" : "first"];
    const backwards = (i) => RIGHT_TO_LEFT.test(this.words[i].textContent);
    const shapes = [];
    for (const [a, b] of near) {
      if (this.playing !== undefined && a > this.playing) continue;
      const [start, end] = [box(a, true), b < this.words.length ? box(b, false) : { ...box(b, true), out: true }];
      const turned = backwards(a);
      const x0 = turned ? start.left : start.right;
      const x1 = end.out === turned ? end.right : end.left;
      shapes.push(...arcs(x0, start.top, x1, end.top, this.wide, turned));
    }
    if (stop >= 0 && (this.playing === undefined || stop <= this.playing)) {
      const word = box(stop, true);
      shapes.push(make("rect", { x: backwards(stop) ? word.left - 5 : word.right + 1, y: word.top, width: 4, height: word.bottom - word.top, rx: 1 }));
    }
    this.marks.replaceChildren(...shapes);
  }

  // What happened to a word, and why.
  point(i) {
    this.here = i;
    this.tip.hidden = i === undefined || !this.states || !this.box.clientHeight;
    if (this.tip.hidden) return;
    const { tell, says, labels, states } = this.data;
    const [score, label, sure] = [1, 2, 3].map((plane) => this.frame(plane)[i]);
    const limit = this.modes[this.mode].limits[this.at];
    const lines = [says[this.states[i]]];
    const ran = !["unread", "beyond", "jumped"].includes(states[this.states[i]]);
    if (score !== NOTHING && ran && score !== sure) lines.push(tell.score.replace("{score}", score));
    if (label !== NOTHING && ran) lines.push(tell.sofar.replace("{label}", labels[label] ?? label).replace("{sure}", sure));
    if (limit >= 0 && ran) lines.push(tell.limit.replace("{limit}", limit));
    if (this.strange[i]) lines.push(tell.strange);
    const head = document.createElement("b");
    head.textContent = this.words[i].textContent;
    this.tip.replaceChildren(head, ...lines.map((line) => Object.assign(document.createElement("span"), { textContent: line })));
    const word = this.words[i].getClientRects()[0];
    const home = this.tip.parentElement.getBoundingClientRect();
    const wide = this.tip.offsetWidth;
    this.tip.style.left = `${Math.max(0, Math.min(word.left - home.left, home.width - wide))}px`;
    const below = word.bottom - home.top + 6;
    const fits = word.bottom + this.tip.offsetHeight + 12 < window.innerHeight;
    this.tip.style.top = `${fits ? below : word.top - home.top - this.tip.offsetHeight - 6}px`;
  }

  key(event) {
    const steps = { ArrowRight: 1, ArrowLeft: -1 };
    if (event.key === "Escape") this.point();
    else if (event.key in steps) {
      const next = this.here === undefined ? 0 : this.here + steps[event.key];
      const to = Math.max(0, Math.min(this.words.length - 1, next));
      this.words[to].scrollIntoView({ block: "nearest" });
      this.point(to);
      event.preventDefault();
    }
  }

  play(tellAnswer, done) {
    const effort = this.data.states.map((state) => EFFORT[state] ?? 1);
    const ends = new Float64Array(this.words.length);
    let total = 0;
    for (let i = 0; i < ends.length; i++) ends[i] = total += effort[this.states[i]];
    const last = this.lastRead();
    const pace = Math.min(PACE_MS, LONGEST_MS / Math.max(1, ends[last] ?? 0));
    const [labels, sure] = [this.frame(2), this.frame(3)];
    const begun = performance.now();
    this.point();
    this.playing = 0;
    const step = () => {
      const spent = (performance.now() - begun) / pace;
      while (this.playing < last && ends[this.playing] < spent) this.playing += 1;
      const word = this.words[this.playing];
      const place = word.offsetTop - this.box.scrollTop;
      if (place < 0 || place > this.box.clientHeight - 60) this.box.scrollTop = word.offsetTop - this.box.clientHeight / 3;
      this.paint();
      const label = labels[this.playing];
      tellAnswer(label === NOTHING ? "" : (this.data.labels[label] ?? ""), sure[this.playing]);
      if (this.playing >= last && spent > ends[last]) return done();
      this.ticking = requestAnimationFrame(step);
    };
    step();
  }

  lastRead() {
    const idle = ["unread", "beyond"].map((name) => this.data.states.indexOf(name));
    let last = this.words.length - 1;
    while (last > 0 && idle.includes(this.states[last])) last -= 1;
    return last;
  }

  stop() {
    cancelAnimationFrame(this.ticking);
    if (this.playing === undefined) return;
    this.playing = undefined;
    this.mark = null;
    this.paint();
  }
}

// An arc above what is jumped over; from line to line it leaves at the side and comes in at the other.
function arcs(x0, y0, x1, y1, wide, turned) {
  const arc = (a, b, y) => {
    const high = Math.min(14, 5 + Math.abs(b - a) * 0.12);
    return make("path", { d: `M${a} ${y + 3}C${a + (b - a) * 0.2} ${y - high} ${b - (b - a) * 0.2} ${y - high} ${b} ${y + 3}` });
  };
  const head = (x, y) => make("path", { d: `M${x + (turned ? 5 : -5)} ${y - 1}L${x} ${y + 4}L${x + (turned ? 6 : -6)} ${y + 5}` });
  if (Math.abs(y0 - y1) < 5) return [arc(x0, x1, y0), head(x1, y0)];
  return [arc(x0, turned ? 0 : wide, y0), arc(turned ? wide : 0, x1, y1), head(x1, y1)];
}

function make(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  return element;
}

async function unpacked(words) {
  const packed = Uint8Array.from(atob(words), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
