// Next and back by keyboard and by a presenter's remote, which presses Page Down and Page Up. It takes no room.

let stop = () => {};

export default function (component) {
  stop();
  const press = (event) => {
    const step = { PageDown: 1, PageUp: -1 }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
    event.preventDefault();
    component.setTriggerValue("go", { step, from: component.data.step });
  };
  document.addEventListener("keydown", press, true);
  stop = () => document.removeEventListener("keydown", press, true);
  return stop;
}
