"""Every sentence that the app can say, for extreme inputs, against rules that a reader would hold it to."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.app.sentences import every

NOUNS = (
    "exit|block|layer|word|mark|step|frame|region|place|picture|text|recording|video|network|input|thing|class|token|"
    "expert|channel|channel group|decision|sample|node|way|pass|file|point of accuracy|sampling point|patch|unit|part|"
    "inputs|exits|blocks|layers|words|marks|steps|frames|regions|places|pictures|texts|recordings|videos|networks|"
    "things|classes|tokens|experts|channels|channel groups|decisions|samples|nodes|ways|passes|files|sampling points"
)
BY_LENGTH = "|".join(sorted(NOUNS.split("|"), key=len, reverse=True))
COUNTED = re.compile(rf"(?<![\d.,/×−+])\b(\d[\d,]*) ({BY_LENGTH})\b(?! of a)")
OF = re.compile(r"(?<![\d.,/])\b(\d[\d,]*) of (\d[\d,]*)\b(?! ?[%.\d])")


PIECES = ("accuracy.interval", "accuracy.changes.after", "decided.load.more", "place.bare")  # of longer sentences


def _plural(sentence: str) -> bool:
    """'1 words', '2 word'."""
    return any((number == "1") == (noun.endswith("s") and noun != "class" and noun != "pass")
               for number, noun in COUNTED.findall(sentence))  # fmt: skip


def _more_than_all(sentence: str) -> bool:
    """'9 of 7'."""
    return any(int(a.replace(",", "")) > int(b.replace(",", "")) for a, b in OF.findall(sentence))


def _sure_in_doubt(sentence: str) -> object:
    """'sure after 4 words' beside 'probably none of the things it knows'."""
    return "probably none" in sentence and re.search(r"\b(is|was|so|stops?:?) sure\b|\bsure (after|enough)", sentence)


RULES: dict[str, Callable[[str], object]] = {
    "a number and its noun agree": _plural,
    "no part is larger than its whole": _more_than_all,
    "nobody is sure and in doubt at once": _sure_in_doubt,
    "no gap is left empty": re.compile(r"  |\(\)|\( |“”|‘’| [.,;:]( |$)|\.\.(?!\.)|:\.|^\s|\s$|,,").search,
    "no number is none": re.compile(r"\bnan\b|\bNone\b|\binf\b|\?\s?%|[{}]|\bnull\b").search,
    "one word for compute": re.compile(r"\bMACs?\b|\bFLOPs?\b").search,
    "words of the trade have gone": re.compile(r"static path|sibling|\bparent\b|plain pass|\b[a-z]+s\.\d").search,
    "nothing saves or costs less than nothing": re.compile(r"\b(saves|costs|for) −").search,
    "all of it is not only that": re.compile(r"\bonly (\*\*)?100 %").search,
}


def faults(sentence: str) -> list[str]:
    return [name for name, broken in RULES.items() if broken(sentence)]


@pytest.mark.parametrize(
    "sentence",
    [
        "1 words", "read 2 word", "9 of 7 exits", "36 %, sure after 4 · probably none of the things it knows",
        "Start: ,", "nan of 7", "31 M MACs", "26 % of the static path", "layers.0", "though that is only 100 %",
        "costs −3 M", "for “” it", "1 exits ran", "0 block",
    ],
)  # fmt: skip
def test_a_wrong_sentence_is_found(sentence):
    assert faults(sentence)


@pytest.mark.parametrize(
    "sentence", ["1 word", "0 words", "1,204 words", "7 of 7 exits ran", "of 1 class", "2 classes"]
)
def test_a_right_sentence_is_left_alone(sentence):
    assert not faults(sentence)


def test_every_sentence_keeps_the_rules():
    told = {sentence.removesuffix(" · "): place for place, sentence in every() if place not in PIECES}
    assert len(told) > 900
    found = ((place, sentence, faults(sentence)) for sentence, place in told.items())
    wrong = [f"{place}: {sentence!r}: {', '.join(broken)}" for place, sentence, broken in found if broken]
    assert not wrong, f"{len(wrong)} of {len(told)}:\n" + "\n".join(sorted(wrong)[:60])


def test_two_answers_are_no_five_guesses():
    told = [sentence for place, sentence in every() if "two answers" in place]
    assert len(told) > 100 and not [sentence for sentence in told if "best guesses" in sentence]
