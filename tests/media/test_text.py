"""Texts: what a word is, which bytes are text, and that nothing else than a MediaError ever comes out."""

import io
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynviz.media import MediaError
from dynviz.media.cleaning import clean, cleaned
from dynviz.media.series import read_series
from dynviz.media.signal import ECG
from dynviz.media.sniff import picture_format
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
    assert all(not clean(gap).strip() for gap in gaps)


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_text_or_a_media_error(data):
    try:
        assert len(read_text(data)) > 0
    except MediaError as error:
        assert "\n" not in str(error)


# --- what web pages, phones and tokenisers leave in a text


def same_words(one, other):
    assert read_text(one).words == read_text(other).words


PLAIN = "I didn't like it: it's a film that doesn't end, and they won't care."


@pytest.mark.parametrize(
    "mark", ["’", "‘", "`", "´", "ʼ", "′", "＇", "&#39;", "&rsquo;", "&apos;", "&#x27;", "&amp;#39;"]
)
def test_whatever_stands_for_an_apostrophe_is_one(mark):
    same_words(PLAIN.replace("'", mark), PLAIN)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("It does n't work and it is n't funny .", "It doesn't work and it isn't funny."),
        ("It does n’t work ; that 's all they 've got", "It doesn't work; that's all they've got"),
        ("the film 's end -lrb- a bad one -rrb-", "the film's end (a bad one)"),
        ("`` never again '' , they say", '" never again ", they say'),
        ("good.<br /><br />Really<BR>good.", "good.\nReally\ngood."),
        ("<p class='x'>good</p><div>or <b>bad</b> or <i>odd</i></div>", "good or bad or odd"),
        ("good.&lt;br /&gt;Really", "good.\nReally"),
        ("caf&eacute; &amp; bar&nbsp;&hellip;", "café & bar …"),
        ("won\u00adder\u00adful \ufeffand\u200b fi\u200cne \u202aby\u202c me", "wonderful and fine by me"),
        ("a &madeup; thing, R&D; 3 < 4 > 2", "a &madeup; thing, R&D; 3 < 4 > 2"),
        ("he said 'yes' and 'no'", "he said 'yes' and 'no'"),
    ],
)
def test_litter_changes_no_word(written, meant):
    same_words(written, meant)
    assert clean(meant) == meant


def test_joiners_of_emoji_and_of_scripts_stay():
    for text in ("👩‍👩‍👧", "می‌خواهم"):
        assert clean(text) == text


def test_words_are_found_where_they_stand_in_the_text_as_typed():
    text = "It&#39;s won\u00adderful,<br />and does n`t end&hellip;"
    read = read_text(text)
    assert read.text == text and read.words == ("it", "'s", "wonderful", ",", "and", "doesn't", "end", "...")
    assert pieces(text) == ["It", "&#39;s", "won\u00adderful", ",", "and", "does n`t", "end", "&hellip;"]


@given(
    st.lists(
        st.sampled_from(["&#39;", "<br />", " n't", "\u00ad", "a", "-lrb-", "``", " ", "'", "&amp;", "é", "🙂", "<b>"])
    )
)
@settings(max_examples=300, deadline=None)
def test_both_ways_of_cleaning_agree(parts):
    text = "".join(parts)
    both = cleaned(text)
    assert both.text == clean(text) and len(both.starts) == len(both.ends) == len(both.text)
    assert (both.starts < both.ends).all() and (both.starts[1:] >= both.ends[:-1]).all()


def test_one_damaged_byte_is_one_damaged_character():
    text = "It isn’t good, it’s a café’s film"
    read = read_text(text.replace("film", "fi*lm").encode().replace(b"*", b"\x92"))
    assert read.text == text.replace("film", "fi\ufffdlm") and read.notes == (
        "One byte is damaged and shown as \ufffd.",
    )
    assert read_text(text.encode("cp1252")).text == text and "Windows-1252" in read_text(text.encode("cp1252")).notes[0]
    assert read_text("déjà vu \ufffd".encode()).notes == ()  # it was there when it was saved
    cut = read_text(("x’" * 9).encode()[:-1])
    assert cut.text == "x’" * 8 + "x\ufffd"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{\\rtf1\\ansi\\ansicpg1252 I didn\\'92t like it.}", "an RTF document"),
        (b"<!DOCTYPE html>\n<html><body>It was good</body></html>", "a web page"),
        (b"\xef\xbb\xbf  <HTML lang=en><head><title>x</title>", "a web page"),
        (b"<!-- saved -->\n<html>x", "a web page"),
        (b'<?xml version="1.0"?><!DOCTYPE html><html/>', "a web page"),
        (b'<?xml version="1.0"?><feed>good</feed>', "an XML document"),
        (b"From: <Saved>\nSubject: x\nMIME-Version: 1.0\n\nx", "a saved web page or a mail"),
    ],
)
def test_documents_that_are_all_letters_are_named(data, said):
    for source in (data, data.decode()):
        with pytest.raises(MediaError, match=said) as caught:
            read_text(source)
        assert "accepted" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "start", ["BMX film", "MZ is a rapper", "ID3 tags", "Rar!", "8BPS", "fLaC", "OggS", "GIF89a", "PK is"]
)
def test_a_text_may_begin_like_any_other_file(start):
    text = f"{start}, and a café that I didn't like; the rest of it is long enough."
    for encoding in ("utf-8", "cp1252"):
        assert read_text(text.encode(encoding)).text == text
        with pytest.raises(MediaError, match="a text file, not a picture"):
            picture_format(text.encode(encoding))
    table = f"{start}\n" + "\n".join(f"{i % 7 / 10}" for i in range(300))
    assert read_series(table.encode(), ECG).seconds == 2.4
