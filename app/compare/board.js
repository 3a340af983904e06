// One input, several networks: the scrubber swaps what was sent, each network at its largest operating point within the
// budget; where the pointer is in one panel is shown in all.

export default function (component) {
  const root = component.parentElement.querySelector(".bo");
  const { data } = component;
  dress(root, data);
  root.dataset.input = data.input;
  const mark = JSON.stringify([data.panels.map((panel) => panel.title), data.fragments.pieces.length, data.picture?.src.length, data.words?.parts.length]);
  if (root.mark === mark) return;
  root.mark = mark;
  const state = { budget: data.budget, own: data.panels.map(() => data.budget), each: false, twin: false };
  const bar = element("div", "bo-bar");
  const range = slider(state.budget, data.text.budget);
  const each = check(data.text.own);
  const twin = check(data.text.twin);
  bar.append(element("span", "", data.text.all), range, each.label, twin.label);
  const panels = data.panels.map((panel) => build(data, panel));
  const list = element("div", "bo-panels");
  list.append(...panels.map((panel) => panel.node));
  root.replaceChildren(bar, ...(data.ruler ? [ruler(data)] : []), list);

  const draw = () => {
    panels.forEach((panel, place) => {
      const budget = state.each ? state.own[place] : state.budget;
      panel.own.hidden = !state.each || data.panels[place].static;
      panel.range.value = state.own[place];
      panel.show(state.twin ? data.panels[place].frames.length - 1 : within(data.panels[place].budgets, budget));
    });
    range.setAttribute("aria-valuetext", `${Math.round(state.budget * 100)} %`);
    range.disabled = state.each || state.twin;
  };
  range.oninput = () => {
    state.budget = Number(range.value);
    state.own.fill(state.budget);
    draw();
  };
  range.onchange = () => component.setStateValue("budget", state.budget);
  each.input.onchange = () => ((state.each = each.input.checked), draw());
  twin.input.onchange = () => ((state.twin = twin.input.checked), draw());
  panels.forEach((panel, place) => {
    panel.range.oninput = () => ((state.own[place] = Number(panel.range.value)), draw());
    panel.hover((where) => panels.forEach((other) => other.point(where)));
  });
  draw();
}

function build(data, panel) {
  const node = element("article", "dv-card");
  node.setAttribute("aria-label", panel.title);
  const head = element("h2", "", panel.title);
  const point = element("small");
  head.append(point);
  const parts = Object.fromEntries(["answer", "account", "decisions"].map((name) => [name, element("div", `bo-${name} dv-view`)]));
  const own = element("div", "bo-own");
  const range = slider(data.budget, `${data.text.budget}, ${panel.title}`);
  own.append(range);
  const input = inputs[data.input](data);
  node.append(head, own, parts.answer, input.node, parts.account, data.ruler ? folded(data, parts.decisions) : parts.decisions);
  let shown = -1;
  return {
    node, own, range, hover: input.hover, point: input.point,
    show(at) {
      if (at === shown) return;
      shown = at;
      const frame = panel.frames[at];
      point.textContent = `${panel.kind} · ${frame.point}`;
      for (const name of Object.keys(parts)) parts[name].innerHTML = fragmentHtml(data, frame[name]);
      input.show(frame, data);
    },
  };
}

// Videos: some of the frames, each above the part of every line that it stands for.
function ruler(data) {
  const node = element("div", "bo-ruler");
  const note = element("p", "dv-note", data.text.lines);
  const frames = element("div");
  for (const [address, time] of data.ruler) {
    const frame = element("figure");
    frame.append(Object.assign(element("img"), { src: address, alt: "" }), element("figcaption", "", time));
    frames.append(frame);
  }
  node.append(note, frames);
  return node;
}

function folded(data, decisions) {
  const node = element("details");
  node.append(element("summary", "", data.text.decisions), decisions);
  return node;
}

const inputs = {
  picture(data) {
    const node = element("div", "dv-picture bo-over");
    if (data.picture) node.style.aspectRatio = data.picture.ratio;
    const image = element("img");
    Object.assign(image, { src: data.picture?.src ?? "", alt: data.picture?.alt ?? "" });
    const over = element("div");
    over.style.display = "contents";
    const cross = element("i", "bo-cross");
    cross.hidden = true;
    node.append(image, over, cross);
    return {
      node,
      show: (frame) => (over.innerHTML = fragmentHtml(data, frame.over)),
      hover: (tell) => byPlace(node, tell),
      point(where) {
        cross.hidden = !where;
        if (where) Object.assign(cross.style, { left: `${where.x * 100}%`, top: `${where.y * 100}%` });
      },
    };
  },
  frames: (data) => inputs.time(data), // as what runs in time; where the frames are is above the lines
  time(data) {
    const node = element("div", "bo-over");
    const over = element("div");
    const line = element("i", "bo-line");
    line.hidden = true;
    node.append(over, line);
    return {
      node,
      show: (frame) => (over.innerHTML = fragmentHtml(data, frame.over)),
      hover: (tell) => byPlace(node, tell),
      point(where) {
        line.hidden = !where;
        if (where) line.style.left = `${where.x * 100}%`;
      },
    };
  },
  text(data) {
    const node = element("p", "dv-text");
    node.dir = "auto";
    const words = [];
    data.words.parts.forEach((part, i) => {
      if (i % 2 === 0) return node.append(part);
      const word = element("span", "", part);
      word.dataset.word = words.length;
      words.push(word);
      node.append(word);
    });
    let hot = null;
    return {
      node,
      show(frame) {
        words.forEach((word, i) => (word.className = `dv-${data.words.states[frame.codes[i] ?? 0]}`));
      },
      hover(tell) {
        node.onpointerover = (event) => tell(event.target.dataset?.word ?? null);
        node.onpointerleave = () => tell(null);
      },
      point(where) {
        hot?.classList.remove("hot");
        hot = where === null ? null : words[Number(where)];
        hot?.classList.add("hot");
      },
    };
  },
};

function byPlace(node, tell) {
  node.onpointermove = (event) => {
    const box = node.getBoundingClientRect();
    tell({ x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height });
  };
  node.onpointerleave = () => tell(null);
}

// the largest point within the budget, else the smallest
function within(budgets, budget) {
  let best = -1;
  budgets.forEach((value, i) => {
    if (value <= budget + 1e-9 && (best < 0 || value > budgets[best])) best = i;
  });
  return best < 0 ? budgets.indexOf(Math.min(...budgets)) : best;
}

function slider(value, label) {
  const range = element("input");
  Object.assign(range, { type: "range", min: 0, max: 1, step: 0.01, value });
  range.setAttribute("aria-label", label);
  return range;
}

function check(words) {
  const label = element("label");
  const input = element("input");
  input.type = "checkbox";
  label.append(input, words);
  return { label, input };
}
