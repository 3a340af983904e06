// One's own inputs: a press shows one, the cross takes it away.

const PERSON = "dynviz.person";
let told = false;

export default function (component) {
  const root = component.parentElement.querySelector(".own");
  const { items, shown, text, person, projector } = component.data;
  tell(component, person);
  root.dataset.theme = isDark(root) ? "dark" : "light";
  root.toggleAttribute("data-projector", projector);
  root.setAttribute("aria-label", text.label);
  root.replaceChildren(
    ...items.map((item) => {
      const part = document.createElement("span");
      part.className = "own-item";
      const open = button("own-show", item.name, () => component.setTriggerValue("shown", item.key));
      open.setAttribute("aria-pressed", String(item.key === shown));
      open.title = item.name;
      open.replaceChildren(picture(item.thumb), Object.assign(document.createElement("span"), { textContent: item.name }));
      const gone = button("own-remove", "×", () => component.setTriggerValue("removed", item.key));
      gone.setAttribute("aria-label", text.remove.replace("{name}", item.name));
      part.append(open, gone);
      return part;
    }),
  );
}

// After a reload the session is another one: it is told, once, whose it is.
function tell(component, person) {
  const known = sessionStorage.getItem(PERSON);
  if (known && known !== person && !told) component.setTriggerValue("person", known);
  else sessionStorage.setItem(PERSON, person);
  told = true;
}

function picture(address) {
  const image = document.createElement(address ? "img" : "i");
  if (address) Object.assign(image, { src: address, alt: "" });
  return image;
}

function button(name, words, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = name;
  element.textContent = words;
  element.addEventListener("click", act);
  return element;
}

function isDark(element) {
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = getComputedStyle(element).getPropertyValue("--st-background-color").trim() || "#fff";
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(probe.fillStyle.slice(i, i + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}
