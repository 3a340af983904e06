// A text with what happened to each word. Words are laid out once; a frame changes only colours and backgrounds, and
// only of what is in sight (the rest when it is scrolled to), so that a long text is no slower than a short one.

const PACE_MS = 200; // a word at the pace of a quick reader
const LONGEST_MS = 30000; // to play the longest text
const EFFORT = { skim: 0.4, jumped: 0.06, "dropped-1": 0.3, unread: 0, beyond: 0 }; // against a word that is read
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

class Reading extends Steps {
  constructor(box) {
    super(box, box.querySelector(".sc-words"), ["cuts", "strange"]);
    this.page = box.querySelector(".sc-words");
    this.flow = box.querySelector(".sc-flow");
    this.marks = box.querySelector(".sc-marks");
    this.words = [];
    this.at = 0;
    this.page.addEventListener("scroll", () => {
      this.scrolled = this.page.scrollTop;
      this.paint();
    });
    this.page.addEventListener("pointermove", (event) => this.point(event.target.word));
    this.page.addEventListener("pointerleave", () => this.point());
    this.page.addEventListener("blur", () => this.point());
    this.page.addEventListener("keydown", (event) => this.key(event));
  }

  fit() {
    this.places = null;
    this.paint();
  }

  take([cuts, strange], before) {
    const { data } = this;
    this.strange = strange;
    this.classes = data.states.map((state) => `dv-${state}`);
    this.page.setAttribute("aria-label", data.label);
    if (before?.text !== data.text || before.cuts !== data.cuts) this.build(new Uint32Array(cuts.buffer));
    this.painted = new Uint8Array(this.words.length).fill(NOTHING);
    this.mark = null;
  }

  get count() {
    return this.words.length;
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
      const word = element("span", "", text.slice(start, end));
      word.word = this.words.length;
      this.words.push(word);
      parts.append(word);
      at = end;
    }
    this.tail = element("span", "", text.slice(at));
    parts.append(this.tail);
    this.flow.replaceChildren(parts);
    this.places = null;
    this.page.scrollTop = 0;
    this.point();
  }

  // Where the network's reach ends, in so many words.
  taken() {
    this.flow.querySelector(".sc-fence")?.remove();
    this.places = null;
    const { beyond, tell } = this.data;
    this.tail.className = beyond >= 0 ? "dv-beyond" : "";
    if (beyond < 0) return;
    const states = this.frame(0);
    const first = states ? states.indexOf(this.data.states.indexOf("beyond")) : -1;
    const line = element("span", "sc-fence", tell.beyond);
    this.flow.insertBefore(line, first >= 0 ? this.words[first] : this.tail);
    this.places = null;
    this.paint();
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
    this.high = this.page.clientHeight;
    this.scrolled = this.page.scrollTop;
    return this.places;
  }

  // The words in sight and a little around them: lines stand in order, so halving finds them.
  sight() {
    const top = this.scrolled - 200;
    const bottom = top + this.high + 400;
    const first = (place) => firstPlace(this.words.length, (i) => this.places[i].at >= place);
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
    const { jumps } = this.modes[this.mode];
    const stop = this.stopped;
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
      shapes.push(shape("rect", { x: backwards(stop) ? word.left - 5 : word.right + 1, y: word.top, width: 4, height: word.bottom - word.top, rx: 1 }));
    }
    this.marks.replaceChildren(...shapes);
  }

  ran(word) {
    return !["unread", "beyond", "jumped"].includes(this.nameOf(word));
  }

  scored(word) {
    return this.ran(word);
  }

  point(i) {
    this.here = i;
    this.tip.hidden = i === undefined || !this.states || !this.page.clientHeight;
    if (this.tip.hidden) return;
    const strange = this.strange[i] ? [this.data.tell.strange] : [];
    this.tell(this.words[i].textContent, [...this.reasons(i), ...strange]);
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

  effort(word) {
    return EFFORT[this.nameOf(word)] ?? 1;
  }

  pace(efforts) {
    return Math.min(PACE_MS, LONGEST_MS / Math.max(1, efforts));
  }

  follow(i) {
    const word = this.words[i];
    const place = word.offsetTop - this.page.scrollTop;
    if (place < 0 || place > this.page.clientHeight - 60) this.page.scrollTop = word.offsetTop - this.page.clientHeight / 3;
    this.paint();
  }

  lastRead() {
    const idle = ["unread", "beyond"].map((name) => this.data.states.indexOf(name));
    let last = this.words.length - 1;
    while (last > 0 && idle.includes(this.states[last])) last -= 1;
    return last;
  }
}

// An arc above what is jumped over; from line to line it leaves at the side and comes in at the other.
function arcs(x0, y0, x1, y1, wide, turned) {
  const arc = (a, b, y) => {
    const high = Math.min(14, 5 + Math.abs(b - a) * 0.12);
    return shape("path", { d: `M${a} ${y + 3}C${a + (b - a) * 0.2} ${y - high} ${b - (b - a) * 0.2} ${y - high} ${b} ${y + 3}` });
  };
  const head = (x, y) => shape("path", { d: `M${x + (turned ? 5 : -5)} ${y - 1}L${x} ${y + 4}L${x + (turned ? 6 : -6)} ${y + 5}` });
  if (Math.abs(y0 - y1) < 5) return [arc(x0, x1, y0), head(x1, y0)];
  return [arc(x0, turned ? 0 : wide, y0), arc(turned ? wide : 0, x1, y1), head(x1, y1)];
}
