"""Sentences of the Models page and its cards."""

TEXT: dict[str, str] = {
    "models.nav": "Models",
    "models.title": "Which networks are these?",
    "models.line": "What each one is, how well it does on inputs it had never seen, what it costs, "
    "and what it is bad at.",
    "models.card": "About {title}",
    "models.network": "Network",
    "models.on": "Data",
    "models.kind": "Kind",
    "models.macs_short": "Multiply-adds",
    "models.parameters_short": "Parameters",
    "models.accuracy.text": "right on {n:test text|test texts} (95 % interval {low} to {high})",
    "models.accuracy.series": "right on {n:test recording|test recordings} (95 % interval {low} to {high})",
    "models.accuracy": "right on {n:test picture|test pictures} (95 % interval {low} to {high})",
    "models.macs": "multiply-adds with everything run",
    "models.range": "{low} to {high} on average with its budgets",
    "models.parameters": "parameters; it reads {side} × {side} px",
    "models.parameters.text": "parameters of its own; it reads words",
    "models.parameters.series": "parameters; it reads steps of {step} ms",
    "models.dynamic": "It is dynamic by {mechanism}.",
    "models.static": "It is static: nothing is decided, every layer always runs.",
    "models.anytime": "It can also be stopped at any time and answers with what it has.",
    "models.weakness": "What it is bad at",
    "models.weakest": "Most often wrong on {things}.",
    "models.weakest.one": "{label} ({share} right)",
    "models.no_weakness": "Nothing was written down.",
    "models.pays": "Does it pay?",
    "models.pays.never": "No: nowhere more accurate than static networks of the same kind and compute. It comes "
    "closest at {macs}: {gain} points.",
    "models.pays.always": "Yes: everywhere more accurate than static networks of the same kind and compute; at {macs} "
    "by {gain} points.",
    "models.pays.partly": "In part: more accurate than static networks of the same kind and compute over {share} of "
    "the compute that both reach; at {macs} by {gain} points.",
    "models.near": "Within half a point of the static network that it was made from, from {share} of that one's "
    "compute on.",
    "models.far": "Always more than half a point below the static network that it was made from; closest at {share} of "
    "that one's compute: {gain} points.",
    "models.ways": "Ways through it",
    "models.ways.line": "At budget {budget}, {n:test input|test inputs} took {different} different ways; the commonest "
    "served {commonest} of them.",
    "models.groups": "Right, by where the photos are from",
    "models.group": "{share} of {n} {name}",
    "models.unlike": "Unlike all it knows",
    "models.unlike.line": "It says so of a picture whose features lie far from those of every class. It misses "
    "{missed} ({missed_low} to {missed_high}) of {unknown} pictures of other things ({kinds}), and says it wrongly of "
    "{called} ({called_low} to {called_high}) of {known} photos of things it knows. That costs {macs} multiply-adds, "
    "which no figure here counts.",
    "models.unlike.cheapest": "At its cheapest budget it misses {missed} and says it wrongly of {called}.",
    "models.unlike.kind": "{kind} {missed} of {n}",
    "models.weights": "Weights of the package",
    "models.ways.one": "At budget {budget} every test input ({n}) went the same way.",
    "models.paper": "Paper",
    "models.data": "Trained on",
    "models.licence": "Rights of the data",
    "models.parent": "Made from",
    "models.teacher": "Learned also from",
    "models.members": "Made of",
    "models.recipe": "Train it again",
    "models.seed": "(seed {seed}, {epochs} epochs)",
    "models.classes": "How good it is at each thing",
    "models.class": "Thing",
    "models.right": "Right",
    "models.n": "Test samples",
    "models.thin": "few",
    "models.thin.line": "With fewer than {least} test samples a percentage says little; those are grey "
    "and marked “few”.",
    "models.broken": "{name} is left out: {reason}",
}
