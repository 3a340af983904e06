"""Sentences of the picker of a network."""

TEXT: dict[str, str] = {
    "picker.search": "Search: a network, a mechanism, what it knows …",
    "picker.none": "No network is called so.",
    "picker.things": "{count} things · {data}",
    "picker.data": "What it knows",
    "picker.compare": "Compare with: static networks of the same data",
    "picker.change": "Change network",
    "picker.close": "Close",
    "picker.replayed": "From a trace file: {title}",
    "picker.sample-wise": "for each input: how much of itself to run",
    "picker.spatial-wise": "for each place: whether and how finely to look",
    "picker.temporal-wise": "for each moment: whether to read it",
}
