// A recording with what happened at each of its steps. The samples are sent once; a frame is a byte a step.
// Zooming and moving ask nobody.

const PLAY_MS = 8000; // a recording takes its own time to play, but no longer than this
const SKIPPED = 0.12; // of the time of a step that is processed

class Signal extends Steps {
  constructor(box) {
    super(box, box.querySelector(".sc-plot"), ["samples", "edges"]);
    this.canvas = box.querySelector(".sc-plot");
    this.range = box.querySelector(".sc-zoom input");
    this.whole = box.querySelector(".sc-zoom button");
    this.sight = new Sight();
    this.paper = new Paper(this.canvas);
    this.drawing = new SeriesDrawing(this);
    this.canvas.addEventListener("pointerdown", (event) => this.grab(event));
    this.canvas.addEventListener("pointermove", (event) => !this.held && this.point(this.stepUnder(event)));
    this.canvas.addEventListener("pointerleave", () => this.point());
    this.canvas.addEventListener("blur", () => this.point());
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.range.addEventListener("input", () => this.zoomTo(this.range.value / 100));
    this.whole.addEventListener("click", () => this.zoomTo(0));
  }

  async unpackMode(mode) {
    return { ...(await super.unpackMode(mode)), shares: await unpacked(mode.line) };
  }

  take([samples, edges], before) {
    const { data } = this;
    this.samples = new Uint16Array(samples.buffer);
    this.sight.take(data, new Uint32Array(edges.buffer));
    this.box.querySelector(".sc-zoom label").textContent = data.zoom.label;
    this.range.setAttribute("aria-label", data.zoom.label);
    this.range.title = data.zoom.keys;
    this.box.querySelector(".dv-note").textContent = Object.values(this.modes).some(hasLine) ? data.line : "";
    this.whole.textContent = data.zoom.whole;
    this.canvas.setAttribute("aria-label", data.label);
    if (before?.samples !== data.samples) {
      this.zoomTo(0);
      this.point();
    }
    this.dress();
  }

  dress() {
    this.paper.dress();
    this.paint();
  }

  get count() {
    return this.sight.steps;
  }

  get shares() {
    return this.modes[this.mode].shares.subarray(this.at * this.count, (this.at + 1) * this.count);
  }

  paint() {
    this.drawing.paint();
  }

  // --- what is in sight

  zoomTo(zoom, about = 0.5) {
    if (!this.data) return;
    this.sight.zoomTo(zoom, about);
    this.moved();
  }

  moveTo(from) {
    this.sight.moveTo(from);
    this.moved();
  }

  moved() {
    const { zoom } = this.sight;
    this.range.value = Math.round(zoom * 100);
    this.whole.disabled = zoom === 0;
    this.canvas.classList.toggle("sc-zoomed", zoom > 0);
    this.paint();
  }

  sampleUnder(event) {
    return this.sight.sampleAt(event.clientX - this.canvas.getBoundingClientRect().left);
  }

  stepUnder(event) {
    if (!this.data) return undefined;
    const step = this.sight.stepOf(this.sampleUnder(event));
    return step >= 0 && step < this.count ? step : undefined;
  }

  // --- hands and keys

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return; // without a key the wheel moves the page
    event.preventDefault();
    const about = (this.sampleUnder(event) - this.sight.from) / this.sight.length;
    this.zoomTo(this.sight.zoom - event.deltaY / 600, Math.max(0, Math.min(1, about)));
  }

  grab(event) {
    const { from, length, room, zoom } = this.sight;
    if (!this.data || zoom === 0 || event.button !== 0) return;
    this.held = true;
    this.point();
    const move = (e) => this.moveTo(from - (e.clientX - event.clientX) * (length / room));
    drag(this.canvas, event, move, () => (this.held = false));
  }

  key(event) {
    const steps = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10 };
    const zooms = { "+": 0.15, "=": 0.15, "-": -0.15 };
    const { sight } = this;
    if (event.ctrlKey || event.metaKey || !this.data) return;
    if (event.key === "Escape") this.point();
    else if (event.key === "0") this.zoomTo(0);
    else if (event.key in zooms) this.zoomTo(sight.zoom + zooms[event.key]);
    else if (event.key in steps) {
      const next = this.here === undefined ? sight.stepOf(sight.from) : this.here + steps[event.key];
      const to = Math.max(0, Math.min(this.count - 1, next));
      if (!sight.holds(to)) this.moveTo(sight.edges[to] - sight.length / 2);
      this.point(to);
    } else return;
    event.preventDefault();
  }

  ran(step) {
    return this.data.ran.includes(this.states[step]);
  }

  scored(step) {
    return this.nameOf(step) !== "unread";
  }

  point(step) {
    if (this.playing !== undefined) step = undefined;
    const moved = this.here !== step;
    this.here = step;
    this.tip.hidden = step === undefined || !this.states;
    if (moved) this.paint();
    if (this.tip.hidden) return;
    const { tell, rate, timed } = this.data;
    const at = timed ? `${(this.sight.edges[step] / rate).toFixed(2)} s` : `${step + 1}`;
    this.tell(tell.at.replace("{step}", step + 1).replace("{at}", at), this.reasons(step));
    const middle = this.sight.middleOf(step);
    const [wide, room] = [this.tip.offsetWidth, this.paper.wide];
    this.tip.style.left = `${Math.max(0, Math.min(room - wide, middle < room / 2 ? middle + 14 : middle - wide - 14))}px`;
    this.tip.style.top = "2em";
  }

  // --- in motion

  effort(step) {
    return this.ran(step) ? 1 : SKIPPED;
  }

  lastRead() {
    return this.stopped >= 0 ? this.stopped : this.count - 1;
  }

  // Of a processed step, ms.
  pace() {
    const { timed, count, rate } = this.data;
    return Math.min(timed ? (1000 * count) / rate : PLAY_MS, PLAY_MS) / this.count;
  }

  follow(step) {
    if (this.sight.holds(step)) this.paint();
    else this.moveTo(this.sight.edges[step] - this.sight.length * 0.2);
  }
}
