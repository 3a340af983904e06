// The frame around the pages, before anything else runs. Streamlit draws the parts of a page one by one, as each arrives
// and as the code for its kind is fetched; a page is shown once all that stands in its first screen is there.
// Streamlit makes an entry in the browser's history for every change of the address, so that Back has to be pressed once
// for each step of a slider; here an entry is a page. And on a phone its menu stays open over the page that was chosen.

{
  const NARROW_PX = 768; // where Streamlit's navigation becomes a menu
  const CALM_MS = 80; // that a page has stood still

  const push = history.pushState.bind(history);
  history.pushState = (state, title, address) => {
    const same = address === undefined || address === null || new URL(address, location.href).pathname === location.pathname;
    return same ? history.replaceState(state, title, address ?? location.href) : push(state, title, address);
  };
  document.addEventListener("click", (event) => {
    if (innerWidth > NARROW_PX || !event.target.closest?.('[data-testid="stSidebarNavLink"]')) return;
    setTimeout(() => document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click(), 50);
  });

  const IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'; // it may have ended with an error
  const isWhole = (main) =>
    (main?.querySelector('[class*="st-key-arrived"]') || document.querySelector(`${IDLE} .stMain [data-testid="stElementContainer"]`)) &&
    !main.querySelector('[data-testid="stSkeleton"]') &&
    [...main.querySelectorAll('[data-testid="stBidiComponentIsolated"]')].every(isDrawn);
  const isDrawn = ({ shadowRoot }) => shadowRoot?.childElementCount && !shadowRoot.querySelector(".dynviz:not([data-theme])");
  const lie = (main) =>
    [...(main?.querySelectorAll('[data-testid="stElementContainer"]') ?? [])].map((part) => Object.values(part.getBoundingClientRect().toJSON())).join();
  let before = "";
  let since = 0; // when it was first whole as it lies now
  const look = (now) => {
    const main = document.querySelector(".stMain");
    const lies = isWhole(main) ? lie(main) : "";
    if (!lies || lies !== before) since = now;
    before = lies;
    if (now - since < CALM_MS) requestAnimationFrame(look);
    else document.documentElement.dataset.shown = "";
  };
  requestAnimationFrame(look);
}
