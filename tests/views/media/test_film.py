"""Videos drawn: every candidate frame by what happened to it, small enough for a page of many budgets."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from dynviz.decisions import FrameChoice
from dynviz.views.decisions.frame_states import GLANCED, LOOKED, SKIPPED, clock, in_order, shots
from dynviz.views.decisions.frames import ATTENTION, TALL, strip
from dynviz.views.decisions.panels import panels
from dynviz.views.export.tables import csv_frames
from dynviz.views.media.film import film
from dynviz.views.pictures.film import SCREEN, contact_sheet, playback
from tests.views.film_traces import FULL, GLANCE, film_trace
from tests.views.fragments import of_class, words

ORDER = (8, 4, 12, 2)


def decided(trace) -> str:
    return next(panel.html for panel in panels(trace) if panel.name == "decisions")


def test_each_frame_has_its_state_its_turn_and_the_answer_after_it():
    found = shots(film_trace(order=ORDER, sides=(128, 64), boxes=True))
    assert [shot.index for shot in found] == list(range(16))
    assert [shot.index for shot in in_order(found)] == list(ORDER)
    assert {shot.state for shot in found if shot.turn is None} == {SKIPPED}
    assert [(found[i].side_px, len(found[i].boxes)) for i in ORDER] == [(128, 1), (64, 1), (128, 1), (64, 1)]
    assert [found[i].label for i in ORDER] == ["cat", "coffee", "coffee", "coffee"]
    assert found[4].second == 2.0 and found[5].label == "" and found[5].boxes == ()


def test_what_was_only_glanced_at_is_told_apart_from_what_was_skipped():
    assert {shot.state for shot in shots(film_trace(order=ORDER, glances=True))} == {LOOKED, GLANCED}
    assert "glanced at" in words(decided(film_trace(glances=True)))
    assert "glanced at" not in words(decided(film_trace()))


def test_the_turn_is_the_order_of_looking_and_not_of_time():
    trace = film_trace(order=ORDER)
    html = film(trace)
    discs = [words(part) for part in html.split('class="dv-shot')[1:]]
    assert [i for i, part in enumerate(html.split('class="dv-shot')[1:]) if "dv-disc" in part] == sorted(ORDER)
    assert discs[8].split()[0].endswith("1") or " 1 " in discs[8]
    assert html.count("<img") == 16 and len([a for a in of_class(html, "dv-shot") if "dv-off" in a["class"]]) == 12


def test_the_decisions_hold_no_pictures_so_that_twenty_budgets_stay_small():
    html = decided(film_trace(64, tuple(range(64)), sides=(128, 64), boxes=True))
    assert "data:image" not in html and len(html) < 40_000
    assert "48 more frames" in words(html)


def test_boxes_lie_on_their_own_frames():
    html = film(film_trace(order=ORDER, boxes=True))
    parts = html.split('class="dv-shot')[1:]
    assert [i for i, part in enumerate(parts) if "dv-box" in part] == sorted(ORDER)


def test_resolutions_of_frames_are_counted():
    said = words(decided(film_trace(order=ORDER, sides=(128, 64, 64))))
    assert "2 at 128 px, 2 at 64 px" in said and "saves nothing" not in said


def test_a_sheet_shows_skipped_frames_paler_than_those_looked_at():
    trace = film_trace(order=ORDER)
    sheet = np.asarray(contact_sheet(trace, 960, "light").convert("RGB")).astype(int)
    # four rows of four would be 12 at most; sixteen stand six to a row
    wide, gap, left = (960 - 2 * 28 - 5 * 12) // 6, 12, 28
    tall = round(wide * 9 / 16)

    def spread(frame: int) -> float:
        x, y = left + frame % 6 * (wide + gap), gap + frame // 6 * (tall + 30 + gap)
        return float(sheet[y + 40 : y + tall - 8, x + 8 : x + wide - 8].std())

    assert min(spread(i) for i in ORDER) > 1.5 * max(spread(i) for i in (0, 1, 3, 15))


def test_playback_goes_through_all_frames_in_order_of_time():
    trace = film_trace(order=ORDER, sides=(128,), boxes=True)
    scenes = playback(trace, "dark")
    assert len(scenes) == 17 and {picture.size for picture, *_ in scenes} == {(SCREEN[0], SCREEN[1] + 84)}
    assert [ms for *_, ms in scenes[:-1]] == [500] * 16
    heads = [head for _, head, _, _ in scenes]
    assert heads[4].startswith("0:02.0 · coffee") and heads[5] == "0:02.5" and heads[-1] == "coffee 90 %"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_upright_video_fits_the_screen(theme):
    trace = replace(film_trace(3, (1,)), media=replace(film_trace(3, (1,)).media, width_px=1080, height_px=1920))
    assert playback(trace, theme)[0][0].size == (SCREEN[0], SCREEN[1] + 84)
    assert contact_sheet(trace, 960, theme).width == 960


def test_the_table_has_a_line_for_each_frame():
    rows = list(csv.DictReader(io.StringIO(csv_frames(film_trace(order=ORDER, sides=(96,), boxes=True)), newline="")))
    assert len(rows) == 16
    assert (rows[8]["turn"], rows[8]["state"], rows[8]["side_px"], rows[8]["second"]) == ("1", LOOKED, "96", "4")
    assert len(rows[8]["region"].split()) == 4 and rows[9]["region"] == "" and rows[9]["state"] == SKIPPED


def test_a_moment_is_told_as_on_a_player():
    assert [clock(s, 3) for s in (0.04, 59.96, 75.25, None)] == ["0:00.0", "1:00.0", "1:15.2", "frame 4"]


def test_a_trace_without_thumbnails_or_with_strange_ones_draws_what_it_can():
    trace = film_trace()
    bare = replace(trace, media=replace(trace.media, thumbnails=(), times_s=None))
    assert film(bare) == "" and "frame 9" in words(decided(bare))
    odd = replace(trace, media=replace(trace.media, thumbnails=(b"<svg onload=alert(1)>",) * 16))
    with pytest.raises(ValueError):  # whoever draws it guards every part
        film(odd)


def test_a_frame_that_was_followed_by_no_answer_tells_what_it_cost():
    trace = film_trace(order=ORDER, sides=(128, 64), glances=True, answers=False)
    html = decided(trace)
    assert "128 px · <b>20 M</b>" in html and "64 px · <b>20 M</b>" in html
    assert "bars: what looking at it cost" in words(html)
    found = shots(trace)
    assert all(shot.glance_macs == GLANCE for shot in found)
    assert sum(shot.macs for shot in found) == len(ORDER) * FULL + len(found) * GLANCE


def test_frames_that_share_the_attention_tell_how_much_of_it_is_covered():
    said = words(decided(film_trace(order=ORDER, answers=False, rule=ATTENTION)))
    assert "first" in said and "of its attention" in said and "-100" not in said
    assert "so much of its attention is covered" in said


def test_scores_that_are_no_shares_are_not_drawn_as_such():
    trace = film_trace(order=ORDER, answers=False, rule="gate")
    wild = [replace(d, score=2.2) if isinstance(d, FrameChoice) and d.executed else d for d in trace.decisions]
    said = words(decided(replace(trace, decisions=tuple(wild))))
    assert "220" not in said and "bars: what looking at it cost" in said


def test_regions_of_frames_come_in_the_order_of_looking():
    said = words(decided(film_trace(order=(8, 4, 12), boxes=True))).split("Regions looked at")[1]
    assert said.index("0:04.0") < said.index("0:02.0") < said.index("0:06.0")


def test_a_cell_is_as_high_as_its_share_of_the_largest_resolution_there_is():
    half = strip(shots(film_trace(4, (1,), sides=(64,))))  # of 128 px
    assert f'height="{TALL / 2:.1f}"' in half
