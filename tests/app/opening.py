"""A page of the app without a browser, as a link opens it, and a file that is given to it."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.patience import PAGE_SECONDS


def open_page(page: Callable[[], None], **address: str) -> AppTest:
    """page: a function that stands by itself, imports included. address: what the link asks for."""
    test = AppTest.from_function(page, default_timeout=PAGE_SECONDS)
    for name, value in address.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception
    return test


def uploaded(test: AppTest, name: str, data: bytes) -> AppTest:
    """The page after a file was dropped where files are uploaded."""
    box = next(box for box in test.get("file_uploader") if "upload" in box.key)
    box.set_value((name, data, "application/octet-stream")).run()
    assert not test.exception
    return test
