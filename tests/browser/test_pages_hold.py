"""What holds on every page, at both widths and in both themes: no text leaves its card or the window, words of the
trade have a hint, the keyboard's place is seen, and the ring around the slider strikes nothing.
"""

from __future__ import annotations

import re

import pytest

from tests.browser.driving import FIRST_VIEW_MS, IDLE, START, VIEW, VIEW_ROOT, open_view

pytestmark = pytest.mark.browser
PLACES = {  # of a page, what shows that its content has come
    "": START,
    "image": VIEW,
    "text": VIEW,
    "signals": VIEW,
    "video": VIEW,
    "accuracy": ".js-plotly-plot .main-svg",
    "models": ".mo-all",
    "compare": ".bo-panels article",
    "batch": '[data-testid="stFileUploader"]',
    "lessons": '[class*="st-key-lessons_"] button',
}
ROOTS = """
const roots = [document];
for (const root of roots)
  for (const e of root.querySelectorAll('*')) if (e.shadowRoot) roots.push(e.shadowRoot);
const up = (e) => e.parentElement ?? e.getRootNode().host ?? null;
const seen = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true });
const words = function* () {
  for (const root of roots) {
    const walk = document.createTreeWalker(root === document ? document.body : root, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const node = walk.currentNode, e = node.parentElement;
      if (node.data.trim() && e && !e.closest('style, script, title, noscript') && seen(e)) yield node;
    }
  }
};
"""  # fmt: skip
# text that reaches over an edge of its card, its table's cell or the window; what scrolls or is cut with an ellipsis on
# purpose is left out, and what is there for screen readers only
OVERFLOW = f"""() => {{
  {ROOTS}
  const found = [];
  const CARDS = '.dv-card, .sc-stage, td, th, .dv-row, article, figure, [data-testid="stVerticalBlockBorderWrapper"]';
  for (const node of words()) {{
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((r) => r.width > 1.5 && r.height > 1.5);
    if (!boxes.length) continue;
    const limits = [];
    let free = false;
    for (let e = node.parentElement; e && !free && !e.matches('.stMain'); e = up(e)) {{
      const style = getComputedStyle(e);
      const cut = style.overflowX !== 'visible' && e.tagName !== 'svg';
      if (cut && e.scrollWidth > e.clientWidth + 1) free = true;
      if (style.clipPath !== 'none' || (e.clientWidth <= 1 && style.position === 'absolute')) free = true;
      if (e.matches(CARDS)) limits.push([e.getBoundingClientRect(), e.className || e.tagName]);
    }}
    if (free) continue;
    limits.push([{{ left: 0, right: innerWidth }}, 'window']);
    for (const box of boxes)
      for (const [limit, name] of limits)
        if (box.right > limit.right + 1.5 || box.left < limit.left - 1.5) {{
          const [a, b, c, d] = [box.left, box.right, limit.left, limit.right].map(Math.round);
          found.push(`${{node.data.trim().slice(0, 60)}} | ${{name}} | ${{a}}..${{b}} in ${{c}}..${{d}}`);
          break;
        }}
  }}
  return [...new Set(found)];
}}"""  # fmt: skip
READ = f"""() => {{
  {ROOTS}
  const said = [...words()].map((node) => node.data);
  const hints = roots.flatMap((root) => [...root.querySelectorAll('.dv-term')].map((e) => e.textContent));
  return [said.join(' '), hints];
}}"""
GONE = (
    r"static path|\bsiblings?\b|plain pass|\b(?:layers|blocks|stages|units|cells|excitations)\.\d|\bMACs?\b|\bFLOPs?\b"
)
EXPLAINED = {"multiply-adds": "one multiplication and one addition", "full compute": "leaves nothing out"}


def open_place(page, app: str, place: str) -> None:
    page.goto(f"{app}/{place}")
    page.wait_for_selector(PLACES[place], timeout=FIRST_VIEW_MS)
    page.wait_for_selector(IDLE, timeout=FIRST_VIEW_MS)
    page.wait_for_timeout(400)  # Plotly fits itself to the width


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
@pytest.mark.parametrize("place", list(PLACES))
def test_no_text_leaves_its_card_in_either_theme(app, person, place, width, height):
    page = person(viewport={"width": width, "height": height}, color_scheme="light")
    open_place(page, app, place)
    found = page.evaluate(OVERFLOW)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)
    found += page.evaluate(OVERFLOW)
    assert not found, "\n".join(found)


def test_text_that_leaves_its_card_is_found(app, person):
    page = person()
    open_place(page, app, "models")
    assert page.evaluate(OVERFLOW) == []
    page.evaluate("""() => {
      const card = document.createElement('div');
      card.className = 'dv-card';
      card.style.cssText = 'width: 80px; white-space: nowrap';
      card.textContent = 'far too many words for so small a card';
      document.querySelector('.stMainBlockContainer').append(card);
    }""")
    assert any("far too many words" in line for line in page.evaluate(OVERFLOW))


@pytest.mark.parametrize("place", list(PLACES))
def test_words_of_the_trade_have_gone_or_have_a_hint(app, person, place):
    page = person()
    open_place(page, app, place)
    said, hints = page.evaluate(READ)
    assert not re.findall(GONE, said), re.findall(f".{{0,40}}(?:{GONE}).{{0,30}}", said)
    for word, meaning in EXPLAINED.items():
        if word in said.lower():
            assert meaning in said or any(word in hint for hint in hints), f"{word} is not explained here"


def test_a_hint_is_shown_to_the_pointer_and_to_the_keyboard(app, person, scrubbed):
    page = person()
    open_view(page, f"{app}/?model={scrubbed}")
    term = page.locator(f"{VIEW} .dv-term").first
    shown = "(e) => getComputedStyle(e, '::after').content"
    assert term.evaluate(shown) == "none"
    term.focus()
    assert len(term.evaluate(shown)) > 20
    page.locator("h1").first.click()
    term.hover()
    assert len(term.evaluate(shown)) > 20


def test_the_keyboard_is_seen_on_navigation_links_and_its_ring_strikes_no_words(app, person, scrubbed):
    page = person()
    open_view(page, f"{app}/?model={scrubbed}&budget=0.5")
    link = page.get_by_test_id("stTopNavLink").nth(1)
    link.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    ring = "(e) => [getComputedStyle(e).outlineStyle, parseFloat(getComputedStyle(e).outlineWidth)]"
    style, wide = link.evaluate(ring)
    assert style == "solid" and wide >= 2
    slider = page.locator(f"{VIEW} .sc-slider")
    slider.focus()
    page.keyboard.press("ArrowRight")
    struck = page.evaluate(f"""() => {{
      const root = {VIEW_ROOT}, slider = root.querySelector('.sc-slider'), style = getComputedStyle(slider);
      const reach = parseFloat(style.outlineOffset) + parseFloat(style.outlineWidth);
      const box = slider.getBoundingClientRect();
      if (style.outlineStyle === 'none') return ['no ring'];
      return [...root.querySelectorAll('.dv-scale > i, .dv-figures')].filter((e) => {{
        const range = document.createRange();
        range.selectNodeContents(e);
        const under = (r) => r.height && r.top + 3 < box.bottom + reach && r.bottom - 3 > box.top - reach;
        return [...range.getClientRects()].some(under);
      }}).map((e) => e.textContent);
    }}""")  # fmt: skip
    assert struck == []
