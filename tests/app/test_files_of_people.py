"""Files as people have them, each through the page's own path, the API, the command line and the report: one answer.

Neighbours of the kinds that people reported, made here; what was assumed about them is said everywhere alike.
"""

from __future__ import annotations

import html
import io
import wave
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from skimage import data

import dynviz
from app.budgets import BUDGETED
from app.inputs import own_input
from app.kinds import KINDS
from dynviz import MediaError
from dynviz.media.synthetic import synthetic_ecg
from dynviz.views.export.report import report
from tests.commands import call
from tests.media.samples import encoded
from tests.media.sound_samples import encoded as sound
from tests.media.sound_samples import tone

CAT = Image.fromarray(data.chelsea())
ECG = np.round(synthetic_ecg("ventricular").samples.astype(float), 3)
READERS = {"image": "msdnet", "ecg": "lstm-ecg", "speech": "lstm-digits", "text": "lstm-sst2"}
BAD_REVIEW = "A dull, tedious film: it doesn’t work, the jokes are awful and the ending is worse."


def _turned(kind: str, turn: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = turn
    back = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}[turn]
    return encoded(CAT.transpose(back), kind, quality=92, exif=exif.tobytes())


def _pages() -> bytes:
    return encoded(CAT, "TIFF", save_all=True, append_images=[CAT.rotate(180)])


def _sixteen() -> bytes:
    return encoded(Image.fromarray(np.asarray(CAT.convert("L")).astype(np.uint16) * 257), "PNG")


def _palette() -> bytes:
    few = CAT.quantize(200)
    return encoded(few, "PNG", transparency=bytes([0] * 4 + [255] * 196))


def _lines(*above: str, cells: list[str] | None = None, end: str = "\n") -> str:
    return end.join([*above, *([f"{value:.3f}" for value in ECG] if cells is None else cells)])


def _german() -> bytes:
    rows = [f"{i / 125:.3f};{value:.3f}".replace(".", ",") for i, value in enumerate(ECG)]
    return b"\xef\xbb\xbf" + _lines("Zeit (s);EKG (mV)", cells=rows, end="\r\n").encode()


def _dated() -> bytes:
    rows = [f"05.03.2024 10:59:{i / 125:06.3f};{v}" for i, v in enumerate(ECG)]
    return _lines("Datum;ekg", cells=rows).encode()


def _opposed() -> bytes:
    """Stereo of 24 bits at 48 kHz whose channels cancel one another out."""
    both = np.rint(np.stack([tone(48_000), -tone(48_000)], axis=1) * (2**23 - 1)).astype("<i4")
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((2, 3, 48_000, 0, "NONE", ""))
        writer.writeframes(both.reshape(-1).view(np.uint8).reshape(-1, 4)[:, :3].tobytes())
    return file.getvalue()


# name of the file -> (reader, its bytes, the answer where one is to be expected, words of what is said of it)
FILES: dict[str, tuple[str, Callable[[], bytes], str, tuple[str, ...]]] = {
    "print.jpg": ("image", lambda: encoded(CAT.convert("CMYK"), "JPEG"), "", ("CMYK",)),
    "sideways.jpg": ("image", lambda: _turned("JPEG", 8), "as the cat", ()),
    "IMG_0001.HEIC": ("image", lambda: _turned("HEIF", 6), "as the cat", ()),
    "IMG_0002.avif": ("image", lambda: _turned("AVIF", 3), "as the cat", ()),
    "scan.tif": ("image", _pages, "as the cat", ("first of 2 pages",)),
    "grey.png": ("image", _sixteen, "", ()),
    "drawing.png": ("image", _palette, "", ("Transparent parts",)),
    "film.gif": ("image", lambda: encoded(CAT, "GIF", save_all=True, append_images=[CAT.rotate(9)]), "", ("frames",)),
    "ekg.csv": ("ecg", _german, "ventricular beats", ("125 samples a second",)),
    "dated.csv": ("ecg", _dated, "ventricular beats", ("125 samples a second",)),
    "seconds.txt": ("ecg", lambda: _lines("# fs=125").encode("utf-16"), "ventricular beats", ("header says 125",)),
    "rateless.csv": ("ecg", lambda: _lines("EKG (mV)").encode(), "ventricular beats", ("as the file does not say",)),
    "opposed.wav": ("speech", _opposed, "", ()),
    "voice memo.m4a": ("speech", lambda: sound(tone(22_050), 22_050, "ipod", "aac"), "", ()),
    "note.txt": ("text", lambda: BAD_REVIEW.encode("utf-16-le"), "bad review", ()),
    "old.txt": ("text", lambda: BAD_REVIEW.encode("cp1252"), "bad review", ("Windows-1252",)),
    "clipped.txt": ("text", lambda: BAD_REVIEW.encode()[:-1] + b"\xff", "bad review", ("byte is damaged",)),
}
REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "excel.csv": ("ecg", lambda: _lines("ecg", cells=[*map(str, ECG), "#N/A", "0.1"]).encode(), "row 1251"),
    "lying.csv": ("ecg", lambda: "\n".join([",".join(map(str, ECG))] * 2).encode(), "1,250 columns"),
    "cut.heic": ("image", lambda: _turned("HEIF", 6)[:300], "damaged or incomplete"),
    "letter.rtf": ("text", lambda: rb"{\rtf1\ansi A dull film.\par}", "RTF"),
}  # fmt: skip


@pytest.fixture(scope="module")
def readers() -> dict[str, dynviz.ModelCard]:
    here = {card.name: card for card in dynviz.models()}
    if missing := set(READERS.values()) - here.keys():
        pytest.skip(f"not here: {', '.join(sorted(missing))}")
    return {kind: here[name] for kind, name in READERS.items()}


@pytest.mark.parametrize("name", FILES)
def test_every_way_gives_one_answer_and_says_the_same(name, readers, tmp_path):
    kind, made, answer, said = FILES[name]
    card, file = readers[kind], tmp_path / name
    file.write_bytes(made())
    chosen = own_input(card, name, file.read_bytes())
    page, trace = dynviz.sweep(card.name, chosen.media).full, dynviz.run(card.name, file)
    assert page.prediction == trace.prediction and page.media.notes == trace.media.notes
    expected = dynviz.run(card.name, CAT).prediction.label if answer == "as the cat" else answer
    assert not answer or trace.prediction.label == expected
    assert all(any(words in note for note in trace.media.notes) for words in said)
    assert said or not trace.media.notes
    (view,) = KINDS[card.modality].view({BUDGETED: (page,)}, name).values()
    told = call("run", file, "-m", card.name, "--json").json
    assert told["prediction"]["label"] == trace.prediction.label and told["notes"] == list(trace.media.notes)
    whole = html.unescape(report(trace))
    for note in trace.media.notes:
        assert note in view["caption"] and note in whole


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_is_refused_alike(name, readers, tmp_path):
    kind, made, why = REFUSED[name]
    card, file = readers[kind], tmp_path / name
    file.write_bytes(made())
    with pytest.raises(MediaError) as page:
        own_input(card, name, file.read_bytes())
    with pytest.raises(MediaError) as api:
        dynviz.run(card.name, file)
    assert str(page.value) == str(api.value) and why in str(api.value)
    refused = call("run", file, "-m", card.name)
    assert refused.status == 2 and str(api.value) in refused.err
