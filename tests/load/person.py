"""One person without a browser: a session of the running app over its own protocol, as Streamlit's page speaks it."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from websockets.sync.client import connect

SECONDS = 300  # the longest that anybody waits for anything


class Person:
    """Opens a page, uploads files and sees live views. ``received`` is every byte the server ever sent.

    page: its address. shows: what of a view tells which input it is of.
    """

    def __init__(self, address: str, page: str = "image", shows: str = "picture"):
        self.page, self.shows = page, shows
        self.place = urlsplit(address).netloc
        self.received = bytearray()
        self.widgets = WidgetStates()
        self.uploads_id = ""
        self.session = ""
        self.cookie = self._cookie()
        self.open_things = ExitStack()

    def __enter__(self) -> Person:
        where = f"ws://{self.place}/_stcore/stream"
        patient = {"max_size": None, "open_timeout": SECONDS, "ping_interval": None}
        self.socket = self.open_things.enter_context(connect(where, subprotocols=["streamlit"], **patient))
        return self

    def __exit__(self, *error: object) -> None:
        self.open_things.close()

    def open(self) -> dict[str, Any]:
        """Go to the page and wait for the view of a sample: what it sends to the browser."""
        return self._rerun(lambda view: True)[0]

    def upload(self, name: str, data: bytes) -> tuple[dict[str, Any], float]:
        """Put a file on the page and wait for its view; the view, and how many seconds it took."""
        started = time.perf_counter()
        request = BackMsg()
        request.file_urls_request.request_id = uuid.uuid4().hex
        request.file_urls_request.file_names.append(name)
        request.file_urls_request.session_id = self.session
        self.socket.send(request.SerializeToString())
        message = next(m for m in self._messages() if m.WhichOneof("type") == "file_urls_response")
        urls = message.file_urls_response.file_urls[0]
        self._put(urls.upload_url, name, data)
        del self.widgets.widgets[:]
        state = self.widgets.widgets.add(id=self.uploads_id).file_uploader_state_value
        state.uploaded_file_info.add(name=name, size=len(data), file_id=urls.file_id).file_urls.CopyFrom(urls)
        view, came = self._rerun(lambda view: name in json.dumps(view[self.shows]))
        return view, came - started

    def _rerun(self, wanted: Callable[[dict[str, Any]], bool]) -> tuple[dict[str, Any], float]:
        """Run the page to its end: the wanted view and when it came."""
        found: tuple[dict[str, Any], float] | None = None
        request = BackMsg()
        request.rerun_script.page_name = self.page
        request.rerun_script.widget_states.CopyFrom(self.widgets)
        self.socket.send(request.SerializeToString())
        for message in self._messages():
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session = message.new_session.initialize.session_id
            elif kind == "delta":
                element = message.delta.new_element
                if element.WhichOneof("type") == "file_uploader":
                    self.uploads_id = element.file_uploader.id
                elif element.WhichOneof("type") == "exception":
                    raise AssertionError(element.exception.message)
                elif element.bidi_component.component_name.endswith("scrubber"):
                    view = json.loads(element.bidi_component.json or element.bidi_component.mixed.json)
                    if wanted(view):
                        found = view, time.perf_counter()
            elif kind == "script_finished" and found is not None:
                break
        assert found is not None
        return found

    def _messages(self) -> Iterator[ForwardMsg]:
        deadline = time.monotonic() + SECONDS
        while True:
            data = self.socket.recv(timeout=max(0.1, deadline - time.monotonic()))
            self.received += data
            message = ForwardMsg()
            message.ParseFromString(data)
            yield message

    def _cookie(self) -> str:
        connection = http.client.HTTPConnection(self.place, timeout=SECONDS)
        connection.request("GET", "/_stcore/health")
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.headers["Set-Cookie"].split("=", 1)[1].split(";")[0].strip('"')

    def _put(self, url: str, name: str, data: bytes) -> None:
        edge = uuid.uuid4().hex
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
        body = head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + data + f"\r\n--{edge}--\r\n".encode()
        connection = http.client.HTTPConnection(self.place, timeout=SECONDS)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={edge}",
            "X-Xsrftoken": self.cookie,
            "Cookie": f"_streamlit_xsrf={self.cookie}",
        }
        connection.request("PUT", url, body, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert answer.status in (200, 204), f"the upload of {name} was answered with {answer.status}"
