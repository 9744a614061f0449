r"""Our group in the lists of groups that JabRef and BibDesk keep in a BibTeX file. Pure.

In JabRef's tree it is a line, and which entries belong there stands in these. BibDesk looks at no
field of an entry: there it is a dictionary with the entries' keys. Either bears something by which
it is known as ours, so that it can go when nothing is in it any more; a group of that name which
the reader made stays. Where a file has neither list, none is made.

All positions are the same in a text and in ``flat`` of it.
"""

import re
from collections.abc import Collection, Iterable

from integrations.files.bibtex_syntax import Placed, placed
from integrations.files.jabref import LIST_ENDS, STATIC, TREE, groups


def flat(text: str) -> str:
    r"""The text as ``bibtex_syntax`` reads it, without a mark at its beginning, and as long."""
    text = text.replace("\r\n", " \n").replace("\r", "\n")
    return f" {text[1:]}" if text.startswith("\ufeff") else text


def newline(text: str) -> str:
    """What ends most lines of a text."""
    n_windows = text.count("\r\n")
    n_unix, n_mac = text.count("\n") - n_windows, text.count("\r") - n_windows
    return max((n_unix, "\n"), (n_windows, "\r\n"), (n_mac, "\r"))[1]


def tree_with(name: str) -> str:
    """A list as JabRef writes it, with one group."""
    return f"@Comment{{jabref-meta: grouping:\n0 AllEntriesGroup:;\n{_line(name)}\n}}\n"


def lists_keys(text: str) -> bool:
    """Whether the file has a list of groups in which the keys of their entries stand."""
    return _found(text, STATIC) is not None


def joined(text: str, name: str, keys: Collection[str]) -> str:
    """The file with a group in its list, and these entries in the group if keys stand there.

    Args:
        text: The file.
        name: The group's; of letters, digits and blanks.
        keys: The entries', in their order.
    """
    end = newline(text)
    if one := _found(text, STATIC):
        source = text[one.start : one.end]
        if own := _keys_of(name).search(source):
            listed = ",".join(filter(None, (own[2], *keys)))
            return f"{text[: one.start + own.start(2)]}{listed}{text[one.start + own.end(2) :]}"
        at = one.start + source.rindex(LIST_ENDS)
        return f"{text[:at]}{_dictionary(name, keys, end)}{text[at:]}"
    if one := _found(text, TREE):
        if any(group.path[-1] == name for group in groups([one.record.text]).groups):
            return text
        at = one.end - 1
        tree = TREE.match(one.record.text)
        own_line = _old_line(name) if tree and tree["old"] else _line(name)
        line = f"{own_line}{end}" if text[at - 1] in "\r\n" else f"{end}{own_line}"
        return f"{text[:at]}{line}{text[at:]}"
    return text


def left(text: str, name: str, keys: Collection[str], *, is_empty: bool) -> str:
    """The file without these entries in a group.

    Args:
        text: The file.
        name: The group's.
        keys: The entries'.
        is_empty: Nothing of ours is in the group any more; it goes if it is ours.
    """
    static = _found(text, STATIC)
    if static and (own := _keys_of(name).search(text, static.start, static.end)):
        listed = ",".join(key for key in own[2].split(",") if key.strip() not in keys)
        text = f"{text[: own.start(2)]}{listed}{text[own.end(2) :]}"
    if is_empty:
        text = _without(text, (_dictionary(name, (), end) for end in _ENDS))
        for line in (_line(name), _old_line(name)):
            lines = (f"{line}{end}" for end in _ENDS)
            text = _without(text, (*lines, *(f"{end}{line}" for end in _ENDS)))
    return text


def _found(text: str, kind: re.Pattern[str]) -> Placed | None:
    """The first list of a kind into which a group can be put."""
    plain = flat(text)
    found = (one for one in placed(plain) if one.record.type == "comment")
    lists = (one for one in found if kind.match(one.record.text) and plain[one.end - 1] == "}")
    return next((one for one in lists if groups([one.record.text]).are_listed), None)


def _keys_of(name: str) -> re.Pattern[str]:
    """What finds the keys in the dictionary of a group: its second part."""
    return re.compile(
        rf"(<key>group name</key>\s*<string>{re.escape(name)}</string>"
        r"\s*<key>keys</key>\s*<string>)([^<]*)"
    )


def _dictionary(name: str, keys: Iterable[str], end: str) -> str:
    """A group of ours as BibDesk writes its own, but for the last part, by which it is known."""
    lines = (
        "<dict>",
        "\t<key>group name</key>",
        f"\t<string>{name}</string>",
        "\t<key>keys</key>",
        f"\t<string>{','.join(keys)}</string>",
        "\t<key>shelfwise</key>",
        "\t<true/>",
        "</dict>",
    )
    return "".join(f"\t{line}{end}" for line in lines)


def _line(name: str) -> str:
    """A group of ours as JabRef writes its own, with a description by which it is known."""
    return f"1 StaticGroup:{name}\\;0\\;1\\;\\;\\;Suggestions by Shelfwise\\;;"


def _old_line(name: str) -> str:
    """The same up to JabRef 3, which loses the tree over a kind of group that it does not know.

    It has no descriptions: there a key that no entry has tells whose the group is.
    """
    return f"1 ExplicitGroup:{name}\\;0\\;suggestions-by-shelfwise\\;;"


def _without(text: str, pieces: Iterable[str]) -> str:
    """The text without the first of these pieces that is in it."""
    found = next((piece for piece in pieces if piece in text), "")
    return text.replace(found, "", 1) if found else text


_ENDS = ("\r\n", "\n", "\r")
