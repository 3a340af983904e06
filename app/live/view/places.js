// Places of a picture: what is said of the one that is pointed at, its exact borders, and a closer look.
// Cells and points come as shares of the picture, so that nothing here knows pixels.

const CLOSEST = 8;
const GRID_FROM = 2; // times closer, from where the borders of all cells are drawn
const PARTS = 10000; // shares are whole numbers of these; Python counts with them
const FINE = 4096; // places of points too

class Places {
  constructor(frame, bar) {
    this.frame = frame;
    this.bar = bar;
    this.picture = frame.querySelector(".sc-picture");
    this.svg = frame.querySelector(".sc-cells");
    this.line = bar.querySelector(".sc-place");
    this.zoom = 1;
    this.middle = [0.5, 0.5]; // of the frame's view, in shares of the picture
    const { picture } = this;
    picture.addEventListener("pointermove", (event) => this.over(event));
    picture.addEventListener("pointerleave", () => !this.pinned && this.point(null));
    picture.addEventListener("pointerdown", (event) => this.press(event));
    picture.addEventListener("keydown", (event) => this.key(event));
    picture.addEventListener("focus", () => this.at === null && picture.matches(":focus-visible") && this.point(this.centre()));
    picture.addEventListener("dblclick", (event) => this.scale(this.zoom * 2, this.share(event)));
    bar.querySelector(".sc-closer").addEventListener("click", () => this.scale(this.zoom * 2));
    bar.querySelector(".sc-farther").addEventListener("click", () => this.scale(this.zoom / 2));
    bar.querySelector("input").addEventListener("input", (event) => picture.style.setProperty("--sc-marks", event.target.value / 100));
    this.resized = new ResizeObserver(() => this.lie());
    this.resized.observe(frame);
  }

  close() {
    this.resized.disconnect();
  }

  load(picture, words, fresh) {
    this.bar.hidden = !picture;
    if (!picture) return;
    this.words = words;
    this.picture.setAttribute("aria-label", words.label);
    this.bar.querySelector("label span").textContent = words.opacity;
    this.bar.querySelector(".sc-closer").setAttribute("aria-label", words.closer);
    this.bar.querySelector(".sc-farther").setAttribute("aria-label", words.farther);
    this.known = undefined;
    if (!fresh) return;
    this.at = null;
    this.pinned = false;
    this.scale(1);
  }

  // Another operating point: the same place, if one is pointed at.
  show(json) {
    if (json === this.known) return;
    this.known = json;
    this.found = json ? JSON.parse(json) : null;
    this.picture.toggleAttribute("data-places", !!this.found);
    this.picture.tabIndex = this.found ? 0 : -1;
    this.picture.setAttribute("role", this.found ? "application" : "group");
    if (this.found && this.at !== null) this.at = Math.min(this.at, this.found.ran.length - 1);
    this.tell();
  }

  centre() {
    const [rows, columns] = this.found.grid;
    return Math.floor(rows / 2) * columns + Math.floor(columns / 2);
  }

  // Where an event is, in shares of the picture.
  share(event) {
    const box = this.picture.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  cell([x, y]) {
    if (!this.found) return null;
    const [left, top, wide, high] = this.found.box;
    const [rows, columns] = this.found.grid;
    const column = Math.floor(((x - left) / wide) * columns);
    const row = Math.floor(((y - top) / high) * rows);
    return row >= 0 && row < rows && column >= 0 && column < columns ? row * columns + column : null;
  }

  over(event) {
    if (this.dragged) {
      const [x, y] = this.share(event);
      this.middle = [this.middle[0] + this.dragged[0] - x, this.middle[1] + this.dragged[1] - y];
      this.moved = true;
      this.lie();
      return;
    }
    if (!this.pinned) this.point(this.cell(this.share(event)));
  }

  // A press keeps the place, a second one lets it go; where the picture is zoomed in, it may be dragged instead.
  press(event) {
    const from = this.share(event);
    this.moved = false;
    if (this.zoom > 1) {
      this.dragged = from;
      this.picture.setPointerCapture(event.pointerId);
    }
    const end = () => (this.picture.onpointerup = this.picture.onpointercancel = this.dragged = null);
    this.picture.onpointercancel = end; // the page is scrolled by a finger
    this.picture.onpointerup = () => {
      end();
      if (this.moved) return;
      const cell = this.cell(from);
      this.pinned = cell !== null && !(this.pinned && cell === this.at);
      this.point(cell);
    };
  }

  key(event) {
    if (event.key === "+" || event.key === "=") this.scale(this.zoom * 2);
    else if (event.key === "-") this.scale(this.zoom / 2);
    else if (event.key === "Escape") (this.pinned = false), this.point(null);
    else if (this.found && event.key.startsWith("Arrow")) {
      const [rows, columns] = this.found.grid;
      const at = this.at ?? this.centre();
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      const row = Math.max(0, Math.min(rows - 1, Math.floor(at / columns) + step[0]));
      const column = Math.max(0, Math.min(columns - 1, (at % columns) + step[1]));
      this.pinned = true;
      this.point(row * columns + column);
      const [x, y, wide, high] = this.rectangle(this.at);
      if (this.zoom > 1) this.scale(this.zoom, [x + wide / 2, y + high / 2]);
    } else return;
    event.preventDefault();
  }

  point(cell) {
    if (cell === this.at) return;
    this.at = cell;
    this.tell();
  }

  rectangle(cell) {
    const [left, top, wide, high] = this.found.box;
    const [rows, columns] = this.found.grid;
    return [left + ((cell % columns) * wide) / columns, top + (Math.floor(cell / columns) * high) / rows, wide / columns, high / rows];
  }

  // Words and borders of the place that is pointed at.
  tell() {
    const { found, at, words } = this;
    const told = found && at !== null;
    this.line.toggleAttribute("data-told", !!told);
    this.line.textContent = !found ? words.bare : told ? this.sentence(at) : words.hint;
    this.picture.toggleAttribute("data-sampling", !!(told && found.points));
    this.draw();
  }

  sentence(cell) {
    const { found, words } = this;
    const columns = found.grid[1];
    const ran = found.ran[cell];
    const where = words.where.replace("{row}", Math.floor(cell / columns) + 1).replace("{column}", (cell % columns) + 1);
    const share = found.share[cell] / PARTS;
    const cost = found.cost
      .replace("{share}", `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`)
      .replace("{times}", (share * found.share.length).toFixed(1));
    const what = ran || !found.none ? found.say.replace("{ran}", ran) : found.none;
    return `${where} ${[what, cost].filter(Boolean).join(" · ")}`;
  }

  draw() {
    const { found, at } = this;
    const paths = [];
    if (found && this.zoom >= GRID_FROM) paths.push(["sc-grid", this.borders()]);
    if (found && at !== null) {
      const mates = found.belongs ? found.belongs.flatMap((token, cell) => (token === found.belongs[at] ? [cell] : [])) : [at];
      const cells = this.outline(mates);
      paths.push(["sc-cell-under", cells], ["sc-cell", cells]);
      if (found.points) {
        const dots = found.points.map((layer) => pairs(layer[at]).map(([x, y]) => `M${x / FINE} ${y / FINE}h0`).join("")).join("");
        paths.push(["sc-dot-under", dots], ["sc-dot", dots]);
      }
    }
    this.svg.innerHTML = paths.map(([name, d]) => `<path class="${name}" d="${d}"/>`).join("");
  }

  borders() {
    const [left, top, wide, high] = this.found.box;
    const [rows, columns] = this.found.grid;
    let d = "";
    for (let row = 0; row <= rows; row += 1) d += `M${left} ${top + (row * high) / rows}h${wide}`;
    for (let column = 0; column <= columns; column += 1) d += `M${left + (column * wide) / columns} ${top}v${high}`;
    return d;
  }

  // The border around cells: each side of a cell whose neighbour is not one of them.
  outline(cells) {
    const [rows, columns] = this.found.grid;
    const among = new Set(cells);
    return cells
      .map((cell) => {
        const [x, y, wide, high] = this.rectangle(cell);
        const [row, column] = [Math.floor(cell / columns), cell % columns];
        let d = "";
        if (row === 0 || !among.has(cell - columns)) d += `M${x} ${y}h${wide}`;
        if (row === rows - 1 || !among.has(cell + columns)) d += `M${x} ${y + high}h${wide}`;
        if (column === 0 || !among.has(cell - 1)) d += `M${x} ${y}v${high}`;
        if (column === columns - 1 || !among.has(cell + 1)) d += `M${x + wide} ${y}v${high}`;
        return d;
      })
      .join("");
  }

  // Closer or farther, around what is in the middle or was pressed.
  scale(zoom, middle) {
    this.zoom = Math.max(1, Math.min(CLOSEST, zoom));
    if (middle) this.middle = middle;
    else if (this.found && this.at !== null && this.pinned) {
      const [x, y, wide, high] = this.rectangle(this.at);
      this.middle = [x + wide / 2, y + high / 2];
    }
    this.picture.toggleAttribute("data-zoomed", this.zoom > 1);
    this.picture.style.setProperty("--sc-zoom", this.zoom);
    this.bar.querySelector("output").textContent = `${this.zoom}×`;
    this.bar.querySelector(".sc-farther").disabled = this.zoom === 1;
    this.bar.querySelector(".sc-closer").disabled = this.zoom === CLOSEST;
    this.lie();
    if (this.words) this.draw();
  }

  // The picture fills the frame as far as it can: no empty room is shown where there is picture.
  lie() {
    const { zoom, picture } = this;
    if (zoom === 1) {
      this.middle = [0.5, 0.5];
      picture.style.transform = "";
      return;
    }
    const [wide, high] = [picture.clientWidth, picture.clientHeight];
    const [room, tall] = [this.frame.clientWidth, this.frame.clientHeight];
    const inside = (middle, size, space) => {
      const half = Math.min(space / (2 * zoom * size), 0.5);
      return Math.max(half, Math.min(1 - half, middle));
    };
    this.middle = [inside(this.middle[0], wide, room), inside(this.middle[1], high, tall)];
    const [x, y] = this.middle;
    picture.style.transform = `translate(${wide / 2 - x * wide * zoom}px, ${high / 2 - y * high * zoom}px) scale(${zoom})`;
  }
}

function pairs(values) {
  return Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i], values[2 * i + 1]]);
}
