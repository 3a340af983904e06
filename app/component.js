// What all components of the app share: they follow the page's theme, and make elements in one way.

// Streamlit hands its theme over as variables; light and dark are told apart by how bright the page is.
function dress(root, { projector }) {
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = getComputedStyle(root).getPropertyValue("--st-background-color").trim() || "#fff";
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(probe.fillStyle.slice(i, i + 2), 16));
  root.dataset.theme = 0.299 * r + 0.587 * g + 0.114 * b < 128 ? "dark" : "light";
  root.toggleAttribute("data-projector", projector);
}

function element(tag, classes = "", words = "") {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  if (words) made.textContent = words;
  return made;
}

const SVG_SPACE = "http://www.w3.org/2000/svg";

function shape(name, attributes, ...inside) {
  const made = document.createElementNS(SVG_SPACE, name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  made.append(...inside);
  return made;
}

// From a press on: ``move`` for every move of that pointer, wherever it goes, and ``done`` once it is let go.
function drag(held, event, move, done = () => {}) {
  held.setPointerCapture(event.pointerId);
  held.onpointermove = move;
  held.onpointerup = held.onpointercancel = () => {
    held.onpointermove = held.onpointerup = held.onpointercancel = null;
    done();
  };
}

// A fragment of HTML by its place, joined from the snippets that it shares with others.
function fragmentHtml({ fragments: { snippets, pieces } }, place) {
  return pieces[place].map((at) => snippets[at]).join("");
}
