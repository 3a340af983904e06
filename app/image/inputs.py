"""Choosing what is looked at: an upload (a picture, or a trace file to show again), a camera picture, a sample."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import streamlit as st

from app.image.samples import sample_bytes, sample_names
from app.live.uploads import MOST_FILES, Chosen, File, Reader, literal
from app.strings import say
from dynviz.media.image import read_image


def upload_box() -> None:
    """The place to drop pictures and trace files."""
    st.file_uploader(
        say("upload"),
        accept_multiple_files=True,
        key="uploads",
        on_change=_uploaded,
        label_visibility="collapsed",
    )


def file_row(files: list[File]) -> None:
    """The choice among several uploads; what cannot be used is no choice."""
    names = {file.key: file.name for file in files if not reader().sentences.get(file.key)}
    if len(names) > 1 and st.session_state.source == "upload":
        st.pills(
            say("files"),
            list(names),
            format_func=lambda key: literal(names.get(key, "")[:24]),
            key="file",
            required=True,
            wrap=False,
            label_visibility="collapsed",
        )


def sample_row() -> None:
    """The samples and the camera."""
    st.pills(
        say("samples"),
        sample_names(),
        key="sample",
        on_change=_take,
        args=("sample",),
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )


def camera_button() -> None:
    """A popover with the camera, which is asked for only while the popover is open."""
    box = st.popover(
        say("camera"), icon=":material/photo_camera:", type="tertiary", key="camera_box", on_change="rerun"
    )
    if box.open:
        with box:
            st.camera_input(say("camera.take"), key="camera", on_change=_photographed)
            st.caption(say("camera.help"))


def uploaded_files() -> list[File]:
    """At most MOST_FILES uploads of this session, in the order they came."""
    uploads: list[Any] = st.session_state.get("uploads") or []
    return [File(upload.name, upload.getvalue(), upload.file_id) for upload in uploads[:MOST_FILES]]


def chosen() -> tuple[Chosen, list[File]]:
    """What to show, and all files whose faults are to be told. ``shown_sample`` then names the sample, if it is one."""
    state, files = st.session_state, []
    state.shown_sample = None
    if state.source == "upload" and (files := uploaded_files()):
        wanted = state.get("file")
        for file in sorted(files, key=lambda file: file.key != wanted):  # the wanted one, then the others in order
            if found := reader().get(file):
                state.file = file.key
                return found, files
    if state.source == "camera" and state.get("photo"):
        files = [state.photo]
        if found := reader().first(files):
            return found, files
    state.shown_sample = state.get("sample") or next(iter(sample_names()))
    return _sample(state.shown_sample), files


def refusals(files: list[File]) -> list[str]:
    """A sentence for each file found unusable so far, and one if there were too many."""
    lines = reader().refused(files)
    count = len(st.session_state.get("uploads") or [])
    return ([say("files.too_many", count=count, most=MOST_FILES)] if count > MOST_FILES else []) + lines


def reader() -> Reader:
    return st.session_state.setdefault("reader", Reader())


@lru_cache(maxsize=16)
def _sample(name: str) -> Chosen:
    data = sample_bytes(name)
    return Chosen(name, data, picture=read_image(data))


def _take(kind: str) -> None:
    st.session_state.source = kind
    if kind != "sample":
        st.session_state.sample = None


def _uploaded() -> None:
    """Show the first of the files that have just come."""
    state, files = st.session_state, uploaded_files()
    if not files:
        return
    known = state.get("known_uploads", set())
    fresh = [file.key for file in files if file.key not in known]
    state.known_uploads = {file.key for file in files}
    if fresh:
        state.file = fresh[0]
        _take("upload")


def _photographed() -> None:
    photo = st.session_state.get("camera")
    if photo is not None:
        st.session_state.photo = File(say("camera"), photo.getvalue(), photo.file_id)
        _take("camera")
