"""Texts: what a word is, which bytes are text, and that nothing else than a MediaError ever comes out."""

import io
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynviz.media import MediaError
from dynviz.media.text import MAX_BYTES, MAX_WORDS, read_text


def pieces(text):
    read = read_text(text)
    return [read.text[a:b] for a, b in read.spans.tolist()]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don’t go—it's GREAT...", ["Don’t", "go", "—", "it", "'s", "GREAT", "..."]),
        ("WE'LL see O'Neill's 'sad' end", ["WE", "'LL", "see", "O'Neill", "'s", "'", "sad", "'", "end"]),
        ("10/10!!", ["10", "/", "10", "!!"]),
        ("हिन्दी पाठ", ["हिन्दी", "पाठ"]),
        ("我喜欢。", ["我", "喜", "欢", "。"]),
        ("שלום עולם", ["שלום", "עולם"]),
        ("👩‍👩‍👧 ok 👍🏽", ["👩‍👩‍👧", "ok", "👍🏽"]),
        ("cafe\u0301", ["cafe\u0301"]),
        ("one", ["one"]),
        ("a_b", ["a", "_", "b"]),
    ],
)
def test_words(text, words):
    assert pieces(text) == words


def test_a_vocabulary_sees_plain_words():
    assert read_text("It’s 1999, ＡＢＣ!").words == ("it", "'s", "0000", ",", "abc", "!")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_encodings_met_in_the_wild(encoding):
    text = "A café, naïve and déjà vu: the film was plainly very good."
    assert read_text(text.encode(encoding)).text == text


def test_line_ends_are_unified_and_sources_are_equal(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\r\ntwo\rthree")
    read = read_text(path)
    assert read.text == "one\ntwo\nthree"
    assert read.digest == read_text(b"one\r\ntwo\rthree").digest == read_text(io.BytesIO(b"one\r\ntwo\rthree")).digest
    assert read.media().modality == "text" and np.array_equal(read.media().spans, read.spans)


def test_a_text_that_begins_like_a_picture_is_a_text():
    assert read_text(b"BMW builds cars.").text == "BMW builds cars."


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no words"),
        (b" \n\t ", "no words"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x90", "a picture"),
        (b"%PDF-1.7 all printable", "a PDF document"),
        (b"PK\x03\x04\x14\0\0\0", "a zip archive"),
        (bytes(range(32)) * 20, "not a text"),
        (b"\xff\xfea", "damaged"),
        (b"x" * (MAX_BYTES + 1), "larger than 1 MB"),
    ],
)
def test_other_files_are_refused_in_one_sentence(data, said):
    with pytest.raises(MediaError, match=said) as caught:
        read_text(data)
    assert "accepted" in str(caught.value) and "\n" not in str(caught.value)


def test_a_long_text_is_cut_and_says_so():
    read = read_text("word " * (MAX_WORDS + 5))
    assert len(read) == MAX_WORDS and f"first {MAX_WORDS:,} words" in read.notes[0]
    assert read.text.endswith("word")


@pytest.mark.parametrize("piece", ["a", "'", "e\u0301", "字", "a'", "a "])
def test_nothing_takes_long(piece):
    text = piece * (MAX_BYTES // len(piece))
    started = time.process_time()
    read_text(text)
    assert time.process_time() - started < 5


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_spans_are_in_order_and_leave_out_only_space(text):
    try:
        read = read_text(text)
    except MediaError:
        return
    flat = read.spans.ravel()
    assert (np.diff(flat.reshape(-1, 2), axis=1) > 0).all() and (np.diff(flat)[1::2] >= 0).all()
    assert flat[0] >= 0 and flat[-1] <= len(read.text)
    gaps = [read.text[a:b] for a, b in zip([0, *flat[1::2]], [*flat[::2], len(read.text)], strict=True)]
    assert all(not gap.strip() for gap in gaps)


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_text_or_a_media_error(data):
    try:
        assert len(read_text(data)) > 0
    except MediaError as error:
        assert "\n" not in str(error)
