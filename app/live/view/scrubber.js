// The scrubber: shows the frames of a finished sweep. Python sends the picture and every fragment once; a step swaps
// fragments here and asks nobody. What is released (the view) goes back to Python, which puts it into the address.

const LETTER_PX = 7.5; // of the thumb's words, on average, their padding included
const KEPT = 8; // pictures; Python counts with it
const sources = new Map(); // of the pictures that were sent, the latest last
const MARK_PX = 18; // half of a mark's words

export default function (component) {
  const root = component.parentElement.querySelector(".sc");
  const self = (root.scrubber ??= new Scrubber(root));
  self.commit = (view) => component.setStateValue("view", view);
  self.lost = (key) => component.setTriggerValue("lost", key);
  self.force = (asked) => component.setTriggerValue("forced", asked);
  self.load(component.data);
  return () => self.close();
}

class Scrubber {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.slots = Object.fromEntries([...root.querySelectorAll("[data-slot]")].map((e) => [e.dataset.slot, e]));
    this.slider = this.find(".sc-slider");
    this.whatif = this.find(".sc-whatif input");
    this.timers = {};
    this.picks = new Picks(this);
    this.playing = new Playing(this);
    this.modes = new Modes(this);
    this.link = new Link(this);
    this.slider.addEventListener("keydown", (event) => this.key(event));
    this.slider.addEventListener("pointerdown", (event) => this.grab(event));
    this.whatif.addEventListener("change", () => this.show(this.at));
    const stage = this.find(".sc-stage");
    for (const name of ["dragover", "dragleave", "drop"]) stage.addEventListener(name, (event) => this.dropped(event));
    this.layers = this.find(".sc-layers select");
    this.layers.addEventListener("change", () => this.show(this.at));
    this.places = new Places(this.find(".sc-frame"), this.find(".sc-look"));
    this.resized = new ResizeObserver(() => this.place());
    this.resized.observe(this.find(".sc-track"));
  }

  close() {
    this.resized.disconnect();
    this.picks.end();
    this.reading?.close();
    this.signal?.close();
    this.film?.close();
    this.places.close();
    this.playing.stop();
    Object.values(this.timers).forEach(clearTimeout);
  }

  // Whatever goes wrong says one sentence in place of the view, and the next data begin anew.
  guarded(act) {
    try {
      act();
    } catch (error) {
      console.warn("dynviz: the view could not be drawn", error);
      this.root.classList.add("sc-broken");
      this.find(".sc-failed").textContent = this.data?.text?.failed ?? "";
      this.find(".sc-failed").hidden = false;
      this.broken = true;
    }
  }

  load(data) {
    if (this.broken) {
      this.broken = false;
      this.data = null;
      this.root.classList.remove("sc-broken");
      this.find(".sc-failed").hidden = true;
    }
    this.guarded(() => this.take(data));
  }

  show(index) {
    this.guarded(() => this.draw(index));
  }

  // New data: another picture or network, the same one timed, or only another theme.
  take(data) {
    const fresh = this.data?.id !== data.id;
    const same = this.data === data;
    this.data = data;
    dress(this.root, data);
    if (same) return this.flow?.dress?.();
    this.nodes = new Map();
    this.shown = {};
    const { text, picture, reading, signal, film } = data;
    this.root.dataset.kind = data.kind;
    this.find(".sc-frame").hidden = !picture && !film;
    this.find(".sc-film").hidden = !film;
    this.find(".sc-reading").hidden = !reading;
    this.find(".sc-signal").hidden = !signal;
    this.find(".sc-caption").textContent = (picture ?? reading ?? signal ?? film).caption;
    if (picture) this.lay(picture);
    this.places.load(picture, text.place, fresh);
    this.find(".sc-decisions h3").textContent = text.decisions;
    this.find(".sc-top h3").textContent = text.top;
    this.find(".sc-whatif span").textContent = text.whatif;
    this.find(".sc-layers span").textContent = text.layers;
    this.link.load(data);
    this.find(".sc-chart").innerHTML = data.chart;
    this.find(".sc-curve").hidden = !data.chart;
    this.root.toggleAttribute("data-measuring", data.measuring);
    this.root.style.setProperty("--sc-measuring", JSON.stringify(text.measuring));
    this.slider.setAttribute("aria-label", text.slider);
    this.modes.load(data);
    this.picks.load(data);
    if (reading) this.reading ??= new Reading(this.find(".sc-reading"));
    if (signal) this.signal ??= new Signal(this.find(".sc-signal"));
    if (film) this.film ??= new Film(this.find(".sc-film"), this.find(".sc-picture"));
    this.flow = reading ? this.reading : signal ? this.signal : film ? this.film : null; // what is gone through in time
    if (film) this.find(".sc-film .dv-note").textContent = film.note;
    const flowing = film ? this.kept(film) : (reading ?? signal);
    this.flow?.load(flowing).catch((error) => this.guarded(() => { throw error; }));
    if (fresh) {
      this.playing.stop();
      this.picks.close();
      this.mode = data.start.mode;
      this.whatif.checked = false;
      this.at = nearest(data.modes[this.mode].budgets, data.start.budget);
    }
    if (!(this.mode in data.modes)) this.mode = Object.keys(data.modes)[0];
    this.at = Math.min(this.at, data.modes[this.mode].budgets.length - 1);
    this.enter(this.mode);
    this.root.dataset.view = data.id;
  }

  // A file that is dropped on what is looked at goes to the place where files are dropped.
  dropped(event) {
    const stage = this.find(".sc-stage");
    const box = document.querySelector('[data-testid="stFileUploaderDropzoneInput"]');
    if (!box || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    stage.classList.toggle("sc-over", event.type === "dragover");
    if (event.type !== "drop") return;
    const files = new DataTransfer();
    for (const file of [...event.dataTransfer.files].slice(0, box.multiple ? undefined : 1)) files.items.add(file);
    box.files = files.files;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // What is large is sent once: the same with what was kept of it.
  kept(data) {
    const source = data.src?.length ? data.src : sources.get(data.key);
    if (!source) return void this.lost(data.key); // it is sent once more
    sources.delete(data.key);
    sources.set(data.key, source);
    if (sources.size > KEPT) sources.delete(sources.keys().next().value);
    return { ...data, src: source };
  }

  lay(picture) {
    const image = this.find("img");
    const source = this.kept(picture)?.src;
    if (!source) return;
    if (image.getAttribute("src") !== source) image.src = source;
    image.alt = picture.alt;
    this.find(".sc-picture").style.setProperty("--ratio", picture.ratio);
  }

  // Another kind of budget, as near as it comes.
  choose(name) {
    const budget = this.frames.budgets[this.at];
    this.playing.stop();
    this.at = nearest(this.data.modes[name].budgets, budget);
    this.enter(name);
    this.release();
  }

  enter(name) {
    this.mode = name;
    this.frames = this.data.modes[name];
    const single = this.frames.budgets.length < 2;
    this.slider.hidden = single;
    this.slider.setAttribute("aria-valuemin", 0);
    this.slider.setAttribute("aria-valuemax", this.frames.budgets.length - 1);
    this.find(".sc-curve h3").textContent = single ? this.data.text.single : this.data.text.curve;
    this.find(".sc-whatif").hidden = !this.frames.slots.whatif;
    this.layerChoices();
    this.find(".sc-decisions").hidden = !this.frames.slots.decisions;
    this.modes.check(name);
    this.root.dataset.mode = name;
    this.playing.offer();
    this.show(this.at);
    this.place();
  }

  // One step: everything that depends on the operating point. This is the code that must stay under 33 ms.
  draw(index) {
    this.at = index;
    const wide = this.slider.clientWidth; // read before anything is written, so that nothing is laid out twice
    const { slots, stands, says, words, marks } = this.frames;
    for (const name in this.slots) {
      const fragment = slots[name]?.[index] ?? -1;
      const key = name === "decisions" && this.whatif.checked ? `${fragment}+${slots.whatif[index]}` : fragment;
      if (this.shown[name] === key) continue;
      this.shown[name] = key;
      this.slots[name].replaceChildren(...this.node(name, key, fragment));
    }
    this.picks.follow(index);
    if (this.flow) this.flow.show(this.mode, index);
    else this.overlay(slots.overlay[index], this.layers.value && slots[`overlay ${this.layers.value}`][index]);
    if (slots.places) this.places.show(this.html(slots.places[index]));
    const thumb = this.slider.firstElementChild;
    const percent = stands[index] * 100;
    thumb.style.left = `${percent}%`;
    thumb.style.setProperty("--shift", `${-percent}%`); // its words never hang over an end of the bar
    thumb.dataset.words = words[index];
    this.clear(percent / 100, wide, words[index].length * LETTER_PX);
    this.slider.setAttribute("aria-valuenow", index);
    this.slider.setAttribute("aria-valuetext", says[index]);
    this.mark(marks?.[index]);
    this.later("say", 350, () => (this.find(".sc-live").textContent = says[index]));
  }

  // Hide the marks of the scale that the thumb's words would half cover.
  clear(share, wide, words) {
    const from = share * (wide - words);
    for (const mark of this.slots.account.querySelectorAll(".dv-scale > i:not(:first-child, :last-child)")) {
      const at = (parseFloat(mark.style.left) / 100) * wide;
      mark.style.visibility = at + MARK_PX > from && at - MARK_PX < from + words ? "hidden" : "";
    }
  }

  // Once what was drawn was changed in place.
  anew() {
    this.nodes = new Map();
    this.shown = {};
    this.show(this.at);
  }

  html(place) {
    return fragmentHtml(this.data, place);
  }

  // The nodes of a fragment, parsed when first shown; a key with a plus has the rows of a second fragment in it.
  node(name, key, fragment) {
    const known = this.nodes.get(`${name} ${key}`);
    if (known) return known;
    const holder = document.createElement("div");
    holder.innerHTML = fragment < 0 ? "" : this.html(fragment);
    if (typeof key === "string") {
      const others = document.createElement("ol");
      others.innerHTML = this.html(Number(key.split("+")[1]));
      const idle = [...holder.querySelectorAll(".dv-row.dv-off")];
      [...others.children].forEach((row, i) => idle[i]?.replaceWith(row));
    }
    if (name === "decisions") this.picks.dress(holder);
    this.nodes.set(`${name} ${key}`, [...holder.childNodes]);
    return [...holder.childNodes];
  }

  // Which layers' decisions lie over the picture; what was chosen stays chosen where it still exists.
  layerChoices() {
    const { layers } = this.frames;
    const before = this.layers.value;
    this.find(".sc-layers").hidden = !layers.length;
    this.layers.replaceChildren(...layers.map(([value, words]) => new Option(words, value)));
    this.layers.value = layers.some(([value]) => value === before) ? before : "";
  }

  // usual: the overlay of all layers; other: that of some, a whole one or only its image.
  overlay(usual, other) {
    const key = `${usual} ${other}`;
    if (this.shown.overlay === key) return;
    this.shown.overlay = key;
    const laid = this.find(".sc-overlay");
    const own = other === "" ? "" : this.html(other);
    const image = own.startsWith("data:");
    laid.innerHTML = own && !image ? own : this.html(usual);
    if (image) laid.querySelector("image").setAttribute("href", own);
  }

  // The point on the curve; without a place on it (a cap is no point of the curve) it is hidden.
  mark(place) {
    const marker = this.find(".dv-marker");
    if (!marker) return;
    marker.style.display = place ? "" : "none";
    this.find(".dv-marker-label").textContent = place ? place[2] : "";
    if (place) marker.style.transform = `translate(${place[0]}px, ${place[1]}px)`;
  }

  // The slider lies over the account's bar, wherever the account puts it.
  place() {
    const bar = this.find(".dv-bar");
    if (!bar) return;
    const track = this.find(".sc-track").getBoundingClientRect();
    const box = bar.getBoundingClientRect();
    this.slider.style.top = `${box.top - track.top - 6}px`;
    this.slider.style.height = `${box.height + 12}px`;
  }

  key(event) {
    const last = this.frames.budgets.length - 1;
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5, Home: -last, End: last };
    if (event.key === " ") this.playing.points();
    else if (event.key in steps) {
      this.playing.stop();
      this.show(Math.max(0, Math.min(last, this.at + steps[event.key])));
      this.later("commit", 300, () => this.release());
    } else return;
    event.preventDefault();
  }

  grab(event) {
    this.playing.stop();
    const move = (e) => {
      const box = this.slider.getBoundingClientRect();
      const to = nearest(this.frames.stands, (e.clientX - box.left) / box.width);
      if (to !== this.at) this.show(to);
    };
    drag(this.slider, event, move, () => this.release());
    move(event);
  }

  release() {
    this.commit({ mode: this.mode, budget: this.frames.budgets[this.at] });
  }

  later(name, ms, action) {
    clearTimeout(this.timers[name]);
    this.timers[name] = setTimeout(action, ms);
  }
}

function nearest(values, wanted) {
  return values.reduce((best, v, i) => (Math.abs(v - wanted) < Math.abs(values[best] - wanted) ? i : best), 0);
}
