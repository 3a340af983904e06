// A sheet: finished HTML in the house style. It follows the page's theme, lets tables be sorted by their headings,
// and opens and closes what a button controls.

export default function (component) {
  const root = component.parentElement.querySelector(".sheet");
  dress(root, component.data);
  if (root.html === component.data.html) return;
  root.html = component.data.html;
  root.innerHTML = component.data.html;
  for (const button of root.querySelectorAll("th button")) button.onclick = () => sort(button.closest("th"));
  for (const button of root.querySelectorAll("button[aria-controls]")) button.onclick = () => toggle(root, button);
  const wanted = component.data.unfold && root.querySelector(`[aria-controls="${CSS.escape(component.data.unfold)}"]`);
  if (wanted) {
    toggle(root, wanted);
    wanted.scrollIntoView({ block: "start" });
  }
}

function toggle(root, button) {
  const target = root.querySelector(`#${CSS.escape(button.getAttribute("aria-controls"))}`);
  target.hidden = !target.hidden;
  button.setAttribute("aria-expanded", String(!target.hidden));
}

// Rows are sorted, or groups of rows by the first of each: what belongs to a row stays below it.
function sort(heading) {
  const table = heading.closest("table");
  const [first] = table.tBodies;
  const grouped = table.tBodies.length > 1;
  const at = heading.cellIndex;
  const down = heading.getAttribute("aria-sort") !== "descending";
  const value = (part) => {
    const cell = (grouped ? part.rows[0] : part).cells[at];
    return cell.dataset.value ?? cell.textContent;
  };
  const parts = [...(grouped ? table.tBodies : first.rows)];
  const numeric = parts.every((part) => !Number.isNaN(Number(value(part))));
  const order = (a, b) => (numeric ? Number(value(a)) - Number(value(b)) : value(a).localeCompare(value(b)));
  parts.sort((a, b) => (down ? order(b, a) : order(a, b)));
  for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", down ? "descending" : "ascending");
  (grouped ? table : first).append(...parts);
}
