"""What an answer depends on, beside what was computed."""

from __future__ import annotations

TEXT: dict[str, str] = {
    "attribution": "Where does the answer depend on the picture?",
    "attribution.text": "Which words does the answer depend on?",
    "attribution.series": "Which steps does the answer depend on?",
    "attribution.method": "Method",
    "attribution.integrated-gradients": "Integrated Gradients",
    "attribution.occlusion": "Occlusion",
    "attribution.grad-cam": "Grad-CAM",
    "attribution.says.integrated-gradients": "Fades the picture in from one even colour and adds up, on the way, how "
    "much "
    "every pixel moves the answer. It cannot say what would have happened with a part taken away, and what it finds "
    "depends on the colour that it starts from.",
    "attribution.says.integrated-gradients.text": "Fades the text in from nothing but unknown words and adds up, on "
    "the "
    "way, how much every word moves the answer. It cannot say what would have happened without a word.",
    "attribution.says.integrated-gradients.series": "Fades the recording in from a flat line and adds up, on the "
    "way, how "
    "much every step moves the answer. It cannot say what would have happened without a step.",
    "attribution.says.occlusion": "Covers one patch after another with an even colour and notes how much the answer "
    "loses. "
    "It cannot see two parts that stand in for each other, and it is no finer than its patches.",
    "attribution.says.occlusion.text": "Replaces word after word by an unknown one and notes how much the answer "
    "loses. "
    "It cannot see two words that stand in for each other.",
    "attribution.says.occlusion.series": "Flattens step after step and notes how much the answer loses. "
    "It cannot see two steps that stand in for each other.",
    "attribution.says.grad-cam": "Weighs the network's last feature map by how much it raises the answer. It shows "
    "what "
    "speaks for the answer, never what speaks against it, and no finer than that map.",
    "attribution.open": "Asked of the same network with every decision open, so that what was skipped could have "
    "mattered.",
    "attribution.running": "{method}: pass {done} of {total}",
    "attribution.stop": "Stop",
    "attribution.again": "Go on",
    "attribution.stopped": "Stopped. Nothing was kept.",
    "attribution.failed": "This could not be worked out for this network. Try another method.",
    "attribution.computed": "Where it computed at this budget",
    "attribution.depends": "Where the answer “{target}” depends",
    "attribution.depends.text": "The longer the orange bar under a word, the more the answer “{target}” depends on it",
    "attribution.depends.series": "The higher the orange bar, the more the answer “{target}” depends on that step",
    "attribution.line.more": "**{share}** of what the answer depends on lies in what was computed, though that is "
    "{executed} of the {places}: it computes where it matters.",
    "attribution.line.same": "**{share}** of what the answer depends on lies in what was computed, which is "
    "{executed} of "
    "the {places}: about what any other {places} would have caught.",
    "attribution.line.less": "**{share}** of what the answer depends on lies in what was computed, less than what was "
    "computed of the {places}, {executed}: it computes elsewhere.",
    "attribution.rank": "Rank correlation of the two: {rank} (1: the same order, 0: unrelated, −1: the opposite).",
    "attribution.places": "places",
    "attribution.places.text": "words",
    "attribution.places.series": "steps",
    "attribution.everything": "At this budget everything was computed, so there is nothing to hold it against. "
    "Choose a smaller budget.",
    "attribution.nothing": "At this budget nothing that it decides about was computed. Choose a larger budget.",
    "attribution.noplaces": "This network decides about the whole input, not about parts of it: nothing to compare.",
    "attribution.empty": "The answer depends on nothing here, as far as this method can tell.",
    "attribution.gap": "The values should add up to the change of the answer; they miss it by {gap}, so take them with "
    "care: the network changes its mind on the way.",
    "attribution.card": "Does it compute where its answer depends?",
    "attribution.card.lead": "At budget {budget}, over {n:test input|test inputs}: {share} of what its answers depend "
    "on lies in "
    "what it computed, which is {executed} of the input. Rank correlation {rank} (95 %: {low} to {high}).",
    "attribution.card.none": "At budget {budget} everything or nothing was computed: nothing to compare.",
    "attribution.card.what": "Decisions",
    "attribution.card.share": "of the attribution on what was computed",
    "attribution.card.own": "its own",
    "attribution.card.random": "at random, for the same compute",
    "attribution.card.uniform": "evenly spread, for the same compute",
    "attribution.card.centre": "the middle first, for the same compute",
    "attribution.card.anywhere": "the same amount anywhere, on average",
    "attribution.card.note": "Integrated Gradients of the same network with every decision open. A method, not the "
    "truth: "
    "its values miss the change of the answer by {gap} in the median. Measured with: dynviz evaluate {name} "
    "--attributions",
    "attribution.alt": "The picture, bright where the answer depends on it",
}
