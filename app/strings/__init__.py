"""Every sentence that the app shows, in one table, so that it can be translated; one file a page, named after its keys.

Values are put in by ``say``. A gap may be counted: ``{count:word|words}`` reads "1 word", "2 words", "1,204 words".
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from string import Formatter

PAGES = tuple(import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
TEXT: dict[str, str] = {key: sentence for page in PAGES for key, sentence in page.TEXT.items()}


class _Counted(Formatter):
    """Python's gaps, and counted ones."""

    def format_field(self, value: object, format_spec: str) -> str:
        one, several, many = format_spec.partition("|")
        if not several:
            return super().format_field(value, format_spec)
        return f"{value} {one if str(value) == '1' else many}"


_FORMATTER = _Counted()


def say_of(modality: str, key: str, **values: object) -> str:
    """The sentence that ``key`` has for this kind of input, else the one for all."""
    own = f"{key}.{modality}"
    return say(own if own in TEXT else key, **values)


def say(key: str, **values: object) -> str:
    """The sentence ``key`` with its gaps filled. Raises KeyError for a sentence or a value that is missing."""
    return _FORMATTER.vformat(TEXT[key], (), values)
