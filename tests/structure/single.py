"""What one place decides and no other may: where a URL is cut into its parts (base/url, docs/decisions/0004), who takes the text
out of a secret (base/secret), and how toml++ is included (base/toml)."""

import re
import unittest
from pathlib import Path

import tree

URLS = re.compile(r'"://"|(?:find\w*|contains|split)\([^;\n]*://|boost/url/(?:parse|url|url_view)\.hpp|parse_uri|CURLU|curl_url')

REVEAL = re.compile(r"\breveal\b")
# Who may call it, and for what: a new place is a decision.
REVEALS = {
    "src/backup/age.cpp": "OpenSSL",
    "src/backup/signature.cpp": "signs a request of S3",
    "src/backup/s3_place.cpp": "a folder, as BACKUP_URL names it",
    "src/forge/github_hook.cpp": "OpenSSL",
    "src/config/key_file.cpp": "writes a key to its file",
    "src/cli/command_backup.cpp": "the key that was made is shown once",
    "src/base/age_key.cpp": "a key as people paste it, its bytes and its letters",
    "src/base/s3_url.cpp": "an address as people write it",
    "src/base/private_key.cpp": "a key as people paste it",
    "src/base/seal.cpp": "OpenSSL",
    "src/base/secret.cpp": "put together, taken out of others' words",
    "src/base/secret.hpp": "its declaration",
    "src/coder/aider_protocol.cpp": "the standard input of the agent",
    "src/config/redactor.cpp": "what no line of the log may hold",
    "src/config/row_value.cpp": "how long it is",
    "src/config/reading.cpp": "a secret that was set at run time is checked as any other value",
    "src/egress/dial.cpp": "what a proxy of this network is shown",
    "src/backup/tools.cpp": "the file in which libpq finds the password of a key",
    "src/egress/link.cpp": "what a proxy of this network is shown",
    "src/forge/github_app.cpp": "OpenSSL, which signs with it",
    "src/git/lfs.cpp": "the header that git-lfs sends",
    "src/http/client.cpp": "libcurl",
    "src/service/known_repositories.cpp": "the lines of a value, each masked by itself",
    "src/service/repositories.cpp": "how long it is",
    "src/service/api_tokens.cpp": "its form and its digest, by which alone it is known",
    "src/cli/command_token.cpp": "a token of the API is shown once",
    "src/worker/check_run.cpp": "the environment that setup and checks are started with",
    "src/sandbox/spawn.cpp": "the environment and the files of a trusted child",
    "src/store/address.cpp": "the same address without a pooler",
    "src/store/connection.cpp": "libpq",
    "src/store/conninfo.cpp": "libpq",
    "src/base/totp.cpp": "computes the code that a person types, and spells the secret for their app",
    "src/cli/command_second_factor.cpp": "the secret of an authenticator app is shown once",
    "src/telegram/dialog/second_factor.cpp": "the secret of an authenticator app is shown once, in a sealed message",
    "src/telegram/api/methods.cpp": "what Telegram is told to show",
    "src/telegram/inbound/hook_secrets.cpp": "compared, whatever its length",
    "src/telegram/outbound/sender.cpp": "a message with a link that lets somebody in",
}


def sources():
    return {str(path): tree.text(path) for path in tree.files() if path.parts[0] == "src" and path.suffix in (".cpp", ".hpp")}


def lines_of(text, pattern):
    return [line.strip() for line in text.split("\n") if pattern.search(line) and not line.lstrip().startswith("//")]


class Single(unittest.TestCase):
    def test_urls_are_cut_in_one_place(self):
        found = {path: lines_of(text, URLS) for path, text in sources().items()}
        self.assertGreater(len(found), 100)
        self.assertNotEqual(found.pop("src/base/url.cpp"), [], "the one place is known")
        self.assertEqual({path: lines for path, lines in found.items() if lines}, {}, "use base/url.hpp")

    def test_another_place_would_be_found(self):
        for wrong in ('auto at = url.find("://");', "if (url.contains(\"://\")) {", 'text.find("http://", 3)', 'std::string mark = "://";',
                      "auto url = boost::urls::parse_uri(text);", "#include <boost/url/parse.hpp>"):
            self.assertEqual(len(lines_of(wrong, URLS)), 1, wrong)
        for fine in ('fmt::format("{}://{}", scheme, host)', 'remote.starts_with("https://")', '// find("://")'):
            self.assertEqual(lines_of(fine, URLS), [], fine)

    def test_one_header_includes_toml(self):
        found = [path for path, text in sources().items() if lines_of(text, re.compile(r"#include\s*[<\"]toml\+\+/"))]
        self.assertEqual(found, ["src/base/toml.hpp"], "included in two ways its functions are defined in two ways, and the linker takes one")

    def test_secrets_are_revealed_where_they_leave_only(self):
        found = {path for path, text in sources().items() if not tree.is_test(Path(path)) and lines_of(text, REVEAL)}
        self.assertEqual(found, set(REVEALS), "keep it a persais::secret until a library or a child process takes it")

    def test_another_reveal_would_be_found(self):
        for wrong in ("auto text = key.reveal();", "auto text = key->reveal();", "std::ranges::transform(keys, out, &secret::reveal);"):
            self.assertEqual(len(lines_of(wrong, REVEAL)), 1, wrong)
        self.assertEqual(lines_of("// only reveal() gives its text", REVEAL), [])


if __name__ == "__main__":
    unittest.main()
