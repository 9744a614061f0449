"""Folders with a network of a few hundred bytes: the vectors of its tokens are rows of a table.

The network is spelled as ONNX spells it, in protocol buffers, so that nothing but what runs it is
needed: fields of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto by their numbers.
"""

import json
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

LETTERS = ["[PAD]", "[UNK]", *string.ascii_lowercase]
_FLOAT, _INT64 = 1, 7


def table(width: int = 6, rows: int = len(LETTERS), seed: int = 0) -> npt.NDArray[np.float32]:
    """A vector for each token; the one that only fills up is far away from all others."""
    drawn = np.random.default_rng(seed).standard_normal((rows, width)).astype(np.float32)
    drawn[0] = 1000
    return drawn


def folder(
    at: Path,
    vectors: npt.NDArray[np.float32],
    *,
    inputs: tuple[str, ...] = ("input_ids", "attention_mask"),
    pools: bool = False,
    network: str = "model.onnx",
    said: Mapping[str, Any] | None = None,
) -> Path:
    """A folder with a model whose tokens are letters.

    Args:
        at: Where to; it is made.
        vectors: ``(tokens, d)``.
        inputs: What the network takes, of which it uses the first.
        pools: Whether the network does its own pooling, which knows nothing of the mask.
        network: The path of its file.
        said: What the other files say, by their paths.
    """
    (at / network).parent.mkdir(parents=True, exist_ok=True)
    (at / network).write_bytes(_model(vectors, inputs, pools=pools))
    (at / "tokenizer.json").write_text(json.dumps(_TOKENIZER), encoding="utf-8")
    for name, content in (said or {}).items():
        path = at / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    return at


_TOKENIZER: dict[str, Any] = {
    "version": "1.0",
    # The network's own limits are to be followed, not these.
    "truncation": {
        "direction": "Right",
        "max_length": 3,
        "strategy": "LongestFirst",
        "stride": 0,
    },
    "padding": {
        "strategy": {"Fixed": 3},
        "direction": "Left",
        "pad_to_multiple_of": None,
        "pad_id": 0,
        "pad_type_id": 0,
        "pad_token": "[PAD]",
    },
    "added_tokens": [],
    "normalizer": {"type": "Lowercase"},
    "pre_tokenizer": {
        "type": "Split",
        "pattern": {"Regex": "."},
        "behavior": "Isolated",
        "invert": False,
    },
    "post_processor": None,
    "decoder": None,
    "model": {
        "type": "WordLevel",
        "vocab": {token: number for number, token in enumerate(LETTERS)},
        "unk_token": "[UNK]",
    },
}


def _model(vectors: npt.NDArray[np.float32], inputs: tuple[str, ...], *, pools: bool) -> bytes:
    table = b"".join(_number(1, size) for size in vectors.shape) + _number(2, _FLOAT)
    graph = _node("Gather", ["table", inputs[0]], "last_hidden_state") + _text(2, "tiny")
    graph += _bytes(5, table + _text(8, "table") + _bytes(9, vectors.astype("<f4").tobytes()))
    for name in inputs:
        graph += _bytes(11, _argument(name, _INT64, ["texts", "tokens"]))
    graph += _bytes(12, _argument("last_hidden_state", _FLOAT, ["texts", "tokens", "width"]))
    if pools:
        along = _text(1, "axes") + _number(8, 1) + _number(20, 7)
        flat = _text(1, "keepdims") + _number(3, 0) + _number(20, 2)
        of = ["last_hidden_state"]
        graph += _node("ReduceMean", of, "sentence_embedding", along, flat)
        graph += _bytes(12, _argument("sentence_embedding", _FLOAT, ["texts", "width"]))
    opset = _text(1, "") + _number(2, 13)
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, opset)


def _node(kind: str, given: list[str], result: str, *attributes: bytes) -> bytes:
    said = b"".join(_text(1, name) for name in given) + _text(2, result) + _text(4, kind)
    return _bytes(1, said + b"".join(_bytes(5, one) for one in attributes))


def _argument(name: str, kind: int, shape: list[str]) -> bytes:
    sizes = b"".join(_bytes(1, _text(2, size)) for size in shape)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, sizes)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text(field: int, text: str) -> bytes:
    return _bytes(field, text.encode())


def _varint(value: int) -> bytes:
    low, high = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _varint(high) if high else bytes([low])
