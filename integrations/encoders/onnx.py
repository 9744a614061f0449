"""An encoder that is a language model in a folder: ONNX runtime and tokenizers, an extra."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from integrations.encoders import rows
from integrations.encoders.onnx_batches import batches, filled, pool
from integrations.encoders.onnx_folder import ModelFolder
from recommender.arrays import Vectors
from recommender.errors import BadResponse, ConfigError, IntegrationError

_THREADS = 2
_SERVICE = "the ONNX model"
_Array = npt.NDArray[Any]


class _Encoding(Protocol):
    """What we use of a text's tokens."""

    @property
    def ids(self) -> list[int]: ...

    @property
    def type_ids(self) -> list[int]: ...


class _Tokenizer(Protocol):
    """What we use of the package tokenizers, which need not be installed."""

    def encode(self, sequence: str) -> _Encoding: ...

    def enable_truncation(self, max_length: int) -> None: ...

    def no_padding(self) -> None: ...

    def token_to_id(self, token: str) -> int | None: ...


class _Argument(Protocol):
    """What a network takes or gives."""

    @property
    def name(self) -> str: ...

    @property
    def type(self) -> str: ...


class _Session(Protocol):
    """What we use of the package onnxruntime, which need not be installed."""

    def get_inputs(self) -> Sequence[_Argument]: ...

    def get_outputs(self) -> Sequence[_Argument]: ...

    def run(self, output_names: Sequence[str], input_feed: dict[str, _Array]) -> list[_Array]: ...


def opened(place: str, /, *, model: str = "", key: str = "") -> "OnnxEncoder":
    """The encoder in a folder, as ``registry.OpensEncoder`` says.

    Raises:
        ConfigError: As for ``OnnxEncoder.open``; or if a model or a key is named.
    """
    if model or key:
        raise ConfigError("an ONNX encoder is its folder and needs no model or key; leave them out")
    if not place:
        raise ConfigError("an ONNX encoder needs a place: the folder that holds its model.onnx")
    return OnnxEncoder.open(Path(place))


class OnnxEncoder:
    """The vectors of a language model in a folder, computed here with two threads at the most."""

    def __init__(self, folder: ModelFolder, tokenizer: _Tokenizer, session: _Session) -> None:
        self._tokenizer = tokenizer
        self._session = session
        self._errors = _errors()
        self._pooling = folder.pooling
        self._name = f"onnx {folder.digest}"
        self._padding = next(
            (id_ for one in folder.paddings if (id_ := tokenizer.token_to_id(one)) is not None), 0
        )
        self._inputs = {
            one.name: np.dtype(np.int32 if one.type == "tensor(int32)" else np.int64)
            for one in session.get_inputs()
        }
        if odd := self._inputs.keys() - _INPUTS:
            message = f"{folder.model}: this network wants {', '.join(sorted(odd))} as well"
            raise ConfigError(f"{message}; choose a model for sentence-transformers")
        outputs = [one.name for one in session.get_outputs()]
        # Of a network that does its own pooling; the others begin with the tokens' vectors.
        self._output = _POOLED if _POOLED in outputs else outputs[0]
        self._width = 0

    @classmethod
    def open(cls, folder: Path) -> "OnnxEncoder":
        """The encoder in a folder, tried on a word.

        Args:
            folder: As ``ModelFolder`` says, exported in full precision: the vectors of a quantised
                network depend on what else is asked.

        Raises:
            ConfigError: If there is no such model that works, or the extra is not installed.
        """
        runtime, tokenizers = _installed()
        failures: tuple[type[Exception], ...] = (IntegrationError, *_errors())
        found = ModelFolder.read(folder)
        tokenizer = _tokenizer(tokenizers, found)
        try:
            encoder = cls(found, tokenizer, _session(runtime, found.model))
            encoder._width = encoder.encode(["a"]).shape[1]
        except failures as error:
            # Its own text has several lines.
            message = f"{found.model}: does not work as a network ({type(error).__name__})"
            raise ConfigError(f"{message}; get the folder anew, or choose another model") from error
        return encoder

    @property
    def name(self) -> str:
        """A digest of the network, the tokenizer and the settings, wherever the folder is."""
        return self._name

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A row for each text, as ``ports.Encoder`` says.

        Raises:
            BadResponse: If the network fails on a text.
        """
        if not texts:
            return np.empty((0, self._width), np.float32)
        tokens = [self._tokens(text) for text in rows.sendable(texts)]
        places = list(batches([len(one.ids) for one in tokens]))
        pooled = np.concatenate([self._pooled([tokens[i] for i in batch]) for batch in places])
        found = np.empty_like(pooled)
        found[np.concatenate(places)] = pooled
        return rows.unit(found, texts, _SERVICE)

    def _tokens(self, text: str) -> _Encoding:
        # Many texts at once would take all of the computer's cores.
        try:
            return self._tokenizer.encode(text)
        except Exception as error:
            # It raises no finer one.
            message = f"{_SERVICE} has a tokenizer that fails on a text; get its folder anew"
            raise BadResponse(_SERVICE, message) from error

    def _pooled(self, tokens: Sequence[_Encoding]) -> _Array:
        ids = filled([one.ids for one in tokens], self._padding)
        mask = filled([[1] * len(one.ids) for one in tokens], 0)
        fed = {
            "input_ids": ids,
            "attention_mask": mask,
            "token_type_ids": filled([one.type_ids for one in tokens], 0),
            "position_ids": np.broadcast_to(np.arange(ids.shape[1]), ids.shape),
        }
        try:
            [given] = self._session.run(
                [self._output],
                {name: fed[name].astype(kind) for name, kind in self._inputs.items()},
            )
        except self._errors as error:
            message = f"{_SERVICE} fails on a text ({type(error).__name__})"
            raise BadResponse(_SERVICE, f"{message}; get its folder anew") from error
        if given.ndim == 3 and given.shape[:2] == mask.shape:
            return pool(given, mask.astype(np.bool_), self._pooling)
        if given.ndim != 2 or len(given) != len(tokens):
            message = f"{_SERVICE} gives {self._output!r} instead of vectors; choose another model"
            raise BadResponse(_SERVICE, message)
        return given


def _installed() -> tuple[Any, Any]:
    try:
        return import_module("onnxruntime"), import_module("tokenizers")
    except ImportError as error:
        message = f"an ONNX encoder needs the package {error.name or 'onnxruntime'}"
        raise ConfigError(f"{message}; install it: pip install 'shelfwise[dense]'") from error


def _errors() -> tuple[type[Exception], ...]:
    """What ONNX runtime raises; its classes have nothing in common."""
    found = vars(import_module("onnxruntime.capi.onnxruntime_pybind11_state")).values()
    return tuple(one for one in found if isinstance(one, type) and issubclass(one, Exception))


def _session(runtime: Any, network: Path) -> _Session:
    options = runtime.SessionOptions()
    options.intra_op_num_threads = _THREADS
    options.inter_op_num_threads = 1
    # Idle threads would keep the cores busy by waiting.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = _FATAL  # what goes wrong is raised as well
    providers = ["CPUExecutionProvider"]
    return cast("_Session", runtime.InferenceSession(str(network), options, providers=providers))


def _tokenizer(tokenizers: Any, folder: ModelFolder) -> _Tokenizer:
    try:
        tokenizer = cast("_Tokenizer", tokenizers.Tokenizer.from_file(str(folder.tokenizer)))
        tokenizer.enable_truncation(max_length=folder.longest)
    except Exception as error:
        # It raises no finer one.
        message = f"{folder.tokenizer}: is no tokenizer that can be read; get the folder anew"
        raise ConfigError(message) from error
    tokenizer.no_padding()
    return tokenizer


_INPUTS = {"input_ids", "attention_mask", "token_type_ids", "position_ids"}
_POOLED = "sentence_embedding"
_FATAL = 4
