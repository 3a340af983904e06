// A sheet: finished HTML in the house style. It follows the page's theme and lets tables be sorted by their headings.

export default function (component) {
  const root = component.parentElement.querySelector(".sheet");
  root.dataset.theme = isDark(root) ? "dark" : "light";
  root.toggleAttribute("data-projector", component.data.projector);
  if (root.html === component.data.html) return;
  root.html = component.data.html;
  root.innerHTML = component.data.html;
  for (const button of root.querySelectorAll("th button")) button.onclick = () => sort(button.closest("th"));
  for (const link of root.querySelectorAll("button[data-to]")) {
    link.onclick = () => {
      const target = root.querySelector(`#${CSS.escape(link.dataset.to)}`);
      target.scrollIntoView({ block: "start" });
      target.focus({ preventScroll: true });
    };
  }
}

function sort(heading) {
  const body = heading.closest("table").tBodies[0];
  const at = heading.cellIndex;
  const down = heading.getAttribute("aria-sort") !== "descending";
  const value = (row) => row.cells[at].dataset.value ?? row.cells[at].textContent;
  const numeric = [...body.rows].every((row) => !Number.isNaN(Number(value(row))));
  const order = (a, b) => (numeric ? Number(value(a)) - Number(value(b)) : value(a).localeCompare(value(b)));
  const rows = [...body.rows].sort((a, b) => (down ? order(b, a) : order(a, b)));
  for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", down ? "descending" : "ascending");
  body.replaceChildren(...rows);
}

function isDark(element) {
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = getComputedStyle(element).getPropertyValue("--st-background-color").trim() || "#fff";
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(probe.fillStyle.slice(i, i + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}
