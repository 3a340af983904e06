"""Sentences about what a network decides over its whole test set: policies, the load of its parts, mixtures."""

TEXT: dict[str, str] = {
    "decided.policies": "Its most frequent policies",
    "decided.policies.line": "At budget {budget} it took {count} different sets of decisions on {n:test sample|test "
    "samples}; the "
    "most frequent one on {share} of them.",
    "decided.policies.one": "At budget {budget} it took the same decisions on every test sample ({n}).",
    "decided.policies.of": "of the samples, {macs} on average, {right} right",
    "decided.policies.note": "One strip per policy, from the input on the left; filled: ran, hatched: left out. The "
    "{most} most frequent ones.",
    "decided.load": "How much work each part gets",
    "decided.load.alive": "Every part runs for some of the test samples: none is dead.",
    "decided.load.dead": "For fewer than one in a hundred test samples run: {names}.",
    "decided.load.more": " and {count} more",
    "decided.load.note": "Numbers: the share of the test samples, in percent, for which a part ran at budget {budget}.",
    "decided.mixtures": "Do things of a kind get parameters of a kind?",
    "decided.mixtures.line": "Most of all in {unit}: {share} of what varies in its weights from one test sample to "
    "another lies between classes, the rest within them.",
    "decided.mixtures.same": "the same for every test sample",
    "decided.mixtures.few": "In {ran} of {all} layers they hardly vary at all: by less than what is kept of them is "
    "rounded to.",
    "decided.mixtures.none": "No: in no layer do they vary by more than what is kept of them is rounded to. Every test "
    "sample gets the same parameters.",
    "decided.mixtures.note": "Bars: the share of the variance of each layer's weights that the class explains. At 0 % "
    "every class would be mixed alike.",
    "decided.mixtures.by_class": "{unit}: the mean share of each kernel by class, in percent",
}
