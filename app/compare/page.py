"""The Compare page: one input, several networks beside one another, and where they disagree over the test inputs."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import combinations

import streamlit as st

import dynviz
from app import budgets, navigation, projector
from app.compare.board import board, board_data, most
from app.compare.handing import BROUGHT, BUDGET, KIND, PINNED, Brought
from app.frame import arrived
from app.inference_cache import Inference, infer
from app.inputs import PAGES, uploaded
from app.kinds import KINDS
from app.live.uploads import Chosen, literal
from app.picker.order import in_order, named
from app.sheet.sheet import sheet
from app.strings import say, say_of
from dynviz import CheckpointError, ModelCard
from dynviz.evaluation.operating import best_point
from dynviz.results.disagreement import disagreement
from dynviz.views.style.words import percent, text

log = logging.getLogger(__name__)
FIRST = {
    "image": ("msdnet", "dynconv", "glance-focus"),
    "text": ("skim-rnn-imdb", "skip-rnn-imdb", "lstm-jump-imdb"),
    "series": ("skip-rnn-ecg", "early-reader-ecg"),
    "video": ("frameexit", "ar-net", "scsampler"),
}
FEW = 4  # classes; of so few there is nothing to name


def page() -> None:
    """The page, as script.py runs it."""
    navigation.begun()
    everything = in_order([card for card in dynviz.models() if card.modality in PAGES])
    kinds = [kind for kind in PAGES if any(card.modality == kind for card in everything)]
    st.title(say("compare.title"), anchor=False)
    if not kinds:
        st.info(say("image.no_models"))
        return
    st.caption(f"{say('compare.lead')} {say('multiply-add')} {say('full-compute')}")
    _restore({card.name: card for card in everything})
    kind = st.segmented_control(
        say("compare.kind"),
        kinds,
        default=None if KIND in st.session_state else kinds[0],
        format_func=lambda kind: say(f"compare.kind.{kind}"),
        key=KIND,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    cards = _pinned([card for card in everything if card.modality == kind], kind)
    if not cards:
        st.info(say("compare.none"))
        return
    chosen, framing = _input(cards[0])
    arrived("inputs")  # what follows takes a while
    found = _run(chosen, cards, framing)
    if not found:
        return
    if len({card.labels for card, _ in found}) > 1:
        data = ", ".join(dict.fromkeys(card.data_name for card, _ in found))
        st.info(say("compare.labels", data=literal(data)))
    state = st.session_state
    names = [card.name for card, _ in found]
    projector.write({"networks": ",".join(names), "budget": f"{state[BUDGET]:.2f}"})
    data = board_data(found, chosen.name, state[BUDGET])
    board(data, key="compare_board", on_release=_released)
    _disagreement([card for card, _ in found], state[BUDGET])


def _released() -> None:
    told = st.session_state["compare_board"].get("budget")
    if told is not None:
        st.session_state[BUDGET] = float(told)


def _restore(cards: dict[str, ModelCard]) -> None:
    """Take networks and budget from an address, once; what is unknown there is left out."""
    state = st.session_state
    if BUDGET in state:
        return
    asked = projector.view()
    told = budgets.parsed(asked.get("budget"))
    state[BUDGET] = min(told, 1.0) if told is not None else budgets.DEFAULT
    names = [name for name in asked.get("networks", "").split(",") if name in cards]
    if names:
        kind = cards[names[0]].modality
        state[KIND] = kind
        state[f"{PINNED} {kind}"] = [name for name in names if cards[name].modality == kind][: most(kind)]


def _pinned(cards: Sequence[ModelCard], kind: str) -> list[ModelCard]:
    by_name = {card.name: card for card in cards}
    key = f"{PINNED} {kind}"
    if key not in st.session_state:
        first = [name for name in FIRST.get(kind, ()) if name in by_name]
        st.session_state[key] = first or list(by_name)[:2]
    names = st.multiselect(
        say("compare.pin", most=most(kind)),
        list(by_name),
        format_func=lambda name: f"{named(by_name[name])} · {by_name[name].data_name}" if name in by_name else name,
        key=key,
        max_selections=most(kind),
        placeholder=say("compare.choose", most=most(kind)),
        persist_state="session",
    )
    every = _every(cards)[: most(kind)]
    if KINDS[kind].lines and len(names) < len(every):
        st.button(say("compare.every"), key="compare_every", on_click=_pin, args=(key, names, every))
    chosen = [by_name[name] for name in names]
    for card in [c for c in chosen if _recorded(c) != _recorded(chosen[0])]:
        st.warning(say("compare.one_kind", title=literal(card.title)))
    return [c for c in chosen if _recorded(c) == _recorded(chosen[0])]


def _recorded(card: ModelCard) -> str | None:
    """The one kind of recording that it reads, if it reads recordings."""
    return None if card.series is None else card.series.kind


def _every(cards: Sequence[ModelCard]) -> list[str]:
    """All networks, those that decide first."""
    return [card.name for card in sorted(cards, key=lambda card: card.family == "static")]


def _pin(key: str, pinned: Sequence[str], names: Sequence[str]) -> None:
    """What is pinned stays first."""
    left = [name for name in names if name not in pinned]
    st.session_state[key] = [*pinned, *left][: len(names)]


def _input(card: ModelCard) -> tuple[Chosen, str]:
    """A sample, what a live page looked at, or a person's own, and how it is framed; what cannot be read is one
    sentence, and the sample stays.
    """
    page = PAGES[card.modality]
    samples = page.samples(card)
    page.drop_hint(card)
    brought: Brought | None = st.session_state.get(BROUGHT)
    brought = brought if brought and brought.fits(card) else None
    names = [*([BROUGHT] if brought else []), *samples]
    with st.container(horizontal=True, vertical_alignment="center", key="compare_input"):
        name = st.pills(
            say("samples"),
            names,
            default=names[0],
            format_func=lambda name: brought.chosen.name if name == BROUGHT else page.sample_title(name, card),
            key=f"compare_sample {samples[0]} {brought.chosen.digest if brought else ''}",
            required=True,
            label_visibility="collapsed",
        )
        own = uploaded(card, key=f"compare_own {card.modality}")
    if own is None and brought and (name or BROUGHT) == BROUGHT:
        return brought.chosen, brought.framing
    return own or page.sample(name or samples[0], card), "crop"


def _run(chosen: Chosen, cards: Sequence[ModelCard], framing: str) -> list[tuple[ModelCard, Inference]]:
    """Every network on the input; one that fails says so, the others stay."""
    found = []
    for card in cards:
        try:
            with st.spinner(say("looking")):
                found.append((card, infer(chosen, card, framing, lambda place: None)))
        except CheckpointError as error:
            st.error(say("error.network", title=literal(card.title), reason=literal(str(error))))
        except Exception:  # the page lives on whatever a network does; the details are for the log
            log.exception("%s failed on the Compare page", card.name)
            st.error(f"{literal(card.title)}: {say_of(card.modality, 'error.failed')}")
    return found


def _disagreement(cards: Sequence[ModelCard], budget: float) -> None:
    """A row for every pair that shares test inputs."""
    if len(cards) < 2:
        return
    rows, told, counted = [], [], 0
    for pair in combinations(cards, 2):
        found = disagreement(pair, [best_point(card, budget) for card in pair])
        if found is None:
            continue
        counted = max(counted, found.n)
        names = say("compare.disagree.pair", first=pair[0].title, second=pair[1].title)
        parts = (found.both, found.first, found.second, found.neither, found.differ)
        cells = [percent(part / found.n, 1) for part in parts] + [percent(found.either, 1)]
        rows.append(f"<tr><td>{text(names)}</td>{''.join(f'<td class=num>{text(c)}</td>' for c in cells)}</tr>")
        classes = ", ".join(f"{name} ({percent(share)})" for name, share in found.classes)
        if len(pair[0].labels) <= FEW:
            continue
        told.append(f"{names}: {say('compare.disagree.classes', classes=classes)}")
    title = f'<h3 class="dv-title">{text(say("compare.disagree"))}</h3>'
    if not rows:
        inner = f"<p>{text(say('compare.disagree.none'))}</p>"
    else:
        first, *heads = say("compare.disagree.heads").split("|")
        top = f'<th scope="col">{text(first)}</th>' + "".join(
            f'<th scope="col" class="num">{text(h)}</th>' for h in heads
        )
        lines = "".join(f'<p class="dv-note">{text(line)}</p>' for line in (*told, say("compare.disagree.note")))
        inner = (
            f"<p>{text(say('compare.disagree.lead', n=f'{counted:,}'))}</p>"
            f'<div style="overflow-x:auto"><table><thead><tr>{top}</tr></thead>'
            f"<tbody>{''.join(rows)}</tbody></table></div>{lines}"
        )
    sheet(f'<section class="dv-card dv-view">{title}{inner}</section>', key="compare_disagreement")
