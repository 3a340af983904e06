// The address of what is on the page, to be passed on; and where there is none, why not.

const TOLD_MS = 2500; // that it was copied

class Link {
  constructor(view) {
    this.view = view;
    this.button = view.find(".sc-link");
    this.none = view.find(".sc-nolink");
    this.field = view.find(".sc-url");
    this.button.addEventListener("click", () => this.copy());
  }

  load({ link, text, id }) {
    this.button.textContent = text.link;
    this.button.toggleAttribute("data-none", !link);
    this.button.hidden = !link && id.startsWith("trace|");
    this.none.textContent = text.nolink;
    this.none.hidden = true;
  }

  async copy() {
    const { data, mode, frames, at } = this.view;
    if (!data.link) {
      this.none.hidden = false; // why not, and what to do instead
      document.querySelector(".st-key-save button")?.focus();
      return;
    }
    const url = new URL(window.location.href);
    const said = { ...data.link, mode, budget: frames.budgets[at].toFixed(3) };
    for (const name in said) url.searchParams.set(name, said[name]);
    this.field.value = url.href;
    let copied = true;
    try {
      await navigator.clipboard.writeText(url.href);
    } catch {
      this.field.hidden = false; // no clipboard here: the address is there to be copied by hand
      this.field.select();
      copied = document.execCommand("copy");
    }
    if (copied) this.field.hidden = true;
    this.button.textContent = copied ? data.text.copied : data.text.select;
    this.view.later("copied", TOLD_MS, () => (this.button.textContent = this.view.data.text.link));
  }
}
