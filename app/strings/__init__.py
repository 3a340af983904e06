"""Every sentence that the app shows, in one table, so that it can be translated; one file a page, named after its keys.

Numbers are put in by ``say``.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

PAGES = tuple(import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
TEXT: dict[str, str] = {key: sentence for page in PAGES for key, sentence in page.TEXT.items()}


def say_of(modality: str, key: str, **values: object) -> str:
    """The sentence that ``key`` has for this kind of input, else the one for all."""
    own = f"{key}.{modality}"
    return say(own if own in TEXT else key, **values)


def say(key: str, **values: object) -> str:
    """The sentence ``key`` with its gaps filled. Raises KeyError for a sentence or a value that is missing."""
    return TEXT[key].format(**values)
