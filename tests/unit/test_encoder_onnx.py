"""What a folder with a network says, and what becomes of it."""

import sys
import tomllib
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from integrations.encoders import onnx
from integrations.encoders.onnx import OnnxEncoder
from integrations.encoders.onnx_batches import batches, filled, pool
from integrations.encoders.onnx_folder import ModelFolder
from recommender.errors import BadResponse, ConfigError
from tests.unit.onnx_folders import LETTERS, folder, table

VECTORS = table()
_PROJECT = Path(__file__).parent.parent.parent / "pyproject.toml"


@pytest.fixture
def installed() -> None:
    for package in ("onnxruntime", "tokenizers"):
        pytest.importorskip(package, reason=f"no {package}: install the extra 'dense'")


def unit(row: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    return row / np.linalg.norm(row)


def letters(text: str) -> npt.NDArray[np.float32]:
    """What the network gives for each letter of a text: ``(t, d)``."""
    return VECTORS[[LETTERS.index(letter) for letter in text]]


def pooling(mode: str) -> dict[str, Any]:
    others = dict.fromkeys(["pooling_mode_cls_token", "pooling_mode_mean_tokens"], False)
    return {"1_Pooling/config.json": {"word_embedding_dimension": 6, **others, mode: True}}


@pytest.mark.usefixtures("installed")
def test_a_row_is_the_mean_of_the_tokens_vectors(tmp_path: Path) -> None:
    rows = OnnxEncoder.open(folder(tmp_path, VECTORS)).encode(["bee", "hives", "a"])
    for row, text in zip(rows, ["bee", "hives", "a"], strict=True):
        np.testing.assert_allclose(row, unit(letters(text).mean(axis=0)), atol=1e-6)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("network", ["model.onnx", "onnx/model.onnx"])
def test_the_network_is_found_at_both_its_places(tmp_path: Path, network: str) -> None:
    encoder = OnnxEncoder.open(folder(tmp_path, VECTORS, network=network))
    assert encoder.encode([]).shape == (0, 6)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    "inputs",
    [
        ("input_ids",),
        ("input_ids", "attention_mask", "token_type_ids"),
        ("input_ids", "attention_mask", "position_ids"),
    ],
)
def test_a_network_is_given_what_it_wants_and_no_more(
    tmp_path: Path, inputs: tuple[str, ...]
) -> None:
    rows = OnnxEncoder.open(folder(tmp_path, VECTORS, inputs=inputs)).encode(["bee", "hives"])
    np.testing.assert_allclose(rows[0], unit(letters("bee").mean(axis=0)), atol=1e-6)


@pytest.mark.usefixtures("installed")
def test_a_network_that_wants_what_there_is_not_is_refused(tmp_path: Path) -> None:
    place = folder(tmp_path, VECTORS, inputs=("input_ids", "pixel_values"))
    with pytest.raises(ConfigError, match="wants pixel_values as well; choose a model"):
        OnnxEncoder.open(place)


@pytest.mark.usefixtures("installed")
def test_a_network_that_pools_by_itself_is_let(tmp_path: Path) -> None:
    encoder = OnnxEncoder.open(folder(tmp_path, VECTORS, pools=True, said=pooling("cls")))
    [row] = encoder.encode(["bee"])
    np.testing.assert_allclose(row, unit(letters("bee").mean(axis=0)), atol=1e-6)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("said", "n"),
    [
        ({}, 256),
        ({"sentence_bert_config.json": {"max_seq_length": 4}}, 4),
        ({"sentence_bert_config.json": {"max_seq_length": None}}, 256),
        ({"tokenizer_config.json": {"model_max_length": 5}}, 5),
        ({"tokenizer_config.json": {"model_max_length": 10**30}}, 256),
        (
            {
                "sentence_bert_config.json": {"max_seq_length": 4},
                "tokenizer_config.json": {"model_max_length": 5},
            },
            4,
        ),
    ],
)
def test_a_text_is_read_up_to_the_models_length(
    tmp_path: Path, said: Mapping[str, Any], n: int
) -> None:
    place = folder(tmp_path, VECTORS, said=said)
    assert ModelFolder.read(place).longest == n
    text = "abcdefgh" * 40
    [row] = OnnxEncoder.open(place).encode([text])
    np.testing.assert_allclose(row, unit(letters(text[:n]).mean(axis=0)), atol=1e-5)


@pytest.mark.parametrize(
    ("mode", "found"),
    [
        ("pooling_mode_mean_tokens", "mean"),
        ("pooling_mode_mean_sqrt_len_tokens", "mean"),
        ("pooling_mode_cls_token", "cls"),
        ("pooling_mode_max_tokens", "max"),
        ("pooling_mode_lasttoken", "last"),
    ],
)
def test_the_pooling_is_the_folders(tmp_path: Path, mode: str, found: str) -> None:
    assert ModelFolder.read(folder(tmp_path, VECTORS, said=pooling(mode))).pooling == found


def test_the_pooling_may_be_a_word(tmp_path: Path) -> None:
    said = {"1_Pooling/config.json": {"pooling_mode": "cls"}}
    assert ModelFolder.read(folder(tmp_path, VECTORS, said=said)).pooling == "cls"


@pytest.mark.parametrize("mode", ["pooling_mode_weightedmean_tokens", "pooling_mode_cls_token"])
def test_a_pooling_that_there_is_not_here_is_told(tmp_path: Path, mode: str) -> None:
    said = {"1_Pooling/config.json": {mode: True, "pooling_mode_mean_tokens": True}}
    with pytest.raises(ConfigError, match="is no pooling that there is here; choose a model"):
        ModelFolder.read(folder(tmp_path, VECTORS, said=said))


def test_each_pooling_looks_at_the_texts_own_tokens_alone() -> None:
    vectors = np.array([[[1, 6], [3, 2], [99, 99]], [[-5, -7], [99, 99], [99, 99]]], np.float32)
    mask = np.array([[1, 1, 0], [1, 0, 0]], np.bool_)
    assert pool(vectors, mask, "mean").tolist() == [[2, 4], [-5, -7]]
    assert pool(vectors, mask, "max").tolist() == [[3, 6], [-5, -7]]
    assert pool(vectors, mask, "cls").tolist() == [[1, 6], [-5, -7]]
    assert pool(vectors, mask, "last").tolist() == [[3, 2], [-5, -7]]
    for none in ("mean", "max", "cls", "last"):
        assert not pool(vectors, np.zeros_like(mask), none).any()


def test_texts_of_about_one_length_go_together_and_each_goes_once() -> None:
    lengths = [1, 256, 3, 256] * 50
    found = list(batches(lengths))
    assert sorted(place for batch in found for place in batch) == list(range(200))
    sizes = [len(batch) * max(lengths[place] for place in batch) for batch in found]
    assert max(sizes) <= 4096
    assert sum(sizes) - sum(lengths) < 256 * 16


def test_a_text_longer_than_a_batch_goes_alone() -> None:
    assert list(batches([9000, 9000, 2])) == [[0], [1], [2]]
    assert list(batches([])) == []


def test_rows_are_filled_up_behind() -> None:
    assert filled([[1, 2], [], [3]], 9).tolist() == [[1, 2], [9, 9], [3, 9]]
    assert filled([[], []], 9).tolist() == [[9], [9]]


def test_the_name_is_of_what_the_vectors_depend_on(tmp_path: Path) -> None:
    def digest(name: str, vectors: npt.NDArray[np.float32], **said: Any) -> str:
        return ModelFolder.read(folder(tmp_path / name, vectors, said=said)).digest

    plain = digest("one", VECTORS)
    assert digest("moved", VECTORS) == plain
    others = {
        digest("weights", table(seed=1)),
        digest("pooling", VECTORS, **pooling("pooling_mode_cls_token")),
        digest("length", VECTORS, **{"sentence_bert_config.json": {"max_seq_length": 9}}),
    }
    (tmp_path / "one" / "model.onnx_data").write_bytes(b"weights that lie beside")
    others.add(ModelFolder.read(tmp_path / "one").digest)
    tokenizer = tmp_path / "moved" / "tokenizer.json"
    tokenizer.write_bytes(tokenizer.read_bytes() + b"\n")
    others.add(ModelFolder.read(tmp_path / "moved").digest)
    assert len(others | {plain}) == 6


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json"])
def test_what_a_folder_lacks_is_told(tmp_path: Path, missing: str) -> None:
    place = folder(tmp_path, VECTORS)
    (place / missing).unlink()
    with pytest.raises(ConfigError, match=rf"holds no {missing}.*; name a folder"):
        ModelFolder.read(place)


def test_a_layer_behind_the_network_is_told(tmp_path: Path) -> None:
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
    ]
    said: dict[str, Any] = {"modules.json": modules}
    assert ModelFolder.read(folder(tmp_path, VECTORS, said=said)).pooling == "mean"
    modules[2]["type"] = "sentence_transformers.models.Dense"
    with pytest.raises(ConfigError, match=r"'Dense'.* choose another model"):
        ModelFolder.read(folder(tmp_path, VECTORS, said=said))


def test_a_setting_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    place = folder(tmp_path, VECTORS)
    (place / "tokenizer_config.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"tokenizer_config\.json: cannot be read as JSON"):
        ModelFolder.read(place)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("file", "told"),
    [("model.onnx", "does not work as a network"), ("tokenizer.json", "is no tokenizer")],
)
def test_a_damaged_file_is_told_in_one_line(tmp_path: Path, file: str, told: str) -> None:
    place = folder(tmp_path, VECTORS)
    (place / file).write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(ConfigError, match=told) as raised:
        OnnxEncoder.open(place)
    assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("installed")
def test_a_number_that_is_none_is_a_bad_response(tmp_path: Path) -> None:
    vectors = VECTORS.copy()
    vectors[LETTERS.index("z")] = np.nan
    encoder = OnnxEncoder.open(folder(tmp_path, vectors))
    with pytest.raises(BadResponse, match="number that is none"):
        encoder.encode(["bee", "zoo"])


@pytest.mark.parametrize("package", ["onnxruntime", "tokenizers"])
def test_without_the_extra_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", sys)
    monkeypatch.setitem(sys.modules, "tokenizers", sys)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigError) as raised:
        OnnxEncoder.open(folder(tmp_path, VECTORS))
    assert str(raised.value) == (
        f"an ONNX encoder needs the package {package}; install it: pip install 'shelfwise[dense]'"
    )


@pytest.mark.parametrize("more", [{"model": "small"}, {"key": "sk-Secret"}])
def test_a_folder_takes_no_model_and_no_key(tmp_path: Path, more: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="needs no model or key; leave them out"):
        onnx.opened(str(folder(tmp_path, VECTORS)), **more)


def test_a_place_has_to_be_named() -> None:
    with pytest.raises(ConfigError, match="needs a place"):
        onnx.opened("")


@pytest.mark.parametrize("kind", ["onnx", "endpoint"])
def test_each_kind_is_an_entry_point_that_refuses_no_place(kind: str) -> None:
    project = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]
    group = "shelfwise.encoders"
    opens = EntryPoint(kind, project["entry-points"][group][kind], group).load()
    with pytest.raises(ConfigError, match="place"):
        opens("", model="", key="")
