"""``shelfwise doctor``: what is wrong, and what to do about it."""

import pytest

from tests.system import invented
from tests.system.own import KEY, Own, Run, Zotero


def remedies(stdout: str) -> list[str]:
    return [
        line.partition("what to do: ")[2] for line in stdout.splitlines() if "what to do: " in line
    ]


def test_all_is_well_with_files(run: Run, own: Own) -> None:
    own.settle('[outputs]\nhtml = "out.html"')
    found = run("doctor", "--config", own.file)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.splitlines()[-1] == "All is well."
    assert "nothing has run yet" in found.stdout
    assert f"the library {own.library} has 24 entries" in found.stdout
    # Looking leaves nothing behind.
    assert not own.store_file.exists()
    assert run("run", "--config", own.file).returncode == 0
    assert "the last run was on " in run("doctor", "--config", own.file).stdout


def test_all_is_well_with_zotero(run: Run, own: Own, served: Zotero) -> None:
    own.settle(library=served.config())
    found = run("doctor", "--config", own.file)
    assert found.returncode == 0, found.stdout
    assert "the key of reader may read and write what it has to" in found.stdout
    assert "Your library has 24 entries" in found.stdout
    assert KEY not in found.stdout


def test_everything_that_is_wrong_is_told_with_its_remedy(
    run: Run, own: Own, served: Zotero
) -> None:
    served.key.write = False
    served.key.notes = False
    own.settle(
        '[outputs]\nbib = "no/such/folder/out.bib"',
        '[[source]]\nplace = "missing.xml"',
        '[[source]]\nkind = "telegraph"\nplace = "x"',
        library=served.config(),
    )
    found = run("doctor", "--config", own.file)
    assert (found.returncode, found.stderr) == (1, "")
    told = remedies(found.stdout)
    assert len(told) == 5
    assert found.stdout.count("FAILED") == 4
    assert "missing.xml" in found.stdout
    assert "'telegraph' is not installed" in found.stdout
    assert any("make it, or name another file" in line for line in told)
    assert any("allow it to write" in line for line in told)
    assert any("allow it to read notes" in line for line in told)
    assert found.stdout.splitlines()[-1] == "5 things to do."


def test_every_catalogue_is_looked_at(run: Run, own: Own) -> None:
    own.settle(
        '[[catalogue]]\nkind = "crossref"',
        '[[catalogue]]\nkind = "telegraph"',
        '[[catalogue]]\nkind = "openalex"\nkey = "env:NO_SUCH_KEY_HERE"',
    )
    found = run("doctor", "--config", own.file)
    assert found.returncode == 1
    assert "the catalogue Crossref is known" in found.stdout
    assert "'telegraph' is not installed" in found.stdout
    assert "NO_SUCH_KEY_HERE" in found.stdout
    assert found.stdout.count("FAILED") == 2


def test_a_source_that_is_named_twice_is_told(run: Run, own: Own) -> None:
    own.settle('[[source]]\nplace = "missing.xml"', '[[source]]\nplace = "page*.jsonl"')
    found = run("doctor", "--config", own.file)
    assert found.returncode == 1
    assert "[[source]] 2 and 3 are both " in found.stdout
    assert "remove one of them" in remedies(found.stdout)


def test_a_key_that_is_not_there_and_a_damaged_store_are_told(
    run: Run, own: Own, served: Zotero, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("READERS_KEY")
    own.settle(library=served.config())
    found = run("doctor", "--config", own.file)
    assert found.returncode == 1
    assert remedies(found.stdout) == ["set READERS_KEY to the key before the start"]
    own.store_file.write_bytes(b"no store at all, but a letter to grandmother" * 40)
    found = run("doctor", "--config", own.file)
    assert found.returncode == 1
    assert "FAILED" in found.stdout


def test_a_pattern_that_names_nothing_is_told(run: Run, own: Own) -> None:
    own.settle(library='kind = "file"\nplace = "mine.bib"\nexclude = ["Thesys/**"]')
    assert run("run", "--config", own.file).returncode == 0
    found = run("doctor", "--config", own.file)
    assert found.returncode == 1
    assert "no collection of the library is called Thesys/**" in found.stdout


def test_a_config_that_is_wrong_is_a_matter_of_usage(run: Run, own: Own) -> None:
    own.file.write_text("[shelf]\nvia = 'smoke'\n", encoding="utf-8")
    found = run("doctor", "--config", own.file)
    assert found.returncode == 2
    assert "shelf.via" in invented.sentence(found.stderr)


ENDPOINT = 'kind = "endpoint"\nplace = "http://127.0.0.1:9/v1"\nmodel = "small"'


def test_models_are_opened_and_asked_nothing(run: Run, own: Own) -> None:
    own.settle(f"[summary]\n{ENDPOINT}", f"[model.encoder]\n{ENDPOINT}")
    found = run("doctor", "--config", own.file)
    assert found.returncode == 0, found.stdout
    assert "summary: small can be asked, and was not" in found.stdout
    assert "model.encoder: http://127.0.0.1:9/v1 can be asked, and was not" in found.stdout


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (ENDPOINT.replace('"endpoint"', '"telegraph"'), "'telegraph' is not installed"),
        (ENDPOINT.replace("http://127.0.0.1:9", "http://example.org"), "example.org"),
        (f'{ENDPOINT}\nkey = "env:NO_SUCH_KEY_HERE"', "NO_SUCH_KEY_HERE"),
    ],
)
@pytest.mark.parametrize("section", ["summary", "model.encoder"])
def test_a_model_that_cannot_be_asked_is_told(
    run: Run, own: Own, section: str, said: str, told: str
) -> None:
    own.settle(f"[{section}]\n{said}")
    found = run("doctor", "--config", own.file)
    assert found.returncode == 1
    [line] = [line for line in found.stdout.splitlines() if line.startswith("FAILED")]
    assert f"{section}: " in line
    assert told in found.stdout
