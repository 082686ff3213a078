#include "base/text.hpp"
#include "checks/feedback.hpp"
#include "checks/glob.hpp"
#include "checks/guess.hpp"
#include "checks/repository_file.hpp"

#include <map>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::checks;

namespace {

guesses of(const std::map<std::string, std::string>& files) {
    std::vector<std::string> names;
    for (auto& [name, text] : files)
        names.push_back(name);
    return guess(names, [&](const std::string& n) -> std::optional<std::string> { return files.at(n); });
}

} // namespace

TEST(glob, speaks_gitignore) {
    EXPECT_TRUE(matches("infra/**", "infra/a/b.tf"));
    EXPECT_FALSE(matches("infra/**", "src/infra/a"));
    EXPECT_TRUE(matches("*.lock", "deep/down/Cargo.lock"));
    EXPECT_FALSE(matches("*.lock", "Cargo.lock.txt"));
    EXPECT_TRUE(matches("src", "src/a.c"));
    EXPECT_TRUE(matches("build/", "x/build/a.o"));
    EXPECT_FALSE(matches("build/", "build"));
    EXPECT_TRUE(matches("/a", "a"));
    EXPECT_FALSE(matches("/a", "b/a"));
    EXPECT_TRUE(matches("a/**/z", "a/z"));
    EXPECT_TRUE(matches("a/**/z", "a/b/c/z"));
    EXPECT_TRUE(matches("**/z", "b/z"));
    EXPECT_FALSE(matches("a*", "b/c"));
    EXPECT_FALSE(matches("src/*.c", "src/x/a.c"));
    EXPECT_TRUE(matches("[a-c]?.txt", "b1.txt"));
    EXPECT_FALSE(matches("[!a-c].txt", "b.txt"));
    EXPECT_FALSE(matches("[a", "a"));
    EXPECT_TRUE(matches("\\*", "*"));
    EXPECT_FALSE(matches("\\*", "x"));
    EXPECT_TRUE(matches("**", "a/b"));
    EXPECT_TRUE(matches("a/**", "a/b/c"));
    EXPECT_FALSE(matches("a/**", "a"));
    EXPECT_TRUE(matches("b**", "a/bc/d"));
    EXPECT_FALSE(matches("b**", "a/b/d")) << "without a slash it is about one name";
    EXPECT_FALSE(matches("[!b]", "/")) << "no class has the slash";
    EXPECT_FALSE(matches_any({"*.md", "!README.md"}, "README.md"));
}

TEST(glob, takes_as_long_as_the_path_is_however_often_a_pattern_begins_in_it) {
    std::string path;
    for (int i = 0; i < 1000; ++i)
        path += "a/b/";
    std::string pattern = "**/a/**/b/**/a/**/b/**/a/**/b/**/c"; // one try after the other would take years
    EXPECT_FALSE(matches(pattern, path + "x"));
    EXPECT_TRUE(matches(pattern, path + "c/x"));
    EXPECT_FALSE(matches("*a*a*a*a*a*a*a*a*b", std::string(4000, 'a')));
}

TEST(repository_file, takes_other_letters_in_quotes_and_comments_only) {
    auto good = parse_repository_file(
        "\xEF\xBB\xBF# é\ncheck = \"é \\\" é\" # é\nsetup = '''é\n' é'''\nprotect = ['é', \"\"\"é\"é\"\"\"]\n");
    ASSERT_TRUE(good) << good.error();
    EXPECT_EQ(good->check, "é \" é");
    EXPECT_EQ(good->setup, "é\n' é");
    for (const char* text :
         {"\né = 1\n", "check = 'a'\nключ = 'b'\n", "check = 'a'\nsetup = é\n", "# é\nprotect = ['é'é]\n",
          "check = 'é'\n\xEF\xB3\xBFp = 1\n", "check = \"\"\n\xC2\xA0setup = 'a'\n"})
        EXPECT_TRUE(parse_repository_file(text).error().starts_with(".persais.toml line 2: ")) << text;
}

TEST(repository_file, refuses_what_the_parser_did_not_reckon_with) {
    EXPECT_EQ(parse_repository_file("[= x").error(), ".persais.toml is not TOML.");
    EXPECT_FALSE(parse_repository_file("[= \ttrp"));
}

TEST(repository_file, is_read) {
    auto f = parse_repository_file("setup = 'pip install -e .'\ncheck = \"pytest -q\"\ntimeout = '90s'\n"
                                   "protect = ['infra/**']\nallow = ['src/**']\nbase = 'develop'\nenv = ['TOKEN']\n");
    ASSERT_TRUE(f) << f.error();
    EXPECT_EQ(f->check, "pytest -q");
    EXPECT_EQ(f->timeout, std::chrono::seconds(90));
    EXPECT_EQ(first_forbidden(*f, {"src/a.c"}), std::nullopt);
    EXPECT_EQ(first_forbidden(*f, {"src/a.c", "infra/x"}), "infra/x");
    EXPECT_EQ(first_forbidden(*f, {"README"}), "README");
}

TEST(repository_file, names_what_trees_hold_beyond_the_commit) {
    EXPECT_FALSE(parse_repository_file("")->submodules);
    EXPECT_TRUE(parse_repository_file("submodules = true\n")->submodules);
    EXPECT_FALSE(parse_repository_file("")->lfs);
    EXPECT_TRUE(parse_repository_file("lfs = true\n")->lfs);
    EXPECT_EQ(parse_repository_file("submodules = 'yes'\n").error(),
              ".persais.toml line 1: `submodules` must be true or false.");
}

TEST(repository_file, names_public_hosts_that_setup_reaches) {
    auto file = parse_repository_file("setup_hosts = ['npm.example.org', '*.example.net:8443']\n");
    ASSERT_TRUE(file) << file.error();
    EXPECT_TRUE(file->setup_hosts.find({"npm.example.org", 443}));
    EXPECT_TRUE(file->setup_hosts.find({"a.example.net", 8443}));
    EXPECT_FALSE(file->setup_hosts.find({"a.example.org", 443}));
    for (auto* wrong : {"setup_hosts = ['*']", "setup_hosts = ['a.example@10.0.0.1']"}) {
        auto no = parse_repository_file(wrong);
        ASSERT_FALSE(no) << wrong;
        EXPECT_NE(no.error().find("SETUP_HOSTS of the service"), std::string::npos) << no.error();
    }
    EXPECT_EQ(
        parse_repository_file("\nsetup_hosts = ['http://x']").error(),
        ".persais.toml line 2: `setup_hosts`: 'http://x' is no host such as registry.example.org, *.example.org or "
        "registry.example.org:8443.");
    EXPECT_FALSE(parse_repository_file("setup_hosts = 'x.org'"));
}

TEST(repository_file, has_a_depth_or_all) {
    EXPECT_EQ(parse_repository_file("depth = 50\n")->depth, 50);
    EXPECT_EQ(parse_repository_file("depth = 'all'\n")->depth, 0);
    EXPECT_EQ(parse_repository_file("check = 'x'\n")->depth, std::nullopt);
    for (auto* wrong : {"depth = 0", "depth = -1", "depth = 1.5", "depth = 'some'", "depth = '50'", "depth = true",
                        "depth = 10000000000"})
        EXPECT_EQ(parse_repository_file(wrong).error(),
                  ".persais.toml line 1: `depth` must be \"all\" or a number of commits, such as 50.")
            << wrong;
}

TEST(repository_file, protects_itself) {
    EXPECT_EQ(first_forbidden({}, {"a", ".persais.toml"}), ".persais.toml");
}

TEST(repository_file, loosens_nothing_that_admins_have_set) {
    auto f =
        parse_repository_file("protect = ['infra/**', '!deploy/**']\nallow = ['src/**', 'docs/**', 'deploy/**']\n");
    ASSERT_TRUE(f) << f.error();
    f->protect_of_admins = {"deploy/**"};
    f->allow_of_admins = {"src/**", "deploy/**", "tests/**"};
    EXPECT_EQ(first_forbidden(*f, {"src/a.c"}), std::nullopt);
    for (const char* touched : {"deploy/x", "DEPLOY/x", "docs/a.md", "tests/t.c", "infra/x"})
        EXPECT_EQ(first_forbidden(*f, {touched}), touched);
    f->protect_of_admins = {"!infra/**"};
    EXPECT_EQ(first_forbidden(*f, {"infra/x"}), "infra/x") << "nor do they loosen what the file protects";
}

TEST(repository_file, protects_in_every_spelling_that_is_the_same_file_somewhere) {
    auto f = parse_repository_file("protect = ['infra/**', '*.Lock', '!infra/free/**', 'caf\u00e9/']\n");
    ASSERT_TRUE(f) << f.error();
    for (const char* touched :
         {"INFRA/x", "Infra/x", "infra./x", "in\u200cfra/x", "infra\\x", "a/yarn.LOCK", "a/yarn.lock.", "cafe\u0301/x",
          "CAF\u00c9/x", "INFRA/free/x", ".PERSAIS.TOML", ".persais.toml.", ".Persais.toml::$DATA", "PERSAI~1.TOM",
          ".per\u200dsais.toml", ".Persais.toml/x", "infra/x:stream"})
        EXPECT_EQ(first_forbidden(*f, {"src/a.c", touched}), touched);
    for (const char* free : {"infra/free/x", "infrared/x", "src/.persais.toml", "cafe/x", "a/lock"})
        EXPECT_EQ(first_forbidden(*f, {free}), std::nullopt) << free;
    auto only = parse_repository_file("allow = ['src/**']\n");
    EXPECT_EQ(first_forbidden(*only, {"SRC/a.c"}), "SRC/a.c") << "allowed is what is named, and nothing like it";
}

TEST(repository_file, names_the_links_that_may_lead_out) {
    EXPECT_EQ(parse_repository_file("outside_links = ['etc/*']\n")->outside_links, std::vector<std::string>{"etc/*"});
    EXPECT_FALSE(parse_repository_file("outside_links = true\n"));
}

TEST(repository_file, names_what_is_no_credential) {
    auto f = parse_repository_file("secrets_in = ['tests/**']\nsecret_rules = ['github-pat', 'private-key']\n");
    ASSERT_TRUE(f) << f.error();
    EXPECT_EQ(f->secrets_in, std::vector<std::string>{"tests/**"});
    EXPECT_EQ(f->secret_rules, (std::vector<std::string>{"github-pat", "private-key"}));
    auto wrong = parse_repository_file("check = 'x'\nsecret_rules = ['github-pta']\n");
    ASSERT_FALSE(wrong);
    EXPECT_NE(wrong.error().find(".persais.toml line 2: `secret_rules` has \"github-pta\""), std::string::npos)
        << wrong.error();
    EXPECT_FALSE(parse_repository_file("secrets_in = 'tests'\n"));
    EXPECT_FALSE(parse_repository_file("secret_rules = [1]\n"));
}

TEST(repository_file, says_what_is_wrong_and_where) {
    for (auto* wrong :
         {"check = 5", "\nchek = 'x'", "timeout = 'soon'", "allow = 'x'", "allow = [1]", "check = ", "check = 'a"}) {
        auto f = parse_repository_file(wrong);
        ASSERT_FALSE(f) << wrong;
        EXPECT_NE(f.error().find(".persais.toml line "), std::string::npos) << f.error();
    }
}

TEST(guess, knows_common_ecosystems) {
    EXPECT_EQ(of({{"package.json", R"({"scripts":{"test":"jest"},"dependencies":{}})"}, {"package-lock.json", ""}})
                  .setup->command,
              "npm ci");
    EXPECT_EQ(of({{"package.json", R"({"scripts":{"test":"jest"}})"}}).check->command, "npm test");
    EXPECT_FALSE(of({{"package.json", R"({"scripts":{"test":"echo \"Error: no test specified\" && exit 1"}})"}}).check);
    EXPECT_FALSE(of({{"package.json", "{"}}).check);
    EXPECT_EQ(of({{"Cargo.toml", ""}}).check->command, "cargo test");
    EXPECT_EQ(of({{"go.mod", ""}}).check->command, "go test ./...");
    EXPECT_EQ(of({{"pyproject.toml", ""}, {"tests", ""}}).check->command, "python3 -m pytest -q");
    EXPECT_EQ(of({{"pyproject.toml", "[project]\nname = 'x'\n"}, {"tests", ""}}).setup->command,
              "pip install -e . pytest");
    EXPECT_EQ(of({{"pyproject.toml", "[build-system]\n"}, {"tests", ""}}).setup->command, "pip install -e . pytest");
    EXPECT_EQ(of({{"setup.py", ""}, {"tests", ""}}).setup->command, "pip install -e . pytest");
    EXPECT_EQ(of({{"pyproject.toml", "[tool.black]\nproject = 1\n"}, {"tests", ""}}).setup->command,
              "pip install pytest")
        << "there is nothing to build";
    EXPECT_EQ(of({{"tests", ""}, {"tests/test_x.py", ""}, {"x.py", ""}}).check->because, "tests/test_x.py");
    EXPECT_EQ(of({{"tests", ""}, {"tests/test_x.py", ""}, {"x.py", ""}}).setup->command, "pip install pytest");
    EXPECT_FALSE(of({{"tests", ""}, {"tests/run.sh", ""}}).check);
    EXPECT_EQ(of({{"Makefile", "test:\n"}, {"tests", ""}, {"tests/test_cli.py", ""}}).check->command, "make test")
        << "the tests may be of what it builds";
    EXPECT_FALSE(of({{"setup.py", ""}}).check) << "no tests are seen";
    EXPECT_EQ(of({{"test_a.py", ""}}).check->because, "test_a.py");
    EXPECT_EQ(of({{"Makefile", "all:\n\ttrue\nlint test: all\n"}}).check->command, "make test");
    EXPECT_FALSE(of({{"Makefile", ".PHONY: test\ntest := 5\n\ttest: x\n"}}).check);
    EXPECT_EQ(of({{"CMakeLists.txt", "enable_testing()"}}).check->because, "CMakeLists.txt");
    EXPECT_FALSE(of({{"README", ""}}).check);
}

TEST(guess, has_weaker_setups_for_one_that_fails) {
    EXPECT_EQ(weaker_setups("pip install -r requirements.txt -e . pytest"),
              (std::vector<std::string>{"pip install -r requirements.txt pytest", ""}));
    EXPECT_EQ(weaker_setups("npm ci"), std::vector<std::string>{""});
}

TEST(missing_tool, is_told_from_a_red_test) {
    EXPECT_EQ(missing_tool(127, "sh: 1: pytest: not found\n"), "`pytest` is not installed");
    EXPECT_EQ(missing_tool(127, "bash: line 1: cargo: command not found\n"), "`cargo` is not installed");
    EXPECT_EQ(missing_tool(2, "make: pytest: No such file or directory\nmake: *** [Makefile:2: test] Error 127\n"),
              "`pytest` is not installed");
    EXPECT_EQ(missing_tool(1, "/usr/bin/python3: No module named pytest\n"),
              "the Python module `pytest` is not installed");
    EXPECT_FALSE(missing_tool(126, "").empty());
    EXPECT_EQ(missing_tool(1, "FAILED test_x: KeyError not found\n"), "");
    EXPECT_EQ(missing_tool(1, "E  ModuleNotFoundError: No module named 'mypackage'\n"), "");
}

TEST(missing_tool, reads_what_was_printed_once_whatever_it_is) {
    for (int i = 0; i < 1000; ++i) // with a reader that tries again from each letter it would take hours
        ASSERT_EQ(missing_tool(2, std::string(8192, 'a') + ": x"), "");
}

TEST(useful_part, keeps_failures_and_the_end) {
    std::string log;
    for (int i = 0; i < 5000; ++i)
        log += "test number " + std::to_string(i) + " ok\n";
    log.insert(1000, "\nE   AssertionError: 3 != 4\n");
    log += "=== 1 failed, 4999 passed ===\n";
    auto part = useful_part(log, 2000);
    EXPECT_LE(part.size(), 2000U);
    EXPECT_NE(part.find("3 != 4"), std::string::npos);
    EXPECT_NE(part.find("1 failed"), std::string::npos);
}

TEST(useful_part, is_plain_text) {
    EXPECT_EQ(useful_part("\x1b[31mred\x1b[0m\n10%\r20%\rdone\n\xff", 1000), "red\ndone\n\xEF\xBF\xBD\n");
}
