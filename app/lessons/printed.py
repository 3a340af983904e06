"""A lesson to print: the question and room to answer it, then what was measured and why, as one HTML file."""

from __future__ import annotations

from app.lessons.lesson import Lesson
from app.lessons.shown import Shown
from app.strings import say
from dynviz.views.export.page import page, section
from dynviz.views.style.words import percent, text

_PRINT = (
    "<style>.le-choices { list-style: none; padding: 0; } .le-choices li { padding: .35em 0; } "
    ".le-box { display: inline-block; width: 1em; height: 1em; border: 1.5px solid currentColor; margin-right: .7em; "
    "vertical-align: -.12em; } .le-line { border-bottom: 1px solid var(--dv-edge); height: 2.2em; } "
    ".le-break { break-before: page; } .report .le-input > .dv-picture { max-width: 26em; } "
    ".report .dv-text { line-height: 1.5; font-size: 1.05em; }</style>"
)


def printed(lesson: Lesson, shown: Shown, asked: str, right: int, measured: str, picture: str) -> str:
    """asked, picture: HTML of the input and of the explanation. measured: how it came out, plain text."""
    boxes = "".join(f'<li><i class="le-box"></i>{text(choice.words)}</li>' for choice in lesson.choices)
    lines = '<div class="le-line"></div>' * 3
    question = section(
        lesson.question,
        f'<ol class="le-choices">{boxes}</ol><p>{text(say("lessons.sheet.why"))}:</p>{lines}',
    )
    name = f"<p>{text(say('lessons.sheet.name'))}: ______________________________</p>"
    answer = "".join(f"<p>{text(sentence)}</p>" for sentence in (*_answer(lesson, right, measured), *lesson.explain))
    answers = f'<div class="le-break">{section(say("lessons.sheet.answers"), answer)}</div>'
    line = say("lessons.setting", title=shown.card.title, budget=percent(shown.found.budgets[shown.at]))
    return page(
        lesson.title, line, _PRINT + name, asked, question, answers, picture, made=say("lessons.sheet.measured")
    )


def _answer(lesson: Lesson, right: int, measured: str) -> tuple[str, str]:
    return say("lessons.unguessed", words=lesson.choices[right].words), measured
