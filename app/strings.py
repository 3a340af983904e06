"""Every sentence that the app shows, in one table, so that it can be translated. Numbers are put in by ``say``."""

from __future__ import annotations

TEXT: dict[str, str] = {
    "app": "dynviz",
    # the Image page
    "image.nav": "Image",
    "image.title": "How does {title} look at this picture?",
    "image.static": "A static network: it spends the same on every picture. The yardstick for the others.",
    "image.early exit": "Early exit: after each exit the network may answer and stop. "
    "Everything after the answer is never run.",
    "image.other": "A dynamic network ({mechanism}): it decides for each picture what to run.",
    "image.replayed": "Replayed from {name}: everything below comes from that file alone.",
    "network": "Network",
    "network.static": "static",
    "no_models": "There are no trained networks here yet. Get the pretrained folder of the project, or train one with: "
    "python -m dynviz train msdnet",
    # choosing a picture
    "upload": "Your own picture, or a trace file",
    "upload.hint": "your own picture: drop it here · ",
    "samples": "Samples",
    "camera": "Camera",
    "camera.take": "Take a picture",
    "camera.help": "The camera needs https or localhost.",
    "files": "Your pictures",
    "files.too_many": "You chose {count} files; the first {most} are used.",
    "files.bad": "{name}: {reason}",
    "files.other_trace": "This trace file holds a run on {modality}; here, runs on pictures are shown.",
    "knows": "Knows {count} things",
    "knows.line": "{title} can only answer with one of these {count} words. Show it anything else and it will still "
    "pick one, hopefully unsure.",
    "framing": "What the network gets",
    "framing.crop": "Centre square",
    "framing.fit": "Whole picture",
    "picture.alt": "The picture that the network looked at: {name}",
    "picture.seen": "{share} of the picture lies outside what the network saw",
    "picture.whole": "the network saw all of it",
    # the live view
    "scrubber.decisions": "What it decided, in order",
    "scrubber.curve": "What this budget buys",
    "scrubber.single": "Accuracy against compute",
    "scrubber.top": "Its five best guesses",
    "scrubber.slider": "Budget",
    "scrubber.modes": "Kind of budget",
    "scrubber.budgeted": "Budgeted",
    "scrubber.anytime": "Anytime",
    "scrubber.keys": "← → to step, space to play.",
    "scrubber.budgeted.line": "A budget is an average over many pictures;",
    "scrubber.budgeted.less": "this one was easy and spent less.",
    "scrubber.budgeted.more": "this one was hard and spent more.",
    "scrubber.budgeted.usual": "this one spent about as much.",
    "scrubber.anytime.line": "A hard cap for this picture: it answers with the last exit it can afford.",
    "scrubber.single.line": "This network has a single operating point: every layer runs on every picture.",
    "scrubber.replay.line": "One finished run, as it was saved.",
    "scrubber.budgeted.value": "Budget {budget}. {answer}",
    "scrubber.anytime.value": "Cap {budget}. {answer}",
    "scrubber.budgeted.mark": "budget {budget}",
    "scrubber.anytime.mark": "cap {budget}",
    "scrubber.play": "Play the decisions",
    "scrubber.stop": "Stop",
    "scrubber.link": "Copy link",
    "scrubber.copied": "Link copied",
    "scrubber.select": "Copy the address below",
    "scrubber.measuring": "measuring time …",
    "whatif": "What would the later exits have said?",
    "whatif.row": "{sure}, not run",
    "twin.ran": "Every exit was needed: this is the static path.",
    "twin.same": "Run to the end, it would have said {label} ({sure}) too, for {saved} more.",
    "twin.other": "Run to the end, it would have said {label} ({sure}), for {saved} more.",
    "accuracy.budgeted": "Right on {share} of {n} test pictures (95 % interval {low} to {high}), at {macs} "
    "multiply-adds on average.",
    "accuracy.anytime": "Stopped here every time, it is right on {share} of {n} test pictures.",
    # the Accuracy and compute page
    "accuracy.nav": "Accuracy and compute",
    "accuracy.title": "What does a budget buy?",
    "accuracy.line": "Right answers on {n} test pictures against the multiply-adds spent on one of them. A "
    "static network "
    "is one point; a dynamic one has a curve, one point a budget. Pale bands and bars: 95 % intervals.",
    "accuracy.data": "Data",
    "accuracy.shown": "Networks drawn",
    "accuracy.baselines": "Baselines",
    "accuracy.baselines.help": "Random exits: each picture leaves at an exit drawn at random. Same exit for all: every "
    "picture leaves at the same exit. A dynamic network should lie above both.",
    "accuracy.no_published": "No published results are shown: no paper reports on {data}.",
    "accuracy.published": "Published results are marks without a line; point at one for its source. {remark}",
    "accuracy.network": "Network",
    "accuracy.budget": "Budget",
    "accuracy.budget.help": "The mean compute over many pictures, as a share of the full compute. Click a point in the "
    "chart, or use ← and → here.",
    "accuracy.single": "This network is static: every picture costs the same.",
    "accuracy.open": "Try this budget on a picture",
    "accuracy.point": "{title} at budget {budget}",
    "accuracy.right": "right (95 % interval {low} to {high}, n = {n})",
    "accuracy.spent": "multiply-adds on average · {share} of its static path ({full})",
    "accuracy.spent.static": "multiply-adds for every picture",
    "accuracy.exits": "Which exit answered",
    "accuracy.units": "How often each unit ran",
    "accuracy.exit": "exit {k}",
    "accuracy.unit": "unit {k}",
    "accuracy.threshold": "if {sure} sure",
    "accuracy.rest": "all the rest",
    "accuracy.none": "none",
    "accuracy.sibling": "At this compute the static siblings reach {share} (read between their points): this one is "
    "{gain} points{interval}.",
    "accuracy.sibling.none": "No static sibling spends this little or this much.",
    "accuracy.interval": " (95 % interval {low} to {high})",
    "accuracy.verdict": "Does it pay to be dynamic?",
    "accuracy.verdict.never": "No. {title} never beats the static siblings: over all the compute that both "
    "reach it lies "
    "below them. Least at {macs}: {gain} points{interval}.",
    "accuracy.verdict.always": "Yes. {title} lies above the static siblings over all of the compute that both "
    "reach; at "
    "best {gain} points at {macs}{interval}; at its dearest {last} points{last_interval}.",
    "accuracy.verdict.partly": "In part. {title} lies above the static siblings over {share} of the compute that both "
    "reach; at best {gain} points at {macs}{interval}; at its dearest {last} points{last_interval}.",
    "accuracy.verdict.unknown": "There are no static siblings to compare it with.",
    "accuracy.verdict.static": "A static network is the yardstick: choose a dynamic one to hold against it.",
    "accuracy.rival": "Rival",
    "accuracy.above": "Above it over",
    "accuracy.best": "At best",
    "accuracy.last": "At its dearest",
    "accuracy.gain.at": "{gain} at {macs}",
    "accuracy.verdict.note": "In points of accuracy, over the compute that both reach (on a log scale); between "
    "two points "
    "a curve is drawn straight. Intervals: 95 %, paired bootstrap over the same test pictures, where both have "
    "a table.",
    "accuracy.changes": "What changes between two budgets?",
    "accuracy.changes.range": "From this budget to that one",
    "accuracy.changes.same": "Choose two different budgets.",
    "accuracy.changes.line": "From budget {low} to {high}, **{gained}** test pictures become right and "
    "**{lost}** become "
    "wrong, of {n}: {net} points. {other} more get another wrong answer.",
    "accuracy.changes.which": "Which",
    "accuracy.changes.gained": "got right ({count})",
    "accuracy.changes.lost": "got wrong ({count})",
    "accuracy.changes.alt": "Test pictures whose answer changes, with index, class and both answers.",
    "accuracy.changes.picture": "Picture",
    "accuracy.changes.index": "Test picture",
    "accuracy.changes.class": "It is",
    "accuracy.changes.before": "At {budget}",
    "accuracy.changes.after": "At {budget} ",
    "accuracy.changes.no_pictures": "Index and class only: the photos are not shipped with the networks. Where "
    "the data set "
    "is on this machine, set DYNVIZ_DATA to its folder and they appear. ({reason}.)",
    "accuracy.classes": "What is easy, what is hard?",
    "accuracy.classes.line": "Cheapest at budget {budget}: {easy}. Dearest: {hard}.",
    "accuracy.classes.one": "{label} ({macs})",
    "accuracy.classes.exits": "Each row: the share of the class's test pictures that each exit answered.",
    "accuracy.classes.units": "Each row: the share of the class's test pictures on which each unit ran.",
    "accuracy.classes.class": "Thing",
    "accuracy.classes.macs": "Mean",
    "accuracy.classes.right": "Right",
    "accuracy.classes.n": "n",
    "accuracy.classes.thin": "Fewer than {least} test pictures: grey, and to be read with care.",
    "accuracy.no_table": "What follows from single test pictures is left out: {reason}.",
    "accuracy.ms": "A budget in milliseconds, on this machine",
    "accuracy.ms.line": "Runs {title} at every budget on {n} {pictures}, one thread, one picture at a time, static and "
    "dynamic in turn. It takes about half a minute.",
    "accuracy.ms.test": "test pictures",
    "accuracy.ms.crops": "crops of sample photos (the test pictures are not on this machine)",
    "accuracy.ms.measure": "Measure on this machine",
    "accuracy.ms.again": "Measure again",
    "accuracy.ms.waiting": "Waiting for another measurement to finish …",
    "accuracy.ms.starting": "Loading the network and the pictures …",
    "accuracy.ms.running": "{done} of {total} pictures",
    "accuracy.ms.failed": "It could not be measured: {reason}",
    "accuracy.ms.budget": "At most so many milliseconds for one picture, on average",
    "accuracy.ms.found": "Budget {budget} is the largest that keeps to it: {ms} on average, {share} right on "
    "the test split.",
    "accuracy.ms.too_little": "Even the smallest budget takes {ms} on average.",
    "accuracy.ms.take": "Choose this budget above",
    "accuracy.ms.col.budget": "Budget",
    "accuracy.ms.col.ms": "Measured",
    "accuracy.ms.col.macs": "Multiply-adds",
    "accuracy.ms.col.promised": "Faster by multiply-adds",
    "accuracy.ms.col.speedup": "Faster, measured",
    "accuracy.ms.col.ratio": "Measured / promised",
    "accuracy.ms.note": "Everything run: {ms}, {macs} multiply-adds. Below 1.00 in the last column, part of the "
    "saving is "
    "lost on the way to the clock.",
    # waiting and leaving
    "loading": "Loading the network …",
    "looking": "Looking …",
    "queue": "Others are first. Your place in the queue: {place}.",
    "save": "Save this view as a trace file",
    "save.help": "Runs the network once more at this budget, really skipping, and saves every decision. "
    "Drop the file in here later to see this view again. Uploaded pictures cannot travel in a link; this file carries "
    "its picture.",
    # errors
    "error.network": "{title} cannot be used: {reason}. The other networks can.",
    "error.replay": "This trace file can be read but not drawn. Everything else on the page still works.",
    "error.failed": "Something went wrong while looking at this picture. Try another picture or another network.",
    # the Models page
    "models.nav": "Models",
    "models.title": "Which networks are these?",
    "models.line": "What each one is, how well it does on pictures it had never seen, what it costs, "
    "and what it is bad at.",
    "models.network": "Network",
    "models.kind": "Kind",
    "models.macs_short": "Multiply-adds",
    "models.parameters_short": "Parameters",
    "models.accuracy": "right on {n} test pictures (95 % interval {low} to {high})",
    "models.macs": "multiply-adds with everything run",
    "models.range": "{low} to {high} on average with its budgets",
    "models.parameters": "parameters; it reads {side} × {side} px",
    "models.dynamic": "It is dynamic by {mechanism}.",
    "models.static": "It is static: nothing is decided, every layer always runs.",
    "models.anytime": "It can also be stopped at any time and answers with what it has.",
    "models.weakness": "What it is bad at",
    "models.weakest": "Most often wrong on {things}.",
    "models.weakest.one": "{label} ({share} right)",
    "models.no_weakness": "Nothing was written down.",
    "models.paper": "Paper",
    "models.data": "Trained on",
    "models.licence": "Rights of the data",
    "models.parent": "Fine-tuned from",
    "models.recipe": "Train it again",
    "models.seed": "(seed {seed}, {epochs} epochs)",
    "models.classes": "How good it is at each thing",
    "models.class": "Thing",
    "models.right": "Right",
    "models.n": "Test pictures",
    "models.thin": "few",
    "models.thin.line": "With fewer than {least} test pictures a percentage says little; those are grey "
    "and marked “few”.",
    "models.broken": "{name} is left out: {reason}",
}


def say(key: str, **values: object) -> str:
    """The sentence ``key`` with its gaps filled. Raises KeyError for a sentence or a value that is missing."""
    return TEXT[key].format(**values)
