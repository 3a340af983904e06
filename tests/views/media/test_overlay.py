"""Places in a picture: the part that was not seen, boxes in preview pixels, masks, colour bars."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from dynviz import decisions as kinds
from dynviz.trace import Media
from dynviz.views.decisions.maps import colour_bar, coloured, span
from dynviz.views.decisions.tokens import group_sizes, on_grid
from dynviz.views.examples.traces import examples
from dynviz.views.media.overlay import SUM, Canvas, layers_of, overlay, spatial_shapes, unseen
from dynviz.views.style.shapes import mean_maps, stripes
from tests.views.fragments import of_class, words


def preview(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "gray").save(buffer, "PNG")
    return buffer.getvalue()


def trace_of(kind: str):
    return next(t for t in examples() if t.decisions[0].kind == kind)


WIDE = Media("image", "d", 800, 600, (100.0, 0.0, 700.0, 600.0), preview(400, 300))


def test_what_was_not_seen_by_hand():
    assert unseen(WIDE) == [(0, 0, 100, 600), (700, 0, 800, 600)]
    assert unseen(replace(WIDE, box_px=(0, 0, 800, 600))) == []
    assert unseen(replace(WIDE, box_px=(0, -100, 800, 700))) == []  # the whole picture fitted into a square
    assert unseen(replace(WIDE, box_px=(0, 0, 0, 0))) == []
    assert unseen(replace(WIDE, box_px=(100, 50, 700, 550))) == [
        (0, 0, 100, 600), (700, 0, 800, 600), (100, 0, 700, 50), (100, 550, 700, 600),
    ]  # fmt: skip


def test_the_overlay_is_in_preview_pixels():
    svg = overlay(replace(trace_of("exit"), media=WIDE))
    assert 'viewBox="0 0 400 300"' in svg
    veils = [(float(a["x"]), float(a["width"]), float(a["height"])) for a in of_class(svg, "dv-veil")]
    assert veils == [(0, 50, 300), (350, 50, 300)]
    assert words(svg) == "not seen not seen"


def test_nothing_to_say_is_an_empty_picture():
    whole = replace(WIDE, box_px=(0.0, 0.0, 800.0, 600.0))
    assert re.fullmatch(r"<svg[^>]*></svg>", overlay(replace(trace_of("exit"), media=whole)))
    assert re.fullmatch(r"<svg[^>]*></svg>", overlay(trace_of("step-update")))


def test_a_fault_leaves_the_picture_bare():
    empty = re.compile(r"<svg[^>]*></svg>")
    assert empty.fullmatch(overlay(replace(trace_of("exit"), media=replace(WIDE, preview=b"no picture"))))
    broken = replace(trace_of("pixel-mask").decisions[0], mask=np.zeros(3))
    assert empty.fullmatch(overlay(replace(trace_of("pixel-mask"), decisions=(broken,))))


def test_a_region_is_drawn_where_it_was():
    whole = replace(WIDE, box_px=(0.0, 0.0, 800.0, 600.0))
    region = kinds.Region(unit="glimpse", box_px=(200.0, 100.0, 400.0, 300.0))
    svg = overlay(replace(trace_of("region"), media=whole, decisions=(region,)))
    assert of_class(svg, "dv-box")[0]["d"] == "M100.0 50.0L200.0 50.0L200.0 150.0L100.0 150.0Z"
    turned = replace(region, affine=np.array([[0.0, -100.0, 300.0], [100.0, 0.0, 200.0]]))
    svg = overlay(replace(trace_of("region"), media=whole, decisions=(turned,)))
    assert of_class(svg, "dv-box")[0]["d"] == "M200.0 50.0L200.0 150.0L100.0 150.0L100.0 50.0Z"


def test_only_the_asked_frame_is_drawn():
    whole = replace(WIDE, modality="video", box_px=(0.0, 0.0, 800.0, 600.0))
    regions = tuple(
        kinds.Region(unit="g", order=i, frame=f, box_px=(0.0, 0.0, 100.0 + i, 100.0)) for i, f in enumerate((3, 7))
    )
    trace = replace(trace_of("region"), media=whole, decisions=regions)
    assert len(of_class(overlay(trace), "dv-box")) == 2
    assert len(of_class(overlay(trace, frame=7), "dv-box")) == 1
    assert not of_class(overlay(trace, frame=5), "dv-box")


def test_masks_are_pictures_of_one_pixel_per_cell():
    svg = overlay(trace_of("pixel-mask"))
    encoded = re.findall(r'href="data:image/png;base64,([^"]+)"', svg)
    assert len(encoded) == 1 and "image-rendering:pixelated" in svg
    import base64

    with Image.open(io.BytesIO(base64.b64decode(encoded[0]))) as image:
        cells = np.asarray(image)
    assert cells.shape == (32, 32)  # the finest of the layers
    masks = [d.mask for d in trace_of("pixel-mask").decisions]
    assert cells[0, 0] == 255 and not masks[0][0, 0]  # skipped by all layers: fully veiled
    assert cells[15, 15] == 0 and masks[0][15, 15] and masks[3][3, 3]


@pytest.mark.parametrize("kind", [d for d in kinds.DECISION_TYPES if d not in ("step-update", "frame-choice")])
def test_an_overlay_stays_small(kind):
    assert len(overlay(trace_of(kind))) < 30_000


def test_mean_of_maps_of_different_sizes():
    fine, coarse = np.array([[1, 0], [0, 0]]), np.array([[1]])
    assert mean_maps([fine, coarse]).tolist() == [[1.0, 0.5], [0.5, 0.5]]


def test_stripes_stay_in_their_box():
    numbers = [float(n) for n in re.findall(r"[\d.]+", stripes(10, 20, 50, 40, 5))]
    xs, ys = numbers[0::2], numbers[1::2]
    assert xs and min(xs) >= 10 and max(xs) <= 50 and min(ys) >= 20 and max(ys) <= 40


def test_colours_span_a_narrow_range_and_survive_a_constant():
    values = np.array([[0.5, 0.5 + 1e-6]])
    low, high = span(values)
    assert coloured(values, low, high).tolist() == [[[0x44, 0x01, 0x54], [0xFD, 0xE7, 0x25]]]
    flat = np.full((2, 2), 3.0)
    assert len(np.unique(coloured(flat, *span(flat)).reshape(-1, 3), axis=0)) == 1
    assert "the same everywhere" in colour_bar(3.0, 3.0, "layers")
    assert words(colour_bar(1.0, 5.92, "layers")) == "1 5.92 layers"
    assert span(np.array([np.nan, 2.0, np.inf])) == (2.0, 2.0)


def test_a_broken_number_does_not_break_a_map():
    ponder = trace_of("ponder-map")
    holed = ponder.decisions[0].map.copy()
    holed[0, :3] = np.nan, np.inf, -np.inf
    from dynviz.views.decisions.panels import panels

    broken = replace(ponder, decisions=(replace(ponder.decisions[0], map=holed),))
    assert all("dv-broken" not in panel.html for panel in panels(broken)) and "image/png" in overlay(broken)


def test_tokens_on_their_grid():
    assert on_grid(np.arange(5), (2, 2)).tolist() == [[1, 2], [3, 4]]  # the class token is left off
    assert on_grid(np.arange(3), (2, 2)) is None and on_grid(np.arange(3), None) is None
    assert group_sizes(np.array([0, 0, 2, 0])).tolist() == [3, 3, 1, 3]


def test_merged_tokens_are_parted_by_lines():
    merge = kinds.TokenMerge(unit="l", source=np.array([0, 1, 0, 1]), grid=(2, 2))
    media = replace(WIDE, box_px=(0.0, 0.0, 800.0, 600.0))
    svg = overlay(replace(trace_of("token-merge"), media=media, decisions=(merge,)))
    assert of_class(svg, "dv-cuts")[0]["d"] == "M200.0 0.0L200.0 300.0"  # left from right, nothing across


def test_the_canvas_without_a_picture():
    canvas = Canvas(Media("image", "d", 50, 200))
    assert (canvas.width, canvas.height) == (100, 100) and canvas.box((25, 100, 50, 200)) == (50, 50, 100, 100)


# --- one layer, or the sum of all


SEEN = Media("image", "d", 400, 400, (0.0, 0.0, 400.0, 400.0), preview(100, 100))
LEFT, ABOVE = np.array([[True, False], [True, False]]), np.array([[True, True], [False, False]])


def masked(*masks: np.ndarray, kind=kinds.PixelMask, **more):
    name = {kinds.PixelMask: "mask", kinds.PonderMap: "map", kinds.TokenSelection: "kept"}[kind]
    rows = [kind(unit=f"blocks.{i}", order=i, **{name: mask}, **more) for i, mask in enumerate(masks)]
    return replace(trace_of("pixel-mask"), decisions=tuple(rows), media=SEEN)


def test_one_layer_is_laid_over_the_picture_alone():
    trace = masked(LEFT, ABOVE)
    (shape,) = spatial_shapes(trace, layers="blocks.1")
    assert (shape.share == ~ABOVE).all()
    (mean,) = spatial_shapes(trace)
    assert mean.share.tolist() == [[0.0, 0.5], [0.5, 1.0]]
    assert len({overlay(trace), overlay(trace, layers="blocks.0"), overlay(trace, layers=SUM)}) == 3


@pytest.mark.parametrize(
    ("kind", "maps", "more"),
    [
        (kinds.PixelMask, (LEFT, ABOVE), {}),
        (kinds.TokenSelection, (LEFT.ravel(), ABOVE.ravel()), {"grid": (2, 2)}),
        (kinds.PonderMap, (np.array([[2.0, 1.0], [1.0, 0.0]]), np.array([[2.0, 1.0], [1.0, 0.0]])), {"most": 2.0}),
    ],
)
def test_the_sum_tells_how_many_layers_looked(kind, maps, more):
    trace = masked(*maps, kind=kind, **more)
    shape, told = spatial_shapes(trace, layers=SUM)
    assert told.words == "bright: many layers" and told.words in overlay(trace, layers=SUM)
    total = np.array([[2, 1], [1, 0]]) * (2 if kind is kinds.PonderMap else 1)
    assert (shape.rgb == coloured(total.astype(float), 0.0, float(total.max()))).all()
    assert spatial_shapes(trace, layers="blocks.0") != spatial_shapes(trace, layers=SUM)


def test_which_layers_there_are():
    assert layers_of([masked(LEFT, LEFT, ABOVE)]) == ("blocks.0", "blocks.2")  # those that share a mask are one
    assert layers_of([masked(LEFT, LEFT), masked(LEFT, ABOVE)]) == ("blocks.0", "blocks.1")
    assert layers_of([masked(LEFT, LEFT)]) == () == layers_of([trace_of("exit")])
    flat = masked(LEFT.ravel(), ABOVE.ravel(), kind=kinds.TokenSelection)
    assert layers_of([flat]) == ()  # tokens of a text lie nowhere in a picture
