"""Everyday words for the thousand things: what people call a cat, a network knows as five kinds of cat.

Two use them: guesses of one kind are told together, and a folder of a person's own pictures called 'cat' is right with
any of the five. Kinds go by the labels' names, so that whoever knows such things by other names simply has no kinds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    ("computer", ("laptop", "notebook computer", "desktop computer")),
    ("screen", ("computer monitor", "screen (display)", "television")),
    ("keyboard", ("computer keyboard", "typewriter keyboard")),
    ("car", ("sports car", "convertible", "racing car", "station wagon", "limousine", "minivan", "taxi", "jeep")),
    ("lorry", ("articulated truck", "moving van", "garbage truck", "tow truck", "fire engine")),
    ("motorcycle", ("moped", "motor scooter")),
    ("bicycle", ("mountain bike", "bicycle-built-for-two")),
    ("bus", ("minibus", "school bus", "trolleybus")),
    ("train", ("bullet train", "electric locomotive", "steam locomotive", "railway carriage", "freight car")),
    ("ship", ("container ship", "ocean liner", "pirate ship", "schooner", "yawl (sailing boat)", "aircraft carrier")),
    ("boat", ("canoe", "gondola", "lifeboat", "speedboat", "catamaran", "trimaran")),
    ("rocket", ("missile", "projectile", "space shuttle")),
    ("aeroplane", ("airliner", "warplane")),
    ("bottle", ("water bottle", "beer bottle", "soda bottle", "wine bottle", "pill bottle")),
    ("jug", ("pitcher (jug)", "water jug", "whiskey jug")),
    ("pot", ("teapot", "coffeepot")),
    ("glasses", ("sunglasses", "sunglass lens")),
    ("telephone", ("mobile phone", "dial telephone", "pay phone")),
    ("guitar", ("acoustic guitar", "electric guitar")),
    ("piano", ("grand piano", "upright piano")),
    ("hat", ("cowboy hat", "sombrero", "bonnet (hat)", "bearskin hat")),
    ("shoe", ("running shoe", "loafer (shoe)", "clog", "sandal", "cowboy boot")),
    ("skirt", ("miniskirt", "hoopskirt", "overskirt", "sarong")),
    ("swimsuit", ("one-piece swimsuit", "tank swimsuit", "bikini")),
    ("clock", ("analog clock", "digital clock", "wall clock")),
    ("camera", ("reflex camera (SLR)", "Polaroid camera")),
    ("fence", ("picket fence", "chainlink fence", "split-rail fence")),
    ("bridge", ("steel arch bridge", "suspension bridge", "viaduct")),
    ("cot", ("crib", "cradle", "bassinet (cot)")),
    ("corn", ("corn", "ear of corn")),
)
# words for wider kinds, whose members are of several of those above: (first, last) of labels in a row
WIDE: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "bird",
        (
            ("rooster", "great grey owl"),
            ("black grouse", "black swan"),
            ("white stork", "albatross"),
        ),
    ),
    ("fish", (("tench", "stingray"), ("barracouta (fish)", "pufferfish"))),
    ("insect", (("tiger beetle", "lycaenid butterfly"),)),
)
# words for what has another name among the thousand, or only some kinds of which are there
CALLED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("apple", ("Granny Smith apple",)),
    ("panda", ("giant panda",)),
    ("cup", ("cup", "coffee mug", "espresso")),
    ("mug", ("coffee mug", "cup")),
    ("dress", ("gown",)),
    ("trousers", ("jeans",)),
    ("shirt", ("T-shirt", "sweatshirt", "cardigan (garment)")),
    (
        "jacket",
        (
            "cardigan (garment)",
            "cloak",
            "fur coat",
            "lab coat",
            "poncho",
            "suit",
            "sweatshirt",
            "trench coat",
        ),
    ),
    ("chicken", ("hen", "rooster")),
    ("cow", ("ox",)),
    ("horse", ("sorrel horse",)),
    ("sheep", ("ram", "bighorn")),
    ("goat", ("ibex",)),
    ("sofa", ("sofa bed",)),
    ("chair", ("folding chair", "rocking chair", "barber chair")),
    ("table", ("dining table", "desk", "pool table")),
    ("tv", ("television",)),
    ("ball", ("golf ball", "soccer ball", "basketball", "baseball", "tennis ball", "volleyball", "rugby ball")),
)
ALSO: dict[str, str] = {
    "wolf": "wolf or wild dog",
    "truck": "lorry",
    "airplane": "aeroplane",
    "plane": "aeroplane",
    "aircraft": "aeroplane",
    "motorbike": "motorcycle",
    "bike": "bicycle",
    "phone": "telephone",
    "rabbit": "rabbit or hare",
    "automobile": "car",
    "pants": "trousers",
    "couch": "sofa",
    "monitor": "screen",
}


def kinds(labels: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(kind, those of ``labels`` that are of it), for kinds no label of which is also of another."""
    place = {label: i for i, label in enumerate(labels)}
    for kind, first, last in RUNS:
        if first in place and last in place:
            yield kind, tuple(labels[place[first] : place[last] + 1])
    for kind, members in SETS:
        if known := tuple(label for label in members if label in place):
            yield kind, known


def everyday_words(labels: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What people say -> those of ``labels`` that are then right. The words are in small letters."""
    place = {label: i for i, label in enumerate(labels)}
    found = dict(kinds(labels))
    for word, runs in WIDE:
        known = [labels[place[a] : place[b] + 1] for a, b in runs if a in place and b in place]
        if known:
            found[word] = tuple(label for run in known for label in run)
    for word, members in CALLED:
        if known := [label for label in members if label in place]:
            found[word] = tuple(known)
    return found | {word: found[kind] for word, kind in ALSO.items() if kind in found}
