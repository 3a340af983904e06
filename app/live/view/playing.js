// In motion: through the operating points, through the decisions of one, or through what flows in time.

const POINT_MS = 450;
const DECISION_MS = 900;
const LAST_MS = 500; // the answer after the last decision

class Playing {
  constructor(view) {
    this.view = view;
    this.button = view.find(".sc-play");
    this.button.addEventListener("click", () => this.decisions());
  }

  // Before: whether there is anything to be played at this kind of budget.
  offer() {
    const { flow, frames } = this.view;
    this.button.hidden = !flow && !frames.steps.some((step) => step.length > 1);
    this.label(false);
  }

  label(on) {
    const { text } = this.view.data;
    this.button.textContent = on ? text.stop : text.play;
  }

  // Space: through the operating points, once from the cheapest on.
  points() {
    if (this.on) return this.halt();
    const { view } = this;
    const last = view.frames.budgets.length - 1;
    if (view.at === last) view.show(0);
    this.begin(false);
    this.ticking = setInterval(() => (view.at < last ? view.show(view.at + 1) : this.halt()), POINT_MS);
  }

  // The button: through the decisions of this point, one after another, as the network took them.
  decisions() {
    if (this.on) return this.halt();
    const { view } = this;
    this.begin(true);
    if (view.flow) return this.flow();
    const steps = view.frames.steps[view.at];
    let done = 0;
    const act = () => {
      if (done === steps.length) return this.halt();
      done += 1;
      view.picks.acted(done);
      this.rows(done, steps.length);
      this.picture(done, steps.length);
      view.root.classList.toggle("sc-open", done < steps.length);
      const fill = view.find(".dv-bar > i");
      if (fill) fill.style.width = `${steps[done - 1] * 100}%`;
      this.acting = setTimeout(act, done === steps.length ? LAST_MS : DECISION_MS);
    };
    act();
  }

  // done: steps that have been taken, of count; what did not run comes after the last.
  rows(done, count) {
    const { view } = this;
    const { groups } = view.frames.acts[view.at];
    view.slots.decisions.querySelectorAll(".dv-group").forEach((group, g) => {
      if (group.querySelector(".dv-pick") && !group.querySelector(".dv-row")) return; // its parts take turns themselves
      const items = [...group.querySelectorAll(".dv-row, .dv-map")];
      items.forEach((item, i) => {
        // several decisions may share one item, as layers do that share a mask
        const at = groups[g]?.[Math.floor((i * groups[g].length) / items.length)] ?? 0;
        item.classList.toggle("sc-later", at > done && at <= count);
        item.classList.toggle("sc-rest", at > count && done < count);
      });
    });
  }

  // The same over the picture: the mask of the layer that has its turn, the regions looked at so far, all in the end.
  picture(done, count) {
    const { view } = this;
    const { groups, layers, regions } = view.frames.acts[view.at];
    const { slots, layers: choices } = view.frames;
    if (!slots.overlay) return;
    if (done === count) view.overlay(slots.overlay[view.at], "");
    else if (layers[done - 1] >= 0) {
      const [name] = choices[layers[done - 1] + 2]; // behind their mean and their sum
      view.overlay(slots.overlay[view.at], slots[`overlay ${name}`][view.at]);
    }
    for (const outline of view.find(".sc-overlay").querySelectorAll("[data-n]")) {
      outline.style.display = (groups[regions]?.[outline.dataset.n - 1] ?? 0) > done ? "none" : "";
    }
  }

  // A text or a recording from its beginning on; the answer is the one that it had up to there.
  flow() {
    const { view } = this;
    view.flow.play(
      (label, sure) => {
        const answer = view.find(".sc-answer strong");
        if (answer) answer.textContent = label ? `${label} ${sure} %` : "…";
        const how = view.find(".sc-answer span");
        if (how) how.textContent = view.flow.data.tell.now;
      },
      () => this.halt(),
    );
  }

  // acting: rows, bars and the answer are changed in place, and nothing else is to be touched meanwhile.
  begin(acting) {
    this.on = true;
    this.view.root.classList.toggle("sc-acting", acting);
    this.label(true);
  }

  // Ended by itself or by hand: where it came to rest is what was chosen.
  halt() {
    const acted = this.view.root.classList.contains("sc-acting");
    this.stop();
    if (!acted) this.view.release();
  }

  stop() {
    if (!this.on) return;
    clearInterval(this.ticking);
    clearTimeout(this.acting);
    this.view.flow?.stop();
    this.on = false;
    const { classList } = this.view.root;
    if (classList.contains("sc-acting")) {
      classList.remove("sc-acting", "sc-open");
      this.view.anew();
    }
    this.label(false);
  }
}
