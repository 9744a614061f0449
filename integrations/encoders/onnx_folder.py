"""A folder with a language model as sentence-transformers exports it: what its files say.

Read are ``model.onnx`` (or ``onnx/model.onnx``), ``tokenizer.json`` and, where they are there,
``sentence_bert_config.json``, ``tokenizer_config.json``, ``1_Pooling/config.json`` and
``modules.json``.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from recommender.errors import ConfigError

Pooling = Literal["mean", "cls", "max", "last"]
"""How the vectors of a text's tokens become the text's vector."""

LONGEST = 256
"""How many tokens of a text are read where the folder does not say."""

_MOST = 8192
# At length 1, a sum divided by the root of the number of tokens is their mean.
_POOLINGS: dict[str, Pooling] = {
    "cls": "cls",
    "cls_token": "cls",
    "lasttoken": "last",
    "max": "max",
    "max_tokens": "max",
    "mean": "mean",
    "mean_sqrt_len_tokens": "mean",
    "mean_tokens": "mean",
}
_LAYERS = {"Transformer", "Pooling", "Normalize"}
_PADDINGS = ("[PAD]", "<pad>")


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder with a model.

    Attributes:
        model: The network's file.
        tokenizer: The file that says how a text becomes tokens.
        pooling: How the tokens' vectors become the text's.
        longest: How many tokens of a text are read, in [2, 8192].
        paddings: What the token may be called that fills up short texts, likeliest first.
        digest: Of everything that the vectors depend on.
    """

    model: Path
    tokenizer: Path
    pooling: Pooling
    longest: int
    paddings: tuple[str, ...]
    digest: str

    @classmethod
    def read(cls, folder: Path) -> "ModelFolder":
        """What a folder's files say.

        Raises:
            ConfigError: If a file is missing, cannot be read, or asks for what there is not here.
        """
        model = _first(folder, "model.onnx", "onnx/model.onnx")
        tokenizer = _first(folder, "tokenizer.json")
        _check_layers(folder)
        said = _json(folder / "tokenizer_config.json")
        pooling = _pooling(folder / "1_Pooling" / "config.json")
        longest = _longest(
            _json(folder / "sentence_bert_config.json").get("max_seq_length"),
            said.get("model_max_length"),
        )
        return cls(
            model=model,
            tokenizer=tokenizer,
            pooling=pooling,
            longest=longest,
            paddings=(*_token(said.get("pad_token")), *_PADDINGS),
            digest=_digest(model, tokenizer, f"{pooling} {longest}"),
        )


def _first(folder: Path, *names: str) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    message = f"{folder}: holds no {' or '.join(names)}; name a folder with a model for"
    raise ConfigError(f"{message} sentence-transformers that was exported to ONNX")


def _json(path: Path) -> dict[str, Any]:
    found = _parsed(path)
    return found if isinstance(found, dict) else {}


def _parsed(path: Path) -> Any:
    """What a file says; None where there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: cannot be read as JSON; get the folder anew") from error


def _check_layers(folder: Path) -> None:
    layers = _parsed(folder / "modules.json")
    for layer in layers if isinstance(layers, list) else []:
        kind = str(layer.get("type") if isinstance(layer, dict) else layer).rpartition(".")[2]
        if kind not in _LAYERS:
            message = f"{folder}: this model has a layer of its own behind the network ({kind!r})"
            raise ConfigError(f"{message}, which is not in model.onnx; choose another model")


def _pooling(path: Path) -> Pooling:
    said = _json(path)
    modes = [
        name.removeprefix("pooling_mode_")
        for name, chosen in said.items()
        if name.startswith("pooling_mode_") and chosen is True
    ]
    named = said.get("pooling_mode")
    modes += [named] if isinstance(named, str) else []
    found = {_POOLINGS.get(mode) for mode in modes or ["mean"]}
    if len(found) > 1 or (pooling := found.pop()) is None:
        message = f"{path}: {' and '.join(modes)} is no pooling that there is here"
        raise ConfigError(f"{message}; choose a model with mean, cls, max or lasttoken")
    return pooling


def _longest(*said: object) -> int:
    # Where nobody thought of it, a tokenizer's file has a number of thirty digits.
    return next((n for n in said if isinstance(n, int) and 2 <= n <= _MOST), LONGEST)


def _token(said: object) -> tuple[str, ...]:
    named = said.get("content") if isinstance(said, dict) else said
    return (named,) if isinstance(named, str) else ()


def _digest(model: Path, tokenizer: Path, settings: str) -> str:
    """A name for what the vectors depend on; wherever the folder is and whatever it is called."""
    whole = hashlib.sha256(settings.encode())
    # Weights of more than two gigabytes are in files of their own beside the network.
    for path in (*sorted(model.parent.glob(f"{model.name}*")), tokenizer):
        try:
            with path.open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            why = (error.strerror or type(error).__name__).lower()
            raise ConfigError(f"{path}: cannot be read: {why}; get the folder anew") from error
    return whole.hexdigest()[:16]
