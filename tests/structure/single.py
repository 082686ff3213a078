"""What one place decides and no other may: where a URL is cut into its parts (base/url, docs/decisions/0004)."""

import re
import unittest

import tree

URLS = re.compile(r'"://"|(?:find\w*|contains|split)\([^;\n]*://|boost/url/(?:parse|url|url_view)\.hpp|parse_uri|CURLU|curl_url')


def cuts_urls(text):
    return [line.strip() for line in text.split("\n") if URLS.search(line) and not line.lstrip().startswith("//")]


class Single(unittest.TestCase):
    def test_urls_are_cut_in_one_place(self):
        found = {str(path): cuts_urls(tree.text(path)) for path in tree.files()
                 if path.parts[0] == "src" and path.suffix in (".cpp", ".hpp") and str(path) != "src/base/url.cpp"}
        self.assertGreater(len(found), 100)
        self.assertEqual({path: lines for path, lines in found.items() if lines}, {}, "use base/url.hpp")
        self.assertNotEqual(cuts_urls(tree.text("src/base/url.cpp")), [], "the one place is known")

    def test_another_place_would_be_found(self):
        for wrong in ('auto at = url.find("://");', "if (url.contains(\"://\")) {", 'text.find("http://", 3)', 'std::string mark = "://";',
                      "auto url = boost::urls::parse_uri(text);", "#include <boost/url/parse.hpp>"):
            self.assertEqual(len(cuts_urls(wrong)), 1, wrong)
        for fine in ('fmt::format("{}://{}", scheme, host)', 'remote.starts_with("https://")', '// find("://")'):
            self.assertEqual(cuts_urls(fine), [], fine)


if __name__ == "__main__":
    unittest.main()
