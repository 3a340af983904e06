// Streamlit makes an entry in the browser's history for every change of the address, so that Back has to be pressed once
// for each step of a slider; here an entry is a page. And on a phone its menu stays open over the page that was chosen.

const NARROW_PX = 768; // where Streamlit's navigation becomes a menu

export default function () {
  if (window.dynvizFrame) return;
  window.dynvizFrame = true;
  const push = history.pushState.bind(history);
  history.pushState = (state, title, address) => {
    const same = address === undefined || address === null || new URL(address, location.href).pathname === location.pathname;
    return same ? history.replaceState(state, title, address ?? location.href) : push(state, title, address);
  };
  document.addEventListener("click", (event) => {
    if (innerWidth > NARROW_PX || !event.target.closest?.('[data-testid="stSidebarNavLink"]')) return;
    setTimeout(() => document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click(), 50);
  });
}
