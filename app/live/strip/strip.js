// One's own inputs: a press shows one, the cross takes it away.

const PERSON = "dynviz.person";
let told = false;

export default function (component) {
  const root = component.parentElement.querySelector(".own");
  const { items, shown, text, person } = component.data;
  tell(component, person);
  dress(root, component.data);
  root.setAttribute("aria-label", text.label);
  root.replaceChildren(
    ...items.map((item) => {
      const part = element("span", "own-item");
      const open = button("own-show", item.name, () => component.setTriggerValue("shown", item.key));
      open.setAttribute("aria-pressed", String(item.key === shown));
      open.title = item.name;
      open.replaceChildren(picture(item.thumb), element("span", "", item.name));
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
  const made = element("button", name, words);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}
