import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from integrations.encoders.endpoint import BATCH, EndpointEncoder
from integrations.encoders.onnx import OnnxEncoder
from recommender.errors import TransientError
from recommender.ports import Encoder
from recommender.testing.encoders import EncoderContract, FakeEncoder
from tests.unit import onnx_folders

KEY = "sk-SecretSecretSecret"


class TestFakeEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self) -> Encoder:
        return FakeEncoder()

    @pytest.fixture
    def other(self) -> Encoder:
        return FakeEncoder(width=8)

    @pytest.fixture
    def failing(self) -> Encoder:
        fake = FakeEncoder()
        fake.failure = TransientError("fake", "fake is tired; try again later")
        return fake


class Answering(BaseHTTPRequestHandler):
    """An endpoint with two models, as strict as the strictest, whose vectors come last first."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        texts = asked["input"]
        known = self.path == "/v1/embeddings" and asked["model"] in {"words-8", "words-32"}
        allowed = self.headers["Authorization"] == f"Bearer {KEY}"
        good = 0 < len(texts) <= BATCH and all(0 < len(text) <= 8192 for text in texts)
        status = 404 if not known else 401 if not allowed else 200 if good else 400
        content = json.dumps(self.vectors(asked) if status == 200 else {"error": KEY}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    @staticmethod
    def vectors(asked: dict[str, object]) -> dict[str, object]:
        model = FakeEncoder(int(str(asked["model"]).removeprefix("words-")))
        texts = asked["input"]
        assert isinstance(texts, list)
        found = [
            {"object": "embedding", "index": index, "embedding": (3 * row).tolist()}
            for index, row in enumerate(model.encode(texts))
        ]
        found.reverse()
        return {"object": "list", "data": found, "model": asked["model"], "usage": {}}

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's name
        """Nothing: a test's output is pytest's."""


@contextmanager
def serving() -> Iterator[str]:
    """The address of an endpoint on a loopback socket."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        # What is answered already need not be waited for.
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as found:
        yield found


class TestEndpointEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self, address: str) -> Encoder:
        return EndpointEncoder(address, "words-32", KEY)

    @pytest.fixture
    def other(self, address: str) -> Encoder:
        return EndpointEncoder(address, "words-8", KEY)

    @pytest.fixture
    def failing(self, address: str) -> Encoder:
        return EndpointEncoder(f"{address}/v1/", "words-32", "sk-another")


class TestOnnxEncoder(EncoderContract):
    @pytest.fixture(autouse=True)
    def _installed(self) -> None:
        for package in ("onnxruntime", "tokenizers"):
            pytest.importorskip(package, reason=f"no {package}: install the extra 'dense'")

    @pytest.fixture
    def encoder(self, tmp_path: Path) -> Encoder:
        return OnnxEncoder.open(onnx_folders.folder(tmp_path / "one", onnx_folders.table()))

    @pytest.fixture
    def other(self, tmp_path: Path) -> Encoder:
        said = {"1_Pooling/config.json": {"pooling_mode_max_tokens": True}}
        vectors = onnx_folders.table()
        return OnnxEncoder.open(onnx_folders.folder(tmp_path / "other", vectors, said=said))

    @pytest.fixture
    def failing(self, tmp_path: Path) -> Encoder:
        # It knows the first letters of the alphabet alone.
        vectors = onnx_folders.table(rows=4)
        return OnnxEncoder.open(onnx_folders.folder(tmp_path / "failing", vectors))
