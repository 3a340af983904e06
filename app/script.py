"""What every browser session runs, anew for each click: it names the pages; each page is a file of its own.

Nothing here imports torch: the first page is on screen before the networks are, and a thread loads them meanwhile.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import projector, warm
from app.accuracy import page as accuracy
from app.batch import page as batch
from app.compare import page as compare
from app.frame import arrived
from app.image import page as image
from app.lessons import page as lessons
from app.models import page as models
from app.signals import page as signals
from app.start import page as start
from app.strings import say
from app.text import page as text
from app.video import page as video

HERE = Path(__file__).parent

st.set_page_config(page_title=say("app"), page_icon=HERE / "static" / "icon.png", layout="wide")
projector.settle()
if projector.is_on():
    st.html(f"<style>{(HERE / 'projector.css').read_text(encoding='utf-8')}</style>")
projector.switch()
page = st.navigation(
    [
        st.Page(start.page, title=say("start.nav"), url_path="start", default=True),
        st.Page(image.page, title=say("image.nav"), url_path="image"),
        st.Page(text.page, title=say("text.nav"), url_path="text"),
        st.Page(video.page, title=say("video.nav"), url_path="video"),
        st.Page(signals.page, title=say("signals.nav"), url_path="signals"),
        st.Page(compare.page, title=say("compare.nav"), url_path="compare"),
        st.Page(batch.page, title=say("batch.nav"), url_path="batch"),
        st.Page(lessons.page, title=say("lessons.nav"), url_path="lessons"),
        st.Page(accuracy.page, title=say("accuracy.nav"), url_path="accuracy"),
        st.Page(models.page, title=say("models.nav"), url_path="models"),
    ],
    position="hidden" if lessons.is_alone() else "top",
)
page.run()
arrived("page")
warm.start()
