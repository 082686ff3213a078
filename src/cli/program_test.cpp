#include "cli/command_table.hpp"
#include "cli/examples.hpp"
#include "cli/program.hpp"
#include "cli/usage_error.hpp"

#include <map>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace persais;

namespace {

struct in_order {};

/// Parses, and carries nothing out.
struct parser : CLI::App {
    void pre_callback() override { throw in_order{}; }
};

class program_test : public testing::Test {
protected:
    program_test() { cli::make_program(app, exit_code); }

    /// What is said about this command line; empty: it is in order.
    std::string said(const std::string& line) {
        try {
            app.parse(line);
        } catch (const in_order&) {
        } catch (const CLI::ParseError& e) {
            auto words = cli::usage_error(app, e);
            app.clear();
            return words;
        }
        app.clear();
        return {};
    }

    /// Its first line.
    std::string sentence(const std::string& line) {
        auto words = said(line);
        return words.substr(0, words.find('\n'));
    }

    parser app;
    int exit_code = 0;
};

using Program = program_test;

} // namespace

TEST_F(Program, proposes_the_command_flag_or_value_that_was_meant) {
    EXPECT_EQ(said("rnu"), "persais: There is no command `rnu`; did you mean `run`?\n"
                           "`persais help` lists what there is.\n");
    EXPECT_EQ(sentence("config chek"), "persais config: There is no command `chek`; did you mean `check`?");
    EXPECT_EQ(said("tasks --jsno"), "persais tasks: There is no flag `--jsno`; did you mean `--json`?\n"
                                    "`persais help tasks` says how it is used.\n");
    EXPECT_EQ(sentence("tasks -x"), "persais tasks: There is no flag `-x`.");
    EXPECT_EQ(sentence("run --resume"), "persais run: --resume needs a value.");
    EXPECT_EQ(sentence("run --chek=true x"), "persais run: There is no flag `--chek`; did you mean `--check`?");
    EXPECT_EQ(sentence("diff --colour alway"),
              "persais diff: --colour: `alway` is none of auto, always, never; did you mean `always`?");
    EXPECT_TRUE(sentence("tasks --state wating").ends_with("; did you mean `waiting`?"))
        << sentence("tasks --state wating");
    for (auto* word :
         {"waiting", "needs-a-person", "\"Needs a person\"", "tests_red", "\"ready, unchecked\"", "parked"})
        EXPECT_EQ(said(std::string("tasks --state ") + word), "") << word;
    EXPECT_EQ(sentence("merge"), "persais: There is no command `merge`.");
}

TEST_F(Program, says_of_a_wrong_word_what_it_should_be) {
    for (auto* word : {"abc", "0", "99999999999999999999", "1.5", "17x"})
        EXPECT_EQ(
            sentence(fmt::format("show {}", word)),
            fmt::format("persais show: task: `{}` is not the number of a task; `persais tasks` lists them.", word));
    EXPECT_EQ(sentence("run --resume abc"),
              "persais run: --resume: `abc` is not the number of a task; `persais tasks` lists them.");
    for (auto* amount : {"lots", "0", "inf", "nan"})
        EXPECT_EQ(sentence(fmt::format("budget 17 {}", amount)),
                  fmt::format("persais budget: usd: `{}` is not an amount of dollars, such as 5 or 0.50.", amount));
    EXPECT_EQ(sentence("tasks -n 0"), "persais tasks: -n: `0` is not a whole number from 1 to 1000.");
    EXPECT_EQ(sentence("show 17 18"),
              "persais show: `18` is one word too many; what belongs together is put in quotes.");
    EXPECT_EQ(sentence("reply 17"), "persais reply: the instruction is missing: what should change now, in quotes.");
    EXPECT_LT(sentence("show " + std::string(10000, 'x')).size(), 150U) << "a long word is cut";
}

TEST_F(Program, is_not_commanded_by_what_was_typed) {
    EXPECT_EQ(said("show \"\x1b[2Jx\"").find('\x1b'), std::string::npos);
    EXPECT_EQ(said("\"\x1b]0;x\"").find('\x1b'), std::string::npos);
}

TEST_F(Program, shows_examples_of_every_command_that_it_takes_itself) {
    std::set<std::string_view> with_examples;
    for (const auto& each : cli::examples()) {
        EXPECT_EQ(said(std::string(each.line)), "") << each.line;
        EXPECT_TRUE(each.line.starts_with(each.command)) << each.line;
        with_examples.insert(each.command);
    }
    for (const auto& name : cli::command_names(cli::command_table(app)))
        EXPECT_TRUE(with_examples.contains(name) ||
                    std::set<std::string>({"config", "second-factor", "repo", "people", "secret", "memory", "token"}).contains(name))
            << name; // those take one of their own subcommands
}

TEST_F(Program, tells_the_exit_codes_in_its_help) {
    auto help = app.help();
    for (auto* code : {"\n  0 ", "\n  1 ", "\n  2 ", "\n  3 ", "\n  130 "})
        EXPECT_NE(help.find(code), std::string::npos) << code;
    EXPECT_EQ(help.find("write-documents"), std::string::npos) << "it is the build's";
}

TEST_F(Program, finds_commands_by_their_words) {
    std::vector<std::string> words{"config", "check"};
    EXPECT_EQ((*cli::find_command(app, words))->get_name(), "check");
    words[1] = "chek";
    EXPECT_EQ(cli::find_command(app, words).error(), "There is no command `chek`; did you mean `check`?");
    words = {"nope"};
    EXPECT_EQ(cli::find_command(app, words).error(), "There is no command `nope`; `persais help` lists what there is.");
}
