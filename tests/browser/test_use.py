"""How the live pages are used: another network, one's own files, Back, a phone, a projector, the keyboard."""

from __future__ import annotations

import pytest

import dynviz
from app.picker.order import in_order
from tests.browser.driving import IDLE, VIEW, VIEW_ROOT, open_view, upload, wait_for_times, wait_for_view

pytestmark = pytest.mark.browser
LINE = ".pk-line"
DROP = """(stage, [name, bytes]) => {
  const files = new DataTransfer();
  files.items.add(new File([Uint8Array.from(bytes)], name, { type: 'image/jpeg' }));
  for (const kind of ['dragover', 'drop'])
    stage.dispatchEvent(new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true, composed: true }));
}"""


def pick(page, words: str) -> None:
    """Choose a network by its name, with the keyboard alone."""
    page.locator(LINE).focus()
    page.keyboard.press("Enter")
    page.locator(".pk-search").wait_for()
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def bars(page) -> int:
    """How many sentences say that something went wrong."""
    return page.locator('[data-testid="stAlert"], [data-testid="stException"], .sc-failed:not([hidden])').count()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_a_network_is_picked_by_its_name_and_the_answer_is_in_the_first_screen(app, person, scrubbed, width, height):
    page = person(viewport={"width": width, "height": height})
    open_view(page, f"{app}/?model={scrubbed}")
    before = page.locator(VIEW).get_attribute("data-view")
    answer = page.locator(f"{VIEW} .dv-answer strong").bounding_box()
    assert answer["y"] + answer["height"] < height
    if width > 900:
        for part in (".sc-frame", ".sc-slider"):
            box = page.locator(f"{VIEW} {part}").bounding_box()
            assert box["y"] + box["height"] < height, part
    other = next(card for card in in_order(dynviz.models()) if card.family == "static" and card.modality == "image")
    pick(page, other.name)
    after = wait_for_view(page, other_than=before)
    assert f"|{other.name}|" in after and f"model={other.name}" in page.url
    assert other.title in page.locator(".pk-what").inner_text()
    page.locator(LINE).click()
    panel = page.locator(".pk-panel").bounding_box()
    assert panel["x"] >= 0 and panel["x"] + panel["width"] <= width and panel["y"] + panel["height"] <= height
    assert page.locator(".pk-network[aria-current=true]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".pk-panel").is_hidden() and page.locator(f"{LINE}:focus").count() == 1


def test_no_view_is_half_of_one_network_and_half_of_another(app, person):
    readers = [card for card in in_order(dynviz.models()) if card.modality == "text"]
    data = next((card.data for card in readers if card.family != "static"), None)
    alike = [card for card in readers if card.data == data]
    static = [card for card in alike if card.family == "static"]
    dynamic = [card for card in alike if card.family != "static"]
    if not static or not dynamic:
        pytest.skip("no static and dynamic readers of the same texts are here")
    page = person()
    page.goto(f"{app}/text?model={dynamic[0].name}&budget=1.0")
    view = wait_for_view(page)
    for card in (static[0], dynamic[0], static[-1], dynamic[-1]):
        pick(page, card.name)
        view = wait_for_view(page, other_than=view)
        assert f"|{card.name}|" in view or view.split("|")[1] == card.name
        page.wait_for_function(f"{VIEW_ROOT}.querySelectorAll('.sc-flow > [class^=dv-]').length > 10")
        assert bars(page) == 0


def test_a_view_that_fails_says_so_and_heals_with_the_next_data(app, person, scrubbed):
    page = person()
    open_view(page, f"{app}/?model={scrubbed}")
    wait_for_times(page)
    page.evaluate(f"""() => {{
      const view = {VIEW_ROOT}.querySelector('.sc').scrubber;
      view.load({{ ...view.data, modes: {{ budgeted: {{ ...view.data.modes.budgeted, slots: null }} }} }});
    }}""")
    assert page.locator(".sc-failed").inner_text() and page.locator(f"{VIEW} .sc-stage").is_hidden()
    before = page.locator(VIEW).get_attribute("data-view")
    page.locator(".st-key-framing button").last.click()
    wait_for_view(page, other_than=before)
    assert page.locator(".sc-failed").is_hidden() and page.locator(f"{VIEW} .dv-answer strong").inner_text()


def test_what_was_brought_is_kept_over_samples_pages_and_a_reload_and_can_be_taken_away(
    app, person, scrubbed, photo_folder
):
    page = person()
    open_view(page, f"{app}/?model={scrubbed}")
    sample = page.locator(VIEW).get_attribute("data-view")
    upload(page, photo_folder / "my coffee.jpg", photo_folder / "my rocket.jpg")
    own = wait_for_view(page, other_than=sample)
    page.locator(".own-item").nth(1).wait_for()
    assert page.locator(".own-show").all_inner_texts() == ["my coffee.jpg", "my rocket.jpg"]
    assert page.locator(".own-show img").count() == 2
    page.locator(".st-key-image_sample button").first.click()
    assert wait_for_view(page, other_than=own) == sample
    page.locator(".own-show").first.click()
    assert wait_for_view(page, other_than=sample) == own
    page.get_by_test_id("stTopNavLink").filter(has_text="Models").click()
    page.locator(".mo-all").wait_for()
    page.get_by_test_id("stTopNavLink").filter(has_text="Image").click()
    assert wait_for_view(page) == own
    page.reload()
    page.locator(".own-item").nth(1).wait_for()
    page.wait_for_selector(f'{VIEW}[data-view="{own}"]')
    page.locator(".own-remove").first.click()
    wait_for_view(page, other_than=own)
    assert page.locator(".own-show").all_inner_texts() == ["my rocket.jpg"]


def test_a_file_can_be_dropped_on_the_picture_itself(app, person, scrubbed, photo_folder):
    page = person()
    open_view(page, f"{app}/?model={scrubbed}")
    before = page.locator(VIEW).get_attribute("data-view")
    data = list((photo_folder / "my coffee.jpg").read_bytes())
    page.locator(f"{VIEW} .sc-stage").evaluate(DROP, ["dropped.jpg", data])
    wait_for_view(page, other_than=before)
    assert page.locator(f"{VIEW} .sc-caption").inner_text().startswith("dropped.jpg")


def test_back_leads_to_the_page_before_in_one_press(app, person, scrubbed):
    page = person()
    page.goto(app)
    page.locator(".st-key-start_try button").click()
    wait_for_view(page)
    page.locator(f"{VIEW} .sc-slider").focus()
    for key in ("Home", "End", "Home"):
        page.keyboard.press(key)
        page.wait_for_timeout(600)
    page.wait_for_selector(IDLE)
    page.go_back()
    page.locator(".st-key-start_try").wait_for()
    assert "/image" not in page.url


def test_on_a_phone_the_menu_closes_by_its_arrow_and_after_a_choice(app, person, scrubbed):
    page = person(viewport={"width": 390, "height": 844})
    open_view(page, f"{app}/?model={scrubbed}")
    open_menu = page.locator('[data-testid="stExpandSidebarButton"]')
    opened = page.locator('[data-testid="stSidebar"][data-collapsed="false"]')
    open_menu.first.click()
    opened.wait_for()
    page.locator('[data-testid="stSidebarCollapseButton"] button').click()
    opened.wait_for(state="hidden")
    open_menu.first.click()
    page.locator('[data-testid="stSidebarNavLink"]').filter(has_text="Models").click()
    page.locator(".mo-all").wait_for()
    opened.wait_for(state="hidden")


@pytest.mark.parametrize("place", ["image", "text"])
def test_a_projector_shows_answer_input_slider_and_decisions_on_one_screen(app, person, scrubbed, place):
    page = person(viewport={"width": 1280, "height": 720})
    page.goto(f"{app}/{place}?projector=1")
    wait_for_view(page)
    page.wait_for_timeout(400)
    what = ".sc-frame" if place == "image" else ".sc-words"
    for part in (".dv-answer strong", what, ".sc-slider", ".sc-decisions [data-slot=decisions]"):
        box = page.locator(f"{VIEW} {part}").first.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 720, part
    for part in (".st-key-save", f".st-key-{place}_inputs", ".sc-curve", ".sc-top"):
        assert not page.locator(part).count() or page.locator(part).first.is_hidden(), part
    cut = page.locator(f"{VIEW} .dv-name").evaluate_all(
        "(all) => all.filter((e) => e.scrollWidth > e.clientWidth + 1).length"
    )
    assert cut == 0


def test_arrows_go_from_one_kind_of_budget_to_the_other(app, person, scrubbed):
    page = person()
    open_view(page, f"{app}/?model={scrubbed}")
    chosen = page.locator(f"{VIEW} .sc-modes [aria-checked=true]")
    chosen.focus()
    first = chosen.inner_text()
    page.keyboard.press("ArrowRight")
    assert chosen.inner_text() != first
    assert chosen.evaluate("(e) => e.getRootNode().activeElement === e")
    page.keyboard.press("ArrowLeft")
    assert chosen.inner_text() == first


def test_a_picture_is_sent_once_and_sent_again_to_a_browser_that_lost_it(app, person, scrubbed):
    page, frames = person(), []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(bytes(frame))))
    open_view(page, f"{app}/?model={scrubbed}&sample=cat")
    wait_for_times(page)
    image = page.locator(f"{VIEW} .sc-picture img")
    source = image.get_attribute("src")
    piece = source[-1000:-500].encode()
    assert sum(piece in frame for frame in frames) == 1  # the milliseconds came without it
    before = page.locator(VIEW).get_attribute("data-view")
    page.locator(".st-key-image_sample button").nth(1).click()
    other = wait_for_view(page, other_than=before)
    assert image.get_attribute("src") != source
    count = len(frames)
    page.locator(".st-key-image_sample button").first.click()
    wait_for_view(page, other_than=other)
    assert image.get_attribute("src") == source and not any(piece in frame for frame in frames[count:])
    page.get_by_test_id("stTopNavLink").filter(has_text="Models").click()
    page.locator(".mo-all").wait_for()
    page.get_by_test_id("stTopNavLink").filter(has_text="Image").click()
    wait_for_view(page)
    page.wait_for_function("([e, wanted]) => e.getAttribute('src') === wanted", arg=[image.element_handle(), source])
