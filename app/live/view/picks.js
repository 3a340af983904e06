// Picking a part of the decisions: what it costs, its score, how often it is used; and taking that decision by hand.

class Picks {
  constructor(view) {
    this.view = view;
    this.slot = view.slots.decisions;
    this.box = view.find(".sc-pick");
    this.open = null; // the key of what is told of
    this.slot.addEventListener("click", (event) => this.tell(event.target.closest(".dv-pick")));
    this.slot.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("keydown", (event) => event.key === "Escape" && this.close(true));
    this.find(".sc-close").addEventListener("click", () => this.close(true));
    this.find(".sc-turn").addEventListener("click", () => this.turn());
    view.find(".sc-reset").addEventListener("click", () => this.send({}));
    this.away = (event) => {
      const inside = event.composedPath().some((element) => element === this.box || element === this.slot);
      if (this.open && !inside) this.close();
    };
    document.addEventListener("pointerdown", this.away);
  }

  end() {
    document.removeEventListener("pointerdown", this.away);
  }

  find(selector) {
    return this.box.querySelector(selector);
  }

  // New data: words, and whether anything is decided by hand.
  load(data) {
    const { text } = data;
    const hand = Object.keys(data.forced ?? {}).length > 0;
    this.waits = false;
    this.view.find(".sc-hint").textContent = data.forced ? text["pick.hint"] : text["pick.hint.plain"];
    this.view.find(".sc-hint").hidden = hand;
    this.view.find(".sc-hand").hidden = !hand;
    this.view.find(".sc-reset").textContent = text["hand.reset"];
    this.view.find(".sc-longest").hidden = !text["hand.longest"];
    this.view.find(".sc-longest span").textContent = text["hand.longest"] ?? "";
    this.view.find(".sc-longest b").textContent = text["hand.reset"];
    this.view.find(".sc-load").textContent = text["pick.use.load"];
    this.find(".sc-close").setAttribute("aria-label", text["pick.close"]);
    this.view.root.toggleAttribute("data-hand", hand);
  }

  // The nodes of a fragment, once, when they are first shown.
  dress(holder) {
    holder.querySelectorAll(".dv-pick").forEach((pick, i) => {
      pick.setAttribute("role", "button");
      pick.setAttribute("tabindex", i ? "-1" : "0");
      pick.setAttribute("aria-label", `${pick.dataset.name}. ${pick.dataset.says}`);
    });
  }

  // After a step: how often each part is used at this operating point; what is told of stays told of.
  follow(index) {
    const picks = [...this.slot.querySelectorAll(".dv-pick")];
    let told = 0;
    for (const pick of picks) {
      const share = this.share(pick, index);
      if (!share) continue;
      pick.style.setProperty("--load", `${share.all}%`);
      told += !pick.closest(".dv-exits, .dv-graph");
    }
    this.slot.classList.toggle("sc-used", told > 0);
    this.view.find(".sc-load").hidden = !told;
    this.view.find(".sc-told").hidden = !picks.length;
    if (!this.open) return;
    const again = picks.find((pick) => nameOf(pick) === this.open);
    if (again) this.tell(again, false);
    else this.close();
  }

  tell(pick, fresh = true) {
    if (!pick) return;
    if (fresh && this.open === nameOf(pick)) return this.close();
    this.slot.querySelectorAll(".sc-picked").forEach((other) => other.classList.remove("sc-picked"));
    pick.classList.add("sc-picked");
    this.open = nameOf(pick);
    this.pick = pick;
    const { text, forced } = this.view.data;
    const { name, says, other, turn } = pick.dataset;
    this.find("h4").textContent = name;
    this.find(".sc-says").textContent = says ? `${says}.` : "";
    this.find(".sc-use").textContent = this.use(pick);
    const button = this.find(".sc-turn");
    button.hidden = !forced || !other || this.view.mode !== "budgeted";
    button.disabled = this.waits;
    button.textContent = this.waits ? text["pick.waits"] : (turn ?? "");
    this.box.hidden = false;
    this.box.setAttribute("aria-label", name);
    const card = this.box.offsetParent.getBoundingClientRect();
    this.box.style.top = `${pick.getBoundingClientRect().bottom - card.top + 10}px`;
    if (!fresh) return;
    this.roam(pick);
    (button.hidden ? this.find(".sc-close") : button).focus({ preventScroll: true });
  }

  // In percent, how often a part is used at an operating point: for the class answered (null: not tested), for all.
  share(pick, index) {
    const { use } = this.view.frames;
    const at = use ? use.units.indexOf(nameOf(pick)) : -1;
    return at < 0 ? null : { label: use.labels[index], own: use.own[index]?.[at] ?? null, all: use.all[index][at] };
  }

  use(pick) {
    const share = this.share(pick, this.view.at);
    if (!share) return "";
    const words = { class: `${share.own} %`, label: share.label, all: `${share.all} %` };
    return this.view.data.text[share.own === null ? "pick.use.all" : "pick.use"].replace(/«(\w+)»/g, (_, gap) => words[gap]);
  }

  close(back = false) {
    this.box.hidden = true;
    this.open = null;
    this.slot.querySelectorAll(".sc-picked").forEach((pick) => pick.classList.remove("sc-picked"));
    if (back) this.pick?.focus({ preventScroll: true });
  }

  // One stop for the tab key; arrows go from part to part, enter tells of one.
  key(event) {
    const pick = event.target.closest(".dv-pick");
    if (!pick) return;
    const picks = [...this.slot.querySelectorAll(".dv-pick")];
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") this.close(true);
    else if (event.key === "Enter" || event.key === " ") this.tell(pick);
    else if (step) {
      const next = picks[(picks.indexOf(pick) + step + picks.length) % picks.length];
      this.roam(next);
      next.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  roam(pick) {
    for (const other of this.slot.querySelectorAll(".dv-pick")) other.setAttribute("tabindex", other === pick ? "0" : "-1");
  }

  // The other choice; a part that has only two is left to the network again when it is switched back.
  turn() {
    const { unit, part, other } = this.pick.dataset;
    const forced = { ...this.view.data.forced };
    if ("hand" in this.pick.dataset && !part && unit in forced) delete forced[unit];
    else forced[unit] = other;
    this.send(forced);
  }

  send(forced) {
    this.waits = true;
    this.find(".sc-turn").disabled = true;
    this.find(".sc-turn").textContent = this.view.data.text["pick.waits"];
    this.view.force({ id: this.view.data.id, forced });
  }

  // Playing: parts whose turn has not come are pale; what did not run comes with the next part that does.
  acted(done) {
    const picks = [...this.slot.querySelectorAll(".dv-pick")];
    const ran = [...new Set(picks.filter((pick) => !pick.closest(".dv-off")).map((pick) => Number(pick.dataset.order)))];
    for (const pick of picks) {
      const before = ran.filter((order) => order < Number(pick.dataset.order)).length;
      const off = pick.closest(".dv-off") !== null;
      (pick.closest(".dv-row") ?? pick).classList.toggle(off ? "sc-rest" : "sc-later", before >= done);
    }
    return picks.length > 0;
  }
}

function nameOf(pick) {
  const { unit, part } = pick.dataset;
  return part ? `${unit}/${part}` : unit;
}
