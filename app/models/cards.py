"""Model cards as HTML: the overview of all networks, and everything that is known of one."""

from __future__ import annotations

from collections.abc import Sequence

from app.blind import blind_line
from app.curve import curve
from app.picker.order import kind
from app.strings import say, say_of
from dynviz import CheckpointError, ModelCard
from dynviz.results.comparison import compare, own_curve, sibling_curve
from dynviz.results.findings import read_findings
from dynviz.results.tables import TableError, read_table, ways
from dynviz.views.decisions.rows import meter
from dynviz.views.style.words import macs_words, percent, points_words, text

NEAR = 0.005  # of accuracy: what a dynamic network may lose against its parent
HALF = 0.5  # of the parent's compute
COLUMNS = 6  # of the overview
THIN = 30  # test samples; with fewer a share says little


def overview(cards: Sequence[ModelCard]) -> str:
    """One row a network, sortable; its name opens its card below the row."""
    heads = _head("models.network") + _head("models.on") + _head("models.kind", "wide")
    heads += (
        _head("models.right", "num") + _head("models.macs_short", "num") + _head("models.parameters_short", "num wide")
    )
    bodies = "".join(f"<tbody>{_row(card)}{_unfolded(card, cards)}</tbody>" for card in cards)
    return f'<section class="dv-card"><table class="mo-all"><thead><tr>{heads}</tr></thead>{bodies}</table></section>'


def _row(card: ModelCard) -> str:
    opener = (
        f'<button type="button" aria-expanded="false" aria-controls="{text(card.name)}">{text(card.title)}</button>'
    )
    return (
        f'<tr><td>{opener}</td><td>{text(card.data_name)}</td><td class="wide">{text(kind(card))}</td>'
        f'{_share(card.test_accuracy)}<td class="num" data-value="{card.static_macs}">'
        f'{text(macs_words(card.static_macs))}</td><td class="num wide" data-value="{card.parameters}">'
        f"{text(macs_words(card.parameters))}</td></tr>"
    )


def _unfolded(card: ModelCard, cards: Sequence[ModelCard]) -> str:
    return f'<tr id="{text(card.name)}" hidden><td colspan="{COLUMNS}">{card_sheet(card, cards)}</td></tr>'


def card_sheet(card: ModelCard, cards: Sequence[ModelCard]) -> str:
    """One network: what it is, how good, what it costs, what it is bad at, where it comes from."""
    what = say("models.static") if card.family == "static" else say("models.dynamic", mechanism=card.mechanism)
    if card.anytime:
        what += " " + say("models.anytime")
    return (
        f"<article><h2>{text(card.title)} <small>{text(kind(card))} · {text(card.data_name)}</small></h2>"
        f"<p>{text(what)}</p>{_figures(card)}"
        f'<div class="mo-body"><dl class="mo-facts">{_facts(card, cards)}</dl>'
        f'<div class="dv-view">{curve(card, cards).svg}</div></div>{_classes(card)}</article>'
    )


def _figures(card: ModelCard) -> str:
    low, high = (percent(bound, 1) for bound in card.test_interval)
    count = sum(n for _, n in card.class_accuracy.values()) or next((p.n for p in card.operating_points), 0)
    spent = [point.macs for point in card.operating_points]
    reach = say("models.macs")
    if len(spent) > 1:
        reach += "; " + say("models.range", low=macs_words(min(spent)), high=macs_words(max(spent)))
    step_ms = 1000 * card.series.step_samples / card.series.rate_hz if card.series else 0
    reads = say_of(card.modality, "models.parameters", side=card.in_side_px, step=f"{step_ms:.0f}")
    figures = (
        (percent(card.test_accuracy, 1), say_of(card.modality, "models.accuracy", n=f"{count:,}", low=low, high=high)),
        (macs_words(card.static_macs), reach),
        (macs_words(card.parameters), reads),
    )
    return '<div class="mo-figures">' + "".join(
        f"<div><b>{text(number)}</b><span>{text(words)}</span></div>" for number, words in figures
    ) + "</div>"  # fmt: skip


def _facts(card: ModelCard, cards: Sequence[ModelCard]) -> str:
    titles = {other.name: other.title for other in cards}
    seed = "" if card.members else say("models.seed", seed=card.seed, epochs=card.epochs)
    facts = [
        ("models.weakness", text(card.weakness or say("models.no_weakness")) + _weakest(card)),
        ("models.pays", text(_pays(card, cards))),
        ("models.ways", text(_ways(card))),
        ("models.groups", text(_groups(card))),
        ("models.unlike", text(_unlike(card))),
        ("models.weights", text(_weights(card))),
        ("models.paper", text(card.paper)),
        ("models.data", text(card.data)),
        ("models.licence", text(card.data_licence)),
        ("models.parent", text(titles.get(card.parent or "", card.parent or ""))),
        ("models.teacher", text(titles.get(card.teacher or "", card.teacher or ""))),
        ("models.members", text(", ".join(titles.get(name, name) for name in card.members))),
        ("models.recipe", f"<code>{text(card.recipe)}</code> {text(seed)}"),
    ]  # fmt: skip
    return "".join(f"<dt>{text(say(key))}</dt><dd>{value}</dd>" for key, value in facts if value)


def _groups(card: ModelCard) -> str:
    """How good it is on kinds of test inputs that are told of apart."""
    found = card.group_accuracy.items()
    told = (say("models.group", name=name, share=percent(share, 1), n=f"{n:,}") for name, (share, n) in found)
    return "; ".join(told)


def _unlike(card: ModelCard) -> str:
    """How often it errs in telling what is unlike all it knows, every decision open, and by kind."""
    try:
        found = read_findings(card)
    except (KeyError, CheckpointError):  # not in the zoo any more, or damaged
        return ""
    if found is None or found.unlike is None:
        return ""
    use = found.unlike
    missed, called = ([percent(share, 1) for share in shares[-1]] for shares in (use.missed, use.called))
    kinds = (say("models.unlike.kind", kind=kind, missed=percent(share), n=n) for kind, (share, n) in use.kinds.items())
    told = {"missed": missed[0], "missed_low": missed[1], "missed_high": missed[2], "unknown": f"{use.unknown:,}"}
    told |= {"called": called[0], "called_low": called[1], "called_high": called[2], "known": f"{use.known:,}"}
    line = say("models.unlike.line", kinds=", ".join(kinds), macs=macs_words(use.macs), **told)
    if len(use.budgets) > 1:
        line += " " + say("models.unlike.cheapest", missed=percent(use.missed[0][0]), called=percent(use.called[0][0]))
    return line


def _weights(card: ModelCard) -> str:
    return f"{card.weights.package} {card.weights.version}" if card.weights else ""


def _pays(card: ModelCard, cards: Sequence[ModelCard]) -> str:
    """Its curve against its static siblings', and the least compute at which it is nearly as good as its parent."""
    if card.family == "static":
        return ""
    lines = []
    if found := compare(own_curve(card), sibling_curve(card, cards)):
        how = {0.0: "never", 1.0: "always"}.get(found.share_above, "partly")
        gain, macs = points_words(found.best), macs_words(found.best_macs)
        lines.append(say(f"models.pays.{how}", share=percent(found.share_above), gain=gain, macs=macs))
    if parent := next((other for other in cards if other.name == card.parent), None):
        near = [(m, a) for m, a in own_curve(card) if a >= parent.test_accuracy - NEAR]
        macs, accuracy = near[0] if near else max(own_curve(card), key=lambda point: point[1])
        gain = points_words(accuracy - parent.test_accuracy)
        lines.append(say("models.near" if near else "models.far", share=percent(macs / parent.static_macs), gain=gain))
    return " ".join([*lines, blind_line(card)]).strip()


def _ways(card: ModelCard) -> str:
    """How differently test samples went through a network of gates, experts or edges, near half of its budgets."""
    points = card.operating_points
    if card.family != "sample-wise" or len(points) < 2 or points[0].shares:
        return ""
    try:
        table = read_table(card)
    except (KeyError, TableError):  # not in the zoo any more, or without a table that can be used
        return ""
    middle = min(range(len(points)), key=lambda i: abs(points[i].budget - HALF))
    found = ways(table, middle)
    if found.different == 1 and all(ways(table, i).different == 1 for i in range(len(points))):
        return ""  # its table tells of nothing that runs for some inputs and not for others
    return say(
        "models.ways.one" if found.different == 1 else "models.ways.line",
        budget=percent(points[middle].budget),
        n=f"{found.samples:,}",
        different=f"{found.different:,}",
        commonest=percent(found.commonest, 1),
    )


def _weakest(card: ModelCard) -> str:
    """The three things it gets wrong most, among those with enough test samples."""
    sure = {label: share for label, (share, n) in card.class_accuracy.items() if n >= THIN}
    worst = sorted(sure, key=lambda label: sure[label])[:3]
    if len(sure) < 6:
        return ""
    return " " + text(
        say(
            "models.weakest",
            things=", ".join(say("models.weakest.one", label=label, share=percent(sure[label])) for label in worst),
        )
    )


def _classes(card: ModelCard) -> str:
    """Accuracy by class, worst first; classes with few test samples are marked in words and by colour."""
    if not card.class_accuracy:
        return ""
    heads = _head("models.class") + _head("models.right", "num", "ascending")
    heads += '<th class="bar"></th>' + _head("models.n", "num")
    rows = "".join(
        f'<tr{" class=thin" * (n < THIN)}><td>{text(label)}</td>{_share(share)}<td class="bar">{meter(share)}</td>'
        f'<td class="num" data-value="{n}">{n}{" · " + text(say("models.thin")) if n < THIN else ""}</td></tr>'
        for label, (share, n) in sorted(card.class_accuracy.items(), key=lambda item: item[1][0])
    )
    return (
        f"<details><summary>{text(say('models.classes'))}</summary><table><thead><tr>{heads}</tr></thead>"
        f'<tbody>{rows}</tbody></table><p class="dv-note">{text(say("models.thin.line", least=THIN))}</p></details>'
    )


def _head(key: str, kinds: str = "", sort: str = "") -> str:
    sorted_by = f' aria-sort="{sort}"' if sort else ""
    return f'<th class="{kinds}" scope="col"{sorted_by}><button type="button">{text(say(key))}</button></th>'


def _share(share: float) -> str:
    return f'<td class="num" data-value="{share}">{text(percent(share, 1))}</td>'
