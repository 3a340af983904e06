// The picker of a network: a line that says which is chosen, and a panel in the browser's top layer to choose another.

export default function (component) {
  const root = component.parentElement.querySelector(".pk");
  const self = (root.picker ??= new Picker(root));
  self.choose = (name) => component.setTriggerValue("network", name);
  self.load(component.data);
  return () => self.close(false);
}

class Picker {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.line = this.find(".pk-line");
    this.panel = this.find(".pk-panel");
    this.search = this.find(".pk-search");
    this.line.addEventListener("click", () => (this.open ? this.close() : this.show()));
    this.line.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" && !this.open) (event.preventDefault(), this.show());
    });
    this.find(".pk-close").addEventListener("click", () => this.close());
    this.search.addEventListener("input", () => this.list());
    this.panel.addEventListener("keydown", (event) => this.key(event));
    this.outside = (event) => event.composedPath().includes(root) || this.close(false);
    this.moved = () => this.open && this.lay();
  }

  get open() {
    return this.panel.matches(":popover-open");
  }

  load(data) {
    const { text, groups } = data;
    this.data = data;
    dress(this.root, data);
    const home = groups.find((group) => entries(group).some((entry) => entry.name === data.chosen)) ?? groups[0];
    const chosen = entries(home).find((entry) => entry.name === data.chosen);
    this.shown = home.data;
    this.find(".pk-what").textContent = data.line || `${chosen.title} · ${chosen.mechanism || text.static}`;
    this.find(".pk-data").textContent = data.line ? "" : home.data;
    this.find(".pk-change").textContent = text.change;
    this.line.setAttribute("aria-label", `${text.change}: ${this.find(".pk-what").textContent}, ${home.data}`);
    this.panel.setAttribute("aria-label", text.change);
    this.search.placeholder = text.search;
    this.search.setAttribute("aria-label", text.search);
    this.find(".pk-close").textContent = text.close;
    this.root.dataset.chosen = data.chosen;
    this.list();
  }

  show() {
    this.search.value = "";
    this.list();
    this.panel.showPopover();
    this.lay();
    this.line.setAttribute("aria-expanded", "true");
    document.addEventListener("pointerdown", this.outside);
    window.addEventListener("resize", this.moved);
    document.addEventListener("scroll", this.moved, true);
    this.search.focus();
  }

  close(back = true) {
    document.removeEventListener("pointerdown", this.outside);
    window.removeEventListener("resize", this.moved);
    document.removeEventListener("scroll", this.moved, true);
    if (!this.open) return;
    this.panel.hidePopover();
    this.line.setAttribute("aria-expanded", "false");
    if (back) this.line.focus();
  }

  // Below the line, within the window; over all of it on a narrow screen.
  lay() {
    const box = this.line.getBoundingClientRect();
    const narrow = innerWidth < 640;
    const wide = narrow ? innerWidth : Math.min(Math.max(box.width, 640), 980, innerWidth - 24);
    this.panel.style.width = `${wide}px`;
    this.panel.style.left = `${narrow ? 0 : Math.max(12, Math.min(box.left, innerWidth - wide - 12))}px`;
    const top = narrow ? 0 : Math.max(8, box.bottom + 6);
    this.panel.style.top = `${top}px`;
    this.panel.style.maxHeight = `${innerHeight - top - (narrow ? 0 : 12)}px`;
  }

  list() {
    const { groups, text, chosen } = this.data;
    const asked = this.search.value.trim().toLowerCase();
    const sets = this.find(".pk-sets");
    sets.hidden = groups.length < 2 || Boolean(asked);
    sets.setAttribute("aria-label", text.data);
    sets.replaceChildren(
      element("h4", "", text.data),
      ...groups.map((group) => {
        const button = element("button", "pk-set", group.data);
        button.type = "button";
        button.setAttribute("aria-pressed", String(group.data === this.shown));
        button.onclick = () => {
          this.shown = group.data;
          this.list();
          this.find(".pk-set[aria-pressed=true]").focus();
        };
        return button;
      }),
    );
    const place = this.find(".pk-networks");
    const option = (entry) => {
      const button = element("button", "pk-network", entry.title);
      button.type = "button";
      button.dataset.name = entry.name;
      if (entry.name === chosen) button.setAttribute("aria-current", "true");
      button.onclick = () => {
        this.close();
        if (entry.name !== chosen || this.data.line) this.choose(entry.name);
      };
      return button;
    };
    if (asked) {
      const found = groups.map((group) => [group, entries(group).filter((entry) => matches(entry, group, asked))]);
      const parts = found.filter(([, some]) => some.length).map(([group, some]) =>
        section(group.data, "", some.map((entry) => row(entry.mechanism || text.static, [option(entry)]))),
      );
      place.replaceChildren(...(parts.length ? parts : [element("p", "pk-none", text.none)]));
      return;
    }
    const group = groups.find((one) => one.data === this.shown) ?? groups[0];
    const parts = group.families.map((family) =>
      section(family.name, family.line, family.mechanisms.map((kind) =>
        row(kind.name, kind.networks.map(([name, title]) => option({ name, title }))),
      ), this.data.pictures[family.name]),
    );
    if (group.static.length) {
      const box = element("details", "pk-static");
      box.open = group.static.some(([name]) => name === chosen) || !group.families.length;
      const inner = element("div", "pk-row");
      inner.append(...group.static.map(([name, title]) => option({ name, title })));
      box.append(element("summary", "", text.compare), inner);
      parts.push(box);
    }
    place.replaceChildren(...parts);
  }

  key(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      return this.close();
    }
    const parts = [this.search, ...this.panel.querySelectorAll(".pk-set, .pk-network, summary")].filter((e) => e.checkVisibility());
    const at = parts.indexOf(this.root.getRootNode().activeElement);
    const steps = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 };
    if (event.key === "Enter" && at === 0) {
      this.panel.querySelector(".pk-network")?.click();
      return event.preventDefault();
    }
    if (!(event.key in steps) || (at === 0 && event.key.length > 9)) return; // left and right move within the search
    parts[Math.max(0, Math.min(parts.length - 1, at + steps[event.key]))].focus();
    event.preventDefault();
  }
}

function entries(group) {
  const dynamic = group.families.flatMap((family) =>
    family.mechanisms.flatMap((kind) => kind.networks.map(([name, title]) => ({ name, title, mechanism: kind.name, family: family.name }))),
  );
  return [...dynamic, ...group.static.map(([name, title]) => ({ name, title, mechanism: "", family: "static" }))];
}

function matches(entry, group, asked) {
  const words = `${entry.title} ${entry.mechanism} ${entry.family} ${group.data} ${entry.name}`.toLowerCase();
  return asked.split(/\s+/).every((word) => words.includes(word));
}

function section(title, line, rows, picture = "") {
  const part = element("section", "pk-family");
  const head = element("h4", "", title);
  if (line) head.append(element("small", "", line));
  part.append(head, ...rows);
  if (picture) {
    part.classList.add("pk-pictured");
    part.insertAdjacentHTML("afterbegin", picture);
  }
  return part;
}

function row(name, options) {
  const part = element("div", "pk-kind");
  const list = element("div", "pk-row");
  list.append(...options);
  part.append(element("span", "pk-name", name), list);
  return part;
}
