// The kinds of budget, as a group of radio buttons.

class Modes {
  constructor(view) {
    this.view = view;
    this.box = view.find(".sc-modes");
  }

  load({ modes, text }) {
    const names = Object.keys(modes);
    this.box.hidden = names.length < 2;
    this.box.setAttribute("aria-label", text.modes);
    if ([...this.box.children].map((button) => button.dataset.mode).join() === names.join()) return; // whoever has the focus keeps it
    this.box.replaceChildren(
      ...names.map((name) => {
        const button = element("button", "", modes[name].title);
        button.type = "button";
        button.role = "radio";
        button.dataset.mode = name;
        button.addEventListener("click", () => this.view.choose(name));
        button.addEventListener("keydown", (event) => this.key(event));
        return button;
      }),
    );
  }

  // Which one is on.
  check(name) {
    for (const button of this.box.children) {
      button.setAttribute("aria-checked", button.dataset.mode === name);
      button.tabIndex = button.dataset.mode === name ? 0 : -1;
    }
  }

  // Arrows go from one to the other, as in any group of radio buttons.
  key(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const names = [...this.box.children].map((button) => button.dataset.mode);
    const name = names[(names.indexOf(this.view.mode) + step + names.length) % names.length];
    this.view.choose(name);
    this.box.querySelector(`[data-mode="${name}"]`).focus();
  }
}
