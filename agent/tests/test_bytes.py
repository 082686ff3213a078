"""Lines that nobody touched keep their bytes, whatever the file looks like."""

import pytest
from persais_agent import textfile
from script import Say, block

LINES = ["first = 1", "second = 2", "third = 3", "last = 4"]


def edited(world, data: bytes, name="f.py", search="second = 2\n", replace="second = 22\n") -> bytes:
    world.put(name, data)
    world.commit()
    world.say(Say(block(name, search, replace)))
    run = world.run(f"change {name}")
    assert run.verdict == ("edited", 0), (run.result, run.stderr)
    return world.read(name)


CASES = {
    "crlf": ("\r\n".join(LINES) + "\r\n").encode(),
    "crlf without a final one": "\r\n".join(LINES).encode(),
    "no final newline": "\n".join(LINES).encode(),
    "mixed": b"first = 1\r\nsecond = 2\r\nthird = 3\nlast = 4\r\n",
    "utf-8 with a mark": b"\xef\xbb\xbf" + "\n".join(LINES).encode() + b"\n",
    "latin-1": b"first = 1\nsecond = 2\n# caf\xe9\nlast = 4\n",
    "windows-1251": "first = 1\r\nsecond = 2\r\n# привет, мир\r\n".encode("cp1251"),
    "a lone carriage return": b"first = '\r'\nsecond = 2\nlast\n",
    "form feed and odd separators": "first\x0c\nsecond = 2\n# a\u2028b \x85\x1c\n".encode(),
}


@pytest.mark.parametrize("case", CASES)
def test_only_the_edited_line_differs(world, case):
    data = CASES[case]
    assert edited(world, data) == data.replace(b"second = 2", b"second = 22")


@pytest.mark.parametrize("name", ["имя файла.py", "dir/naïve-文.py"])
def test_names_that_are_not_ascii(world, name):
    assert edited(world, b"second = 2\n", name=name) == b"second = 22\n"


def test_the_last_line_without_a_newline_can_be_edited_and_stays_without(world):
    assert edited(world, b"a\nb", search="b\n", replace="c\n") == b"a\nc"


def test_utf16_goes_both_ways():
    data = b"\xff\xfe" + "eins\r\nzwei\r\n".encode("utf-16-le")
    text = textfile.decode(data)
    assert text.content == "eins\nzwei\n"
    assert textfile.encode("eins\ndrei\n", data) == data.replace("zwei".encode("utf-16-le"), "drei".encode("utf-16-le"))


@pytest.mark.parametrize("data", list(CASES.values()) + [b"", b"\n", b"x", b"a\rb\r", b"\r\n\n\r\n", b"a\r\n\nb\nc\r\nd"])
def test_what_is_not_changed_comes_back_byte_for_byte(data):
    assert textfile.encode(textfile.decode(data).content, data) == data


def test_binary_files_are_no_text():
    assert textfile.decode(b"\x7fELF\0\0") is None
    with pytest.raises(ValueError, match="binary"):
        textfile.encode("x", b"\x7fELF\0\0")


def test_a_character_that_the_files_encoding_lacks_is_an_error_for_the_model():
    with pytest.raises(ValueError, match="latin-1"):
        textfile.encode("caf\xe9 \u2713\n", b"caf\xe9\n")


def test_in_a_mixed_file_each_old_line_keeps_its_ending():
    old = b"a\r\nb\nc\r\nd\ne\r\n"
    assert textfile.encode("a\nnew\nb\nc\nd\nE\n", old) == b"a\r\nnew\r\nb\nc\r\nd\nE\r\n"


def test_in_a_mixed_file_an_edited_line_keeps_its_own_ending():
    old = b"one = 1\r\ntwo = 2\nthree = 3\r\nfour = 4\r\n"
    assert textfile.encode("one = 1\ntwo = 22\nthree = 3\nfour = 4\n", old) == old.replace(b"two = 2", b"two = 22")
    assert textfile.encode("one = 11\ntwo = 22\nthree = 3\nfour = 4\n", old) == old.replace(b"= 1", b"= 11").replace(b"= 2", b"= 22")
    # Beside an edited line, a new one gets the more frequent ending and a deleted one takes its own away.
    assert textfile.encode("one = 1\nnew\ntwo = 22\nthree = 3\nfour = 4\n", old) == old.replace(b"two = 2", b"new\r\ntwo = 22")
    assert textfile.encode("two = 22\nthree = 3\nfour = 4\n", old) == b"two = 22\nthree = 3\r\nfour = 4\r\n"


def test_a_newline_at_the_end_can_be_asked_for():
    assert textfile.encode("a\nb\n", b"a\nb") == b"a\nb\n"
    assert textfile.encode("x\nb\n", b"a\nb") == b"x\nb"
