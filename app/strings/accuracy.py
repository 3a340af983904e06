"""Sentences of the Accuracy and compute page."""

TEXT: dict[str, str] = {
    "accuracy.budgeted": "Right on {share} of {n:test picture|test pictures} (95 % interval {low} to {high}), at "
    "{macs} "
    "multiply-adds on average.",
    "accuracy.budgeted.text": "Right on {share} of {n:test text|test texts} (95 % interval {low} to {high}), at {macs} "
    "multiply-adds on average.",
    "accuracy.budgeted.video": "Right on {share} of {n:test video|test videos} (95 % interval {low} to {high}), at "
    "{macs} "
    "multiply-adds on average.",
    "accuracy.budgeted.series": "Right on {share} of {n:test recording|test recordings} (95 % interval {low} to "
    "{high}), at {macs} "
    "multiply-adds on average.",
    "accuracy.anytime": "Stopped here every time, it is right on {share} of {n:test input|test inputs}.",
    "accuracy.nav": "Accuracy and compute",
    "accuracy.title": "What does a budget buy?",
    "accuracy.line": "Right answers on {n:test sample|test samples} against the multiply-adds spent on one of them. A "
    "static network "
    "is one point; a dynamic one has a curve, one point a budget. Pale bands and bars: 95 % intervals.",
    "accuracy.shown": "Networks drawn",
    "accuracy.shown.button": "{count} of {of} drawn",
    "accuracy.baselines": "Baselines",
    "accuracy.baselines.help": "The same weights with decisions that do not look at the input. Random exits: each "
    "input leaves at an exit drawn at random. Same exit for all: every input leaves there. Random and uniform "
    "skipping: as much is left out, by chance or evenly. A dynamic network should lie above them.",
    "accuracy.no_published": "No published results are shown: no paper reports on {data}.",
    "accuracy.published": "Published results are marks without a line; point at one for its source. {remark}",
    "accuracy.network": "Network",
    "accuracy.budget": "Budget",
    "accuracy.budget.help": "The mean compute over many inputs, as a share of what the static network takes that this "
    "one was made from, or of its own full compute where there is none. Above 100 % it takes more than that one: "
    "deciding costs something too. Click a point in the chart, or use ← and → here.",
    "accuracy.single": "This network is static: it leaves nothing out.",
    "accuracy.open": "Try this budget on a picture",
    "accuracy.open.text": "Try this budget on a text",
    "accuracy.open.series": "Try this budget on a recording",
    "accuracy.open.static": "Try it on a picture",
    "accuracy.open.static.text": "Try it on a text",
    "accuracy.open.static.series": "Try it on a recording",
    "accuracy.point": "{title} at budget {budget}",
    "accuracy.right": "right (95 % interval {low} to {high}, n = {n})",
    "accuracy.spent": "multiply-adds on average · {share} of its full compute ({full})",
    "accuracy.spent.static": "multiply-adds on average, nothing left out",
    "accuracy.exits": "Which exit answered",
    "accuracy.units": "How often each unit ran",
    "accuracy.exit": "exit {k}",
    "accuracy.unit": "unit {k}",
    "accuracy.threshold": "if {sure} sure",
    "accuracy.rest": "all the rest",
    "accuracy.none": "none",
    "accuracy.sibling": "At this compute static networks reach {share} (read between their points). Difference: "
    "{gain} points{interval}.",
    "accuracy.sibling.none": "No static network of the same kind spends this little or this much.",
    "accuracy.interval": " (95 % interval {low} to {high})",
    "accuracy.verdict": "Does it pay to be dynamic?",
    "accuracy.verdict.never": "No. {title} is nowhere above static networks of the same kind, over all the compute "
    "that both reach. It comes closest at {macs}: {gain} points{interval}.",
    "accuracy.verdict.always": "Yes. {title} lies above static networks of the same kind over all of the compute "
    "that both reach; at best {gain} points at {macs}{interval}; at its dearest {last} points{last_interval}.",
    "accuracy.verdict.partly": "In part. {title} lies above static networks of the same kind over {share} of the "
    "compute that both reach; at best {gain} points at {macs}{interval}; at its dearest {last} points{last_interval}.",
    "accuracy.verdict.unknown": "There are no static networks of the same kind and compute to compare it with.",
    "accuracy.verdict.static": "A static network is the yardstick: choose a dynamic one to hold against it.",
    "accuracy.baseline": "Compared with",
    "accuracy.above": "Above it over",
    "accuracy.best": "At best",
    "accuracy.last": "At its dearest",
    "accuracy.verdict.others": "Against the other dynamic networks on the same data ({count})",
    "accuracy.gain.at": "{gain} at {macs}",
    "accuracy.verdict.note": "In points of accuracy, over the compute that both reach (on a log scale); between "
    "two points "
    "a curve is drawn straight. Intervals: 95 %, paired bootstrap over the same test samples, where both have "
    "a table.",
    "accuracy.changes": "What changes between two budgets?",
    "accuracy.changes.range": "From this budget to that one",
    "accuracy.changes.same": "Choose two different budgets.",
    "accuracy.changes.line": "From budget {low} to {high}, of {n:test sample|test samples}: **{gained}** newly right, "
    "**{lost}** "
    "newly wrong ({net} points); still wrong, but with another answer: {other}.",
    "accuracy.changes.which": "Which",
    "accuracy.changes.gained": "got right ({count})",
    "accuracy.changes.lost": "got wrong ({count})",
    "accuracy.changes.alt": "Test samples whose answer changes, with index, class and both answers.",
    "accuracy.changes.picture": "Picture",
    "accuracy.changes.text": "How it begins",
    "accuracy.changes.no_pictures.text": "Index and class only: the texts are not shipped with the networks. Where the "
    "data set is on this machine, set DYNVIZ_DATA to its folder and their first words appear. ({reason}.)",
    "accuracy.changes.index": "Test sample",
    "accuracy.changes.class": "It is",
    "accuracy.changes.before": "At {budget}",
    "accuracy.changes.after": "At {budget} ",
    "accuracy.changes.no_pictures": "Index and class only: the photos are not shipped with the networks. Where "
    "the data set "
    "is on this machine, set DYNVIZ_DATA to its folder and they appear. ({reason}.)",
    "accuracy.classes": "What is easy, what is hard?",
    "accuracy.classes.few": "From the cheapest to the dearest at budget {budget}: {all}.",
    "accuracy.classes.line": "Cheapest at budget {budget}: {easy}. Dearest: {hard}.",
    "accuracy.classes.same": "At budget {budget} all of them cost about as much: {macs} on average.",
    "accuracy.classes.one": "{label} ({macs})",
    "accuracy.classes.exits": "Each row: the share of the class's test samples that each exit answered.",
    "accuracy.classes.units": "Each row: the share of the class's test samples on which each unit ran.",
    "accuracy.classes.class": "Thing",
    "accuracy.classes.macs": "Mean",
    "accuracy.classes.right": "Right",
    "accuracy.classes.n": "n",
    "accuracy.classes.thin": "Fewer than {least} test samples: grey, and to be read with care.",
    "accuracy.no_table": "What follows from single test samples is left out: {reason}.",
    "accuracy.ms": "A budget in milliseconds, on this machine",
    "accuracy.ms.line": "Runs {title} at every budget on {n} {pictures}, one thread, one at a time, static and "
    "dynamic in turn. It takes about half a minute.",
    "accuracy.ms.test": "test samples",
    "accuracy.ms.needs": "To measure a network that reads, its test samples have to be on this machine: set "
    "DYNVIZ_DATA to the folder of the data sets.",
    "accuracy.ms.crops": "crops of sample photos (the test pictures are not on this machine)",
    "accuracy.ms.measure": "Measure on this machine",
    "accuracy.ms.again": "Measure again",
    "accuracy.ms.waiting": "Waiting for another measurement to finish …",
    "accuracy.ms.starting": "Loading the network and its inputs …",
    "accuracy.ms.running": "{done} of {total:input|inputs}",
    "accuracy.ms.failed": "It could not be measured: {reason}",
    "accuracy.ms.budget": "At most so many milliseconds for one input, on average",
    "accuracy.ms.found": "Budget {budget} is the largest that keeps to it: {ms} and {macs} multiply-adds on average "
    "here. On the test split it spends {test_macs} and is right on {share}.",
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
}
