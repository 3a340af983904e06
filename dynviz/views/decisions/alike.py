"""Guesses that mean nearly the same: of a thousand things a network knows five kinds of cat, and is unsure which.

Told one by one they look as if it knew nothing; together they say "a cat, almost surely". Kinds go by the labels'
names, so that whoever knows such things by other names simply has no kinds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from dynviz.trace import Trace

# name of a kind -> first and last of labels that stand in a row
RUNS: tuple[tuple[str, str, str], ...] = (
    ("cat", "tabby", "Egyptian cat"),
    ("dog", "Chihuahua", "Mexican hairless"),
    ("wolf or wild dog", "timber wolf", "African hunting dog"),
    ("fox", "red fox", "grey fox"),
    ("big cat", "cougar", "cheetah"),
    ("bear", "brown bear", "sloth bear"),
    ("ape", "orangutan", "siamang"),
    ("monkey", "guenon", "squirrel monkey"),
    ("elephant", "Indian elephant", "African elephant"),
    ("shark", "great white shark", "hammerhead"),
    ("ray", "electric ray", "stingray"),
    ("songbird", "brambling (bird)", "chickadee (bird)"),
    ("newt or salamander", "European fire salamander", "axolotl"),
    ("frog", "bullfrog", "tailed frog"),
    ("turtle", "loggerhead turtle", "box turtle"),
    ("lizard", "banded gecko", "Komodo dragon"),
    ("crocodile", "African crocodile", "American alligator"),
    ("snake", "thunder snake", "sidewinder (snake)"),
    ("spider", "black and gold garden spider", "wolf spider"),
    ("grouse", "black grouse", "prairie chicken"),
    ("parrot", "African grey parrot", "lorikeet"),
    ("crab", "Dungeness crab", "king crab"),
    ("lobster", "American lobster", "crayfish"),
    ("stork", "white stork", "black stork"),
    ("beetle", "tiger beetle", "weevil"),
    ("butterfly", "admiral butterfly", "lycaenid butterfly"),
    ("antelope", "hartebeest", "gazelle"),
    ("mushroom", "coral fungus", "bolete (mushroom)"),
)
# the same for labels that stand apart
SETS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("rabbit or hare", ("cottontail rabbit", "hare", "Angora rabbit")),
    ("sheep or goat", ("ram", "bighorn", "ibex")),
    ("cup of coffee", ("espresso", "cup", "coffee mug")),
    ("computer", ("laptop", "notebook computer", "desktop computer")),
    ("screen", ("computer monitor", "screen (display)", "television")),
    ("keyboard", ("computer keyboard", "typewriter keyboard", "space bar (key)")),
    ("car", ("sports car", "convertible", "racing car", "station wagon", "limousine", "minivan", "taxi", "jeep")),
    ("lorry", ("articulated truck", "moving van", "garbage truck", "tow truck", "fire engine")),
    ("motorcycle", ("moped", "motor scooter")),
    ("bicycle", ("mountain bike", "bicycle-built-for-two")),
    ("bus", ("minibus", "school bus", "trolleybus")),
    ("train", ("bullet train", "electric locomotive", "steam locomotive", "railway carriage", "freight car")),
    ("ship", ("container ship", "ocean liner", "pirate ship", "schooner", "yawl (sailing boat)", "aircraft carrier")),
    ("boat", ("canoe", "gondola", "lifeboat", "speedboat", "catamaran", "trimaran")),
    ("rocket", ("missile", "projectile", "space shuttle")),
    ("aeroplane", ("airliner", "warplane", "aircraft wing")),
    ("bottle", ("water bottle", "beer bottle", "soda bottle", "wine bottle", "pill bottle")),
    ("jug", ("pitcher (jug)", "water jug", "whiskey jug")),
    ("pot", ("teapot", "coffeepot")),
    ("glasses", ("sunglasses", "sunglass lens")),
    ("telephone", ("mobile phone", "dial telephone", "pay phone")),
    ("guitar", ("acoustic guitar", "electric guitar", "guitar pick")),
    ("piano", ("grand piano", "upright piano")),
    ("hat", ("cowboy hat", "sombrero", "bonnet (hat)", "bearskin hat")),
    ("shoe", ("running shoe", "loafer (shoe)", "clog", "sandal", "cowboy boot")),
    ("skirt", ("miniskirt", "hoopskirt", "overskirt", "sarong")),
    ("swimsuit", ("one-piece swimsuit", "tank swimsuit", "bikini")),
    ("clock", ("analog clock", "digital clock", "wall clock")),
    ("camera", ("reflex camera (SLR)", "Polaroid camera", "lens cap", "tripod")),
    ("church or monastery", ("church", "monastery", "bell cote", "altar")),
    ("fence", ("picket fence", "chainlink fence", "split-rail fence")),
    ("bridge", ("steel arch bridge", "suspension bridge", "viaduct")),
    ("cot", ("crib", "cradle", "bassinet (cot)")),
    ("corn", ("corn", "ear of corn")),
    ("coast", ("seashore", "sandbar", "headland", "lakeside", "cliff")),
)


LEAST = 0.05  # of a guess that is moved to the others of its kind; smaller ones say little


@dataclass(frozen=True)
class Guess:
    """What a network may be looking at. share: its probability, that of all of ``members`` where there are several."""

    name: str
    share: float
    members: tuple[tuple[str, float], ...]


def guesses(trace: Trace) -> tuple[Guess, ...]:
    """The best five, those of a kind together, in the order of the best of each."""
    kinds = _kinds(trace.labels)
    found: dict[str, list[tuple[str, float]]] = {}
    for i, (label, share) in enumerate(trace.prediction.top):
        kind = kinds.get(label) if i == 0 or share >= LEAST else None
        found.setdefault(kind or f"={label}", []).append((label, share))
    return tuple(
        Guess(own[0][0] if len(own) == 1 else kind, sum(share for _, share in own), tuple(own))
        for kind, own in found.items()
    )


@lru_cache(maxsize=64)
def _kinds(labels: Sequence[str]) -> dict[str, str]:
    """Label -> kind, for those that have others of their kind among ``labels``."""
    place = {label: i for i, label in enumerate(labels)}
    kinds: dict[str, str] = {}
    for kind, first, last in RUNS:
        if first in place and last in place:
            kinds |= dict.fromkeys(labels[place[first] : place[last] + 1], kind)
    for kind, members in SETS:
        known = [label for label in members if label in place]
        if len(known) > 1:
            kinds |= dict.fromkeys(known, kind)
    return kinds
