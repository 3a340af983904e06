// A video: one of its candidate frames large, and under it all of them in order of time, each by what happened to it.
// The frames are sent once; an operating point is a few numbers a frame. Scrubbing and playing ask nobody.

const STEP_MS = 800; // of a frame, when what it looked at is gone through in the order of looking
const FILM_MS = 14000; // a video is played in its own time, but no longer than this

class Film extends Flow {
  // screen: where one frame is shown large, with what lies over it.
  constructor(box, screen) {
    super(box, box.querySelector(".sc-frames"));
    this.screen = screen;
    this.image = screen.querySelector("img");
    this.laid = screen.querySelector(".sc-overlay");
    this.told = box.querySelector(".sc-moment");
    this.canvas = box.querySelector(".sc-frames");
    this.button = box.querySelector(".sc-roll");
    this.paper = new Paper(this.canvas);
    this.timeline = new Timeline(this);
    this.pictures = [];
    this.here = 0;
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("pointerdown", (event) => this.grab(event));
    this.button.addEventListener("click", () => this.roll());
  }

  async load(data) {
    if (!data || this.wanted === data) return;
    this.wanted = data;
    const same = this.sent === data.key && this.pictures.length === data.src.length;
    this.data = data;
    this.screen.style.setProperty("--ratio", data.ratio);
    this.canvas.setAttribute("aria-label", data.label);
    this.canvas.setAttribute("aria-valuemin", 1);
    this.canvas.setAttribute("aria-valuemax", data.times.length);
    this.rollLabel(false);
    if (!same) {
      this.sent = data.key;
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
    this.paper.dress();
    this.paint();
  }

  paint() {
    this.timeline.paint();
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
    this.box.querySelector(".sc-spent").textContent = [point.spent, point.whole].filter(Boolean).join(" ");
    this.paint();
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
      element("b", "", data.times[here]),
      document.createTextNode(` ${words}`),
    );
    this.canvas.setAttribute("aria-valuenow", here + 1);
    this.canvas.setAttribute("aria-valuetext", `${data.times[here]}: ${words}`);
    this.paint();
  }

  words(frame) {
    const { tell, labels } = this.data;
    const { point } = this;
    const price = this.data.costs[point.cost[frame]][2];
    if (!(point.turn[frame] > 0)) return point.glanced[frame] ? tell.glanced.replace("{price}", price) : tell.skipped;
    const parts = [tell.looked.replace("{turn}", point.turn[frame]).replace("{all}", this.order.length)];
    if (point.side[frame]) parts.push(tell.side.replace("{side}", point.side[frame]));
    const said = this.answer(frame);
    if (said) parts.push(tell.then.replace("{label}", said[0]).replace("{sure}", said[1]));
    if (price) parts.push(tell.price.replace("{price}", price));
    return parts.join(" · ");
  }

  answer(frame) {
    const label = this.point.label[frame];
    return label >= 0 ? [this.data.labels[label], this.point.sure[frame]] : null;
  }

  outline(boxes) {
    if (!boxes.length) return;
    const { width, height } = this.data;
    const unit = Math.max(width, height) / 100;
    const drawn = boxes.flatMap(([x, y, x1, y1]) =>
      [["dv-box-under", unit * 1.1], ["dv-box", unit * 0.6]].map(([name, stroke]) =>
        shape("rect", { x, y, width: x1 - x, height: y1 - y, fill: "none", "stroke-width": stroke, class: name }),
      ),
    );
    this.laid.append(shape("svg", { viewBox: `0 0 ${width} ${height}`, class: "dv-overlay" }, ...drawn));
  }

  later() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.paint();
    });
  }

  // --- hands and keys

  grab(event) {
    if (!this.point || event.button !== 0) return;
    this.halt();
    const go = (e) => this.go(this.timeline.frameAt(e));
    go(event);
    drag(this.canvas, event, go);
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
