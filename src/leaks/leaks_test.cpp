#include "base/limits.hpp"
#include "leaks/limits.hpp"
#include "leaks/rules.hpp"
#include "leaks/scanner.hpp"

#include <array>
#include <random>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::leaks;

namespace {

/// What looks like a secret is made here from pieces, so that none stands in the repository.
std::string letters(std::size_t n, unsigned seed = 7) {
    constexpr std::string_view from = "q8Zr2Lw9KdTx5VnHs3GyPb7MfCj4RkEa6WuXoDtN1vB0";
    std::string made;
    for (std::size_t i = 0; i < n; ++i)
        made += from[(seed = (seed * 1103515245 + 12345) & 0x7fffffff) % from.size()];
    return made;
}
std::string forge_token(unsigned seed = 7) {
    return std::string("gh") + "p_" + letters(36, seed);
}
std::string key_block(const std::string& body) {
    return "-----BEGIN RSA " + std::string("PRIVATE KEY-----\n") + body + "-----END RSA PRIVATE " + "KEY-----";
}

std::vector<finding> of_text(std::string_view text, std::string_view path = "src/a.py", int first = 1) {
    scanner all(20);
    for (std::string_view rest = text; !rest.empty();) {
        auto line = rest.substr(0, rest.find('\n'));
        all.line(path, first++, line);
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    return all.finish();
}

std::vector<std::string> rules_in(std::string_view text, std::string_view path = "src/a.py") {
    std::vector<std::string> names;
    for (const auto& one : of_text(text, path))
        names.push_back(one.rule);
    return names;
}

using list = std::vector<std::string>;

} // namespace

TEST(rules, every_one_of_them_is_taken_by_re2) {
    const auto& set = rule_set::known();
    EXPECT_GT(set.all().size(), 200U);
    for (const auto& each : set.all()) {
        if (each.regex) EXPECT_NO_THROW((void)each.regex->compiled()) << each.id;
        if (each.path) EXPECT_NO_THROW((void)each.path->compiled()) << each.id;
        EXPECT_TRUE(each.regex || each.path) << each.id;
        for (const auto& list : each.allowed)
            for (const auto* kind : {&list.paths, &list.regexes})
                for (const auto& pattern : *kind)
                    EXPECT_NO_THROW((void)pattern.compiled()) << each.id;
    }
    EXPECT_TRUE(is_rule("private-key"));
    EXPECT_FALSE(is_rule("public-key"));
}

TEST(rules, a_file_of_them_that_says_more_than_is_read_is_refused) {
    EXPECT_NO_THROW(rule_set("[[rules]]\nid = 'x'\nregex = 'x'\n"));
    EXPECT_THROW(rule_set("[[rules]]\nid = 'x'\nregex = 'x'\nskipReport = true\n"), std::runtime_error);
    EXPECT_THROW(rule_set("extend = 1\n"), std::runtime_error);
}

TEST(scanner, finds_a_token_and_where_it_stands) {
    auto token = forge_token();
    auto found = of_text("import os\n\nTOKEN = '" + token + "'\n", "src/a.py", 10);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].path, "src/a.py");
    EXPECT_EQ(found[0].line, 12);
    EXPECT_EQ(found[0].rule, "github-pat");
    EXPECT_EQ(found[0].secret, token);
    EXPECT_NE(found[0].about.find("GitHub"), std::string::npos);
}

TEST(scanner, finds_what_stands_in_several_lines) {
    std::string body;
    for (unsigned i = 0; i < 20; ++i)
        body += letters(64, i) + "\n";
    auto found = of_text("x\n" + key_block(body) + "\ny\n");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].rule, "private-key");
    EXPECT_EQ(found[0].line, 2);
}

TEST(scanner, obeys_entropy_stopwords_and_allowlists) {
    EXPECT_EQ(rules_in("api_key = '" + letters(32) + "'"), list{"generic-api-key"});
    EXPECT_EQ(rules_in("api_key = '" + std::string(32, 'a') + "'"), list{}) << "no entropy";
    EXPECT_EQ(rules_in("api_key = 'about" + letters(20) + "'"), list{}) << "a stopword";
    EXPECT_EQ(rules_in("api_key = '${SOME_VARIABLE_NAME}'"), list{});
    EXPECT_EQ(rules_in("x = '" + forge_token() + "'", "package-lock.json"), list{}) << "a path that is passed over";
    EXPECT_EQ(rules_in("x = '" + forge_token() + "'", "node_modules/@octokit/auth-token/README.md"), list{});
    EXPECT_EQ(rules_in("gh"
                       "p_" +
                       std::string(36, 'x')),
              list{});
    EXPECT_EQ(rules_in("def add(a, b):\n    return a + b\n# the api key is read from the environment\n"), list{});
}

TEST(scanner, says_the_most_of_one_secret) {
    EXPECT_EQ(rules_in("api_token = '" + forge_token() + "'"), list{"github-pat"});
}

TEST(scanner, a_comment_that_allows_it_is_not_believed) {
    EXPECT_EQ(rules_in("t = '" + forge_token() + "' # gitleaks:allow"), list{"github-pat"});
}

TEST(scanner, a_file_may_be_one_by_its_name) {
    scanner all(20);
    all.new_file("keys/site.p12");
    all.new_file("keys/site.py");
    auto found = all.finish();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].path, "keys/site.p12");
    EXPECT_EQ(found[0].line, 0);
}

TEST(scanner, misses_nothing_at_the_seam_of_two_windows) {
    for (std::size_t before : {limits::leak_window_bytes - 200, limits::leak_window_bytes - 20,
                               limits::leak_window_bytes, 3 * limits::leak_window_bytes - 10}) {
        std::string text;
        int line = 1;
        while (text.size() < before) {
            text += "x = " + std::to_string(line++) + "\n";
        }
        auto found = of_text(text + "t = '" + forge_token() + "'\n" + text);
        ASSERT_EQ(found.size(), 1U) << before;
        EXPECT_EQ(found[0].line, line) << before;
    }
}

TEST(scanner, a_long_line_may_come_in_pieces) {
    scanner all(20);
    auto token = forge_token();
    all.line("a.min.css", 1, std::string(100'000, 'x') + " '" + token.substr(0, 10));
    all.line("a.min.css", 1, token.substr(10) + "' ");
    auto found = all.finish();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].secret, token);
}

TEST(scanner, lines_of_two_places_are_not_one_secret) {
    auto token = forge_token();
    scanner all(20);
    all.line("a", 1, "t = '" + token.substr(0, 20));
    all.line("a", 9, token.substr(20) + "'");
    EXPECT_TRUE(all.finish().empty());
}

TEST(scanner, keeps_as_many_as_it_was_told) {
    scanner all(3);
    for (int i = 0; i < 9; ++i)
        all.line("a", i * 2, "t = '" + forge_token(static_cast<unsigned>(i)) + "'");
    EXPECT_TRUE(all.full());
    EXPECT_EQ(all.finish().size(), 3U);
}

TEST(masked, shows_the_beginning_alone) {
    EXPECT_EQ(masked("abcdefghijklmnop"), "abcd…");
    EXPECT_EQ(masked("abcdefgh"), "a…");
    EXPECT_EQ(masked("-----BEGIN\nmore and more"), "----…");
    EXPECT_EQ(masked(""), "…");
}

namespace {

/// Bytes of any kind, the same for a seed; some of them words that rules are about.
std::string any_bytes(unsigned seed, std::size_t size) {
    std::mt19937 luck(seed);
    std::string made;
    while (made.size() < size) {
        switch (luck() % 6) {
        case 0:
            made += std::array{"key = ", "token: '", "password=", "-----BEGIN ", "api_", "secret\""}[luck() % 6];
            break;
        case 1:
            made += '\n';
            break;
        case 2:
            made += letters(luck() % 50, luck());
            break;
        default:
            made += static_cast<char>(luck() % 256);
        }
    }
    return made;
}

/// Gives the scanner each line in pieces of at most `piece` bytes.
std::vector<finding> in_pieces(std::string_view text, std::size_t piece) {
    scanner all(1000);
    int number = 1;
    for (std::string_view rest = text; !rest.empty(); ++number) {
        auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        do {
            all.line("src/a.py", number, line.substr(0, piece));
            line.remove_prefix(std::min(piece, line.size()));
        } while (!line.empty());
    }
    return all.finish();
}

} // namespace

TEST(scanner, finds_the_same_in_whatever_pieces_the_lines_come) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        auto text = any_bytes(seed, 20'000) + "\nt = '" + forge_token(seed) + "'\n" + any_bytes(seed + 100, 2'000);
        auto whole = in_pieces(text, 1'000'000);
        EXPECT_FALSE(whole.empty()) << seed;
        EXPECT_EQ(in_pieces(text, 7), whole) << seed;
        EXPECT_EQ(in_pieces(text, 4096), whole) << seed;
    }
}

TEST(scanner, gives_the_line_of_what_it_found) {
    auto text = any_bytes(5, 200'000);
    std::vector<std::string_view> lines;
    for (std::string_view rest = text; !rest.empty();
         rest.remove_prefix(std::min(lines.back().size() + 1, rest.size())))
        lines.push_back(rest.substr(0, rest.find('\n')));
    for (const auto& one : in_pieces(text, 500)) {
        ASSERT_GE(one.line, 1);
        ASSERT_LE(static_cast<std::size_t>(one.line), lines.size());
        auto first = one.secret.substr(0, one.secret.find('\n'));
        EXPECT_NE(lines[static_cast<std::size_t>(one.line) - 1].find(first), std::string::npos) << one.rule;
    }
}
