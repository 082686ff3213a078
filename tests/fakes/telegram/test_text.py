"""What becomes of a text: MarkdownV2, HTML, entities, cleaning, trimming."""

import unittest

from testing import Case  # noqa: F401 (puts the package on the path)

from telegram import text
from telegram.errors import ApiError
from telegram.units import cut, entity


def read(given, mode=None, entities=None, complaints=None):
    found, entities = text.formatted(given, mode, entities, text.MAX_TEXT, [] if complaints is None else complaints)
    return found, [(one["type"], cut(found, one["offset"], one["length"])) for one in entities]


class Texts(unittest.TestCase):
    def refused(self, description, given, mode=None, entities=None):
        with self.assertRaises(ApiError) as caught:
            read(given, mode, entities)
        self.assertEqual(caught.exception.description, "Bad Request: " + description)


class MarkdownV2(Texts):
    def test_styles_and_what_they_cover(self):
        found, entities = read("*b _i_* __u__ ~s~ ||p|| `c\\`` [l\\]](https://x.org/a\\)b) 😀*я*", "MarkdownV2")
        self.assertEqual(found, "b i u s p c` l] 😀я")
        self.assertEqual(entities, [("bold", "b i"), ("italic", "i"), ("underline", "u"), ("strikethrough", "s"), ("spoiler", "p"),
                                    ("code", "c`"), ("text_link", "l]"), ("bold", "я")])

    def test_blocks(self):
        found, entities = read("```cpp\nint *a;\n```\n>quoted\n>more\nafter", "MarkdownV2")
        self.assertEqual((found, entities), ("int *a;\n\nquoted\nmore\nafter", [("pre", "int *a;\n"), ("blockquote", "quoted\nmore\n")]))

    def test_every_reserved_character_is_asked_for(self):
        for char in "_*[]()~`>#+-=|{}.!":
            with self.subTest(char):
                self.assertEqual(read("a\\" + char, "MarkdownV2")[0], "a" + char)
                with self.assertRaises(ApiError):
                    read("a" + char, "MarkdownV2")

    def test_errors(self):
        for given, description in (
                ("a.b", "Character '.' is reserved and must be escaped with the preceding '\\'"),
                ("я *bold", "Can't find end of Bold entity at byte offset 3"),
                ("a _b", "Can't find end of Italic entity at byte offset 2"),
                ("*a _b*", "Can't find end of Bold entity at byte offset 5"),
                ("```x\n1", "Can't find end of PreCode entity at byte offset 0"),
                ("[a](b", "Can't find end of a URL at byte offset 4")):
            self.refused("can't parse entities: " + description, given, "MarkdownV2")
        self.refused("unsupported parse_mode", "a", "rtf")


class Html(Texts):
    def test_styles_and_what_they_cover(self):
        found, entities = read('<b>b <i>i</i></b> <u>u</u><s>s</s><tg-spoiler>p</tg-spoiler> <code>&lt;c&gt; &#128512;</code> <a href="https://x.org?a=1&amp;b=2">l</a>'
                               '<pre><code class="language-py">x = 1</code></pre><blockquote expandable>q</blockquote>', "HTML")
        self.assertEqual(found, "b i us" + "p <c> 😀 lx = 1q")
        self.assertEqual(entities, [("bold", "b i"), ("italic", "i"), ("underline", "u"), ("strikethrough", "s"), ("spoiler", "p"),
                                    ("code", "<c> 😀"), ("text_link", "l"), ("pre", "x = 1"), ("expandable_blockquote", "q")])

    def test_a_lone_ampersand_stays(self):
        self.assertEqual(read("a & b &nbsp; &amp c", "HTML")[0], "a & b &nbsp; & c")

    def test_errors(self):
        for given, description in (
                ("<b>x", "Can't find end tag corresponding to start tag \"b\""),
                ("я<q>x", "Unsupported start tag \"q\" at byte offset 2"),
                ("a < b", "Unsupported start tag \"\" at byte offset 2"),
                ("a <b", "Unclosed start tag at byte offset 2"),
                ("<b>x</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""),
                ("x</b>", "Unexpected end tag at byte offset 1"),
                ("<span>x</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0")):
            self.refused("can't parse entities: " + description, given, "HTML")


class Entities(Texts):
    def test_offsets_are_utf16(self):
        self.assertEqual(read("😀 bold", entities=[entity("bold", 3, 4)]), ("😀 bold", [("bold", "bold")]))

    def test_outside_of_the_text(self):
        self.refused("entity begins after the end of the text at UTF-16 offset 4", "abcd", entities=[entity("bold", 4, 1)])
        self.refused("entity beginning at UTF-16 offset 2 ends after the end of the text at UTF-16 offset 5", "abcd", entities=[entity("bold", 2, 3)])
        self.refused("receive an entity with incorrect offset -1", "abcd", entities=[entity("bold", -1, 3)])

    def test_in_the_middle_of_a_character(self):
        self.refused("entity begins in a middle of a UTF-16 symbol at byte offset 4", "😀a", entities=[entity("bold", 1, 2)])
        self.refused("entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 4", "😀a", entities=[entity("bold", 0, 1)])

    def test_unknown_and_unfinished_ones(self):
        self.refused("can't parse MessageEntity: Unsupported type specified", "abc", entities=[entity("huge", 0, 1)])
        self.refused("can't parse MessageEntity: Can't find field \"url\"", "abc", entities=[entity("text_link", 0, 1)])

    def test_what_the_server_mends(self):
        # Nothing is styled inside code; of two that cannot share, the first stays; what crosses is cut.
        given = [entity("code", 2, 4), entity("bold", 0, 8)]
        self.assertEqual(read("abcdefgh", entities=given)[1], [("bold", "ab"), ("code", "cdef"), ("bold", "gh")])
        self.assertEqual(read("abcdefgh", entities=[entity("code", 0, 4), entity("pre", 2, 4)])[1], [("code", "abcd")])
        self.assertEqual(read("abcdefgh", entities=[entity("bold", 0, 5), entity("italic", 3, 5)])[1], [("bold", "abc"), ("italic", "defgh"), ("bold", "de")])
        self.assertEqual(read("abcdefgh", entities=[entity("bold", 0, 3), entity("bold", 2, 3)])[1], [("bold", "abcde")])

    def test_more_than_a_hundred_are_dropped_and_noted(self):
        complaints = []
        given = [entity("bold" if i % 2 else "italic", i, 1) for i in range(101)]
        self.assertEqual(len(read("x" * 101, entities=given, complaints=complaints)[1]), 100)
        self.assertEqual(complaints, ["entities: 101; all after the first 100 are dropped"])

    def test_what_the_server_finds(self):
        self.assertEqual(read("/start@bot https://a.b/c?d=e. @anna #tag a@b.org a/b")[1],
                         [("bot_command", "/start@bot"), ("url", "https://a.b/c?d=e"), ("mention", "@anna"), ("hashtag", "#tag"), ("email", "a@b.org")])


class Cleaning(Texts):
    def test_control_characters_become_spaces_and_entities_follow(self):
        self.assertEqual(read("a\x00\tb\r\nc\u202edе\u2028f", entities=[entity("bold", 3, 6)]), ("a  b\ncdеf", [("bold", "b\ncd")]))

    def test_white_space_goes_at_the_ends(self):
        self.assertEqual(read(" \n a b \n", entities=[entity("bold", 0, 5), entity("italic", 6, 2)]), ("a b", [("bold", "a ")]))

    def test_isolates_and_zero_width_stay(self):
        kept = "a\u2066\u05d0\u2069\u200b\u200e\u00ad\u0301b"
        self.assertEqual(read(kept)[0], kept)


if __name__ == "__main__":
    unittest.main()
