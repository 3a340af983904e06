// What is gone through in time: what the views of a text, a recording and a video share.

const NOTHING = 255; // a byte that has no number in it; Python counts with it
const COLOURS = ["ink", "muted", "line", "edge", "spent", "on-spent", "stripe", "tick", "card", "font"];

class Flow {
  // sized: what is drawn anew when its size changes.
  constructor(box, sized) {
    this.box = box;
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(sized);
  }

  close() {
    this.resized.disconnect();
    this.stop();
  }

  fit() {
    this.paint();
  }
}

// A text or a recording: a state for each of its steps and operating point, packed, a byte a step.
class Steps extends Flow {
  // packed: names of what else of the data is packed.
  constructor(box, sized, packed) {
    super(box, sized);
    this.packed = packed;
    this.tip = box.querySelector(".sc-tip");
  }

  // Unpacking takes a moment; what was asked for meanwhile is shown as soon as it is done.
  async load(data) {
    if (!data || this.wanted === data) return;
    this.wanted = data;
    this.modes = this.states = null; // until the new bytes are here nothing is asked of the old ones
    const [own, modes] = await Promise.all([
      Promise.all(this.packed.map((name) => unpacked(data[name]))),
      Promise.all(Object.entries(data.modes).map(async ([name, mode]) => [name, await this.unpackMode(mode)])),
    ]);
    if (this.wanted !== data) return; // newer data have come
    const before = this.data;
    this.data = data;
    this.modes = Object.fromEntries(modes);
    this.take(own, before);
    if (this.asked) this.show(...this.asked);
    this.taken();
  }

  async unpackMode(mode) {
    return { ...mode, bytes: await unpacked(mode.planes) };
  }

  taken() {}

  // One plane of the frame that is shown: 0 states, 1 scores, 2 labels, 3 how sure.
  frame(plane) {
    const mode = this.modes?.[this.mode];
    if (!mode) return null;
    const start = (plane * mode.stops.length + this.at) * this.count;
    return mode.bytes.subarray(start, start + this.count);
  }

  show(mode, at) {
    this.asked = [mode, at];
    if (!this.modes?.[mode]) return;
    [this.mode, this.at] = this.asked;
    this.states = this.frame(0);
    this.paint();
    if (!this.tip.hidden) this.point(this.here);
  }

  nameOf(step) {
    return this.data.states[this.states[step]];
  }

  // The place of the last step that was read where it stopped before the end, else -1.
  get stopped() {
    return this.modes[this.mode].stops[this.at];
  }

  // What happened to a step, and why, in lines.
  reasons(step) {
    const { tell, says, labels } = this.data;
    const [score, label, sure] = [1, 2, 3].map((plane) => this.frame(plane)[step]);
    const limit = this.modes[this.mode].limits[this.at];
    const lines = [says[this.states[step]]];
    const ran = this.ran(step);
    if (score !== NOTHING && score !== sure && this.scored(step)) lines.push(tell.score.replace("{score}", score));
    if (label !== NOTHING && ran) lines.push(tell.sofar.replace("{label}", labels[label] ?? label).replace("{sure}", sure));
    if (limit >= 0 && ran) lines.push(tell.limit.replace("{limit}", limit));
    return lines;
  }

  tell(head, lines) {
    this.tip.replaceChildren(element("b", "", head), ...lines.map((line) => element("span", "", line)));
  }

  // From the beginning on, as fast as it went; tellAnswer: of the answer that it had up to there.
  play(tellAnswer, done) {
    const ends = new Float64Array(this.count);
    let total = 0;
    for (let i = 0; i < ends.length; i++) ends[i] = total += this.effort(i);
    const last = this.lastRead();
    const pace = this.pace(ends[last] ?? 0);
    const [labels, sure] = [this.frame(2), this.frame(3)];
    const begun = performance.now();
    this.point();
    this.playing = 0;
    const step = () => {
      const spent = (performance.now() - begun) / pace;
      while (this.playing < last && ends[this.playing] < spent) this.playing += 1;
      this.follow(this.playing);
      const label = labels[this.playing];
      tellAnswer(label === NOTHING ? "" : (this.data.labels[label] ?? ""), sure[this.playing]);
      if (this.playing >= last && spent > ends[last]) return done();
      this.ticking = requestAnimationFrame(step);
    };
    step();
  }

  stop() {
    cancelAnimationFrame(this.ticking);
    if (this.playing === undefined) return;
    this.playing = undefined;
    this.paint();
  }
}

// A canvas in the theme's colours, at the screen's own density.
class Paper {
  constructor(canvas) {
    this.canvas = canvas;
  }

  // The colours of the theme, which may have changed.
  dress() {
    const style = getComputedStyle(this.canvas);
    this.look = Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--dv-${name}`).trim()]));
    this.hatch = hatch(this.look.stripe);
  }

  // An empty sheet to draw on; null where there is no room yet or no dress.
  pen() {
    const [wide, high] = [this.canvas.clientWidth, this.canvas.clientHeight];
    if (!wide || !this.look) return null;
    const dense = window.devicePixelRatio || 1;
    [this.wide, this.high] = [wide, high];
    [this.canvas.width, this.canvas.height] = [Math.round(wide * dense), Math.round(high * dense)];
    const pen = this.canvas.getContext("2d");
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    return pen;
  }
}

// The first place in 0 .. count at which ``holds``, which stays true from there on; count where it never does.
function firstPlace(count, holds) {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
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

// As Python packed it: zlib, then base64.
async function unpacked(words) {
  const packed = Uint8Array.from(atob(words), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
