// What a person with a Russian environment sees, and what a program sees all the same.
#include "base/told.hpp"
#include "cli/command_table.hpp"
#include "cli/manual.hpp"
#include "cli/program.hpp"
#include "cli/report.hpp"
#include "cli/task_card.hpp"
#include "cli/task_diff.hpp"
#include "cli/task_log.hpp"
#include "cli/task_table.hpp"
#include "cli/task_words.hpp"
#include "cli/tongue.hpp"
#include "cli/usage_error.hpp"
#include "mechanic/progress.hpp"
#include "mechanic/state_words.hpp"

#include <cstdlib>
#include <regex>

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::cli;
using namespace persais::mechanic;

namespace {

/// The environment's words about the language while a test runs.
class spoken : public testing::Test {
protected:
    void SetUp() override { set({}); }
    void TearDown() override { set({}); }
    static void set(std::vector<std::pair<const char*, const char*>> variables) {
        for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
            ::unsetenv(name);
        for (auto [name, value] : variables)
            ::setenv(name, value, 1);
    }
};

class in_russian : public spoken {
protected:
    void SetUp() override { set({{"LANG", "ru_RU.UTF-8"}}); }
};

/// Two English words that follow each other outside of what is typed or named: code, addresses, flags, settings.
std::string english_in(std::string text) {
    for (const char* named : {"`[^`]*`|«[^»]*»|\"[^\"]*\"|persais( [a-z-]+)*:|Использование: [^\n]*|\n  persais "
                              "[^\n]*|git fetch|completion (bash\\)?|fish )|main [0-9a-f]{12}",
                              "--?[a-z][a-z-]*|\\S*[/._<>|=(]\\S*"})
        text = std::regex_replace(text, std::regex(named), "·");
    std::smatch found;
    return std::regex_search(text, found, std::regex("[A-Za-z]{2,} [a-z]{2,}[^·]{0,40}")) ? found.str() : "";
}

task some_task(state now) {
    task t{.id = {17}, .now = std::move(now)};
    t.what.remote = "/srv/team.git";
    t.what.instruction = "Поправь сумму";
    t.what.model = "tests/scripted";
    t.known.base = std::string(40, 'a');
    t.known.base_branch = "main";
    t.known.branch = "mechanic/17-sum";
    t.known.check = {"pytest", "flag"};
    t.known.before = check_outcome::red;
    t.known.after = check_outcome::green;
    t.known.rounds_used = 2;
    t.known.made = work{std::string(40, 'b'), {2, 14, 3}, 1};
    return t;
}

std::vector<state> states() {
    const time_point noon{};
    std::vector<state> all;
    for (const auto& name : state_names())
        all.push_back(*state_from(name));
    for (auto why : {wait_reason::key, wait_reason::credit, wait_reason::day_budget, wait_reason::task_budget,
                     wait_reason::model_away, wait_reason::remote_away, wait_reason::world})
        all.emplace_back(waiting{why, noon, noon});
    for (int i = 0; i <= static_cast<int>(verdict::world_broken); ++i) {
        auto how = static_cast<verdict>(i);
        if (has_branch(how))
            all.emplace_back(review{std::string(40, 'b'), how});
        else
            all.emplace_back(failed{how, "", ""});
    }
    return all;
}

} // namespace

TEST_F(spoken, is_what_the_first_variable_that_is_set_says) {
    using enum i18n::language;
    EXPECT_EQ(tongue(), en);
    set({{"LANG", "ru_RU.UTF-8"}});
    EXPECT_EQ(tongue(), ru);
    set({{"LANG", "ru_RU.UTF-8"}, {"LC_MESSAGES", "C"}});
    EXPECT_EQ(tongue(), en);
    set({{"LANG", "C"}, {"LC_MESSAGES", "ru"}});
    EXPECT_EQ(tongue(), ru);
    set({{"LANG", "ru_RU.UTF-8"}, {"LC_MESSAGES", "ru_RU"}, {"LC_ALL", "C.UTF-8"}});
    EXPECT_EQ(tongue(), en);
    set({{"LANG", "ru_RU.UTF-8"}, {"LC_MESSAGES", ""}, {"LC_ALL", ""}});
    EXPECT_EQ(tongue(), ru) << "an empty one is as one that is not set";
}

TEST_F(in_russian, a_task_is_told_of_wherever_it_stands) {
    for (const auto& now : states()) {
        auto t = some_task(now);
        app::foreground_result r{.task = t, .spent = {.tokens_sent = 5, .calls = 1}};
        for (const auto& text :
             {result_words(r), card_text({.task = t}), next_line(t), no_diff_words(t), elsewhere_words(t), log_tail(t)})
            EXPECT_EQ(english_in(text), "") << text;
        EXPECT_NE(in_tongue(word_of(t.now)), word_of(t.now));
    }
    auto words = result_words({.task = some_task(review{std::string(40, 'b'), verdict::ready})});
    EXPECT_TRUE(words.starts_with("Задача 17: готова.")) << words;
    EXPECT_NE(words.find("\n  изменение  2 файла, +14 -3\n"), words.npos) << words;
    EXPECT_NE(words.find("pytest (flag): до изменения не прошли, после прошли, 2 исправления\n"), words.npos) << words;
}

TEST_F(in_russian, what_programs_read_stays) {
    auto t = some_task(review{std::string(40, 'b'), verdict::tests_red});
    auto russian = boost::json::serialize(card_json({.task = t}));
    auto result = result_json({.task = t});
    auto tail = log_tail_json(t);
    set({});
    EXPECT_EQ(russian, boost::json::serialize(card_json({.task = t})));
    EXPECT_EQ(result, result_json({.task = t}));
    EXPECT_EQ(tail, log_tail_json(t));
}

TEST_F(in_russian, progress_is_told) {
    for (int i = 0; i < static_cast<int>(progress::kind::other); ++i) {
        progress p{static_cast<progress::kind>(i), "7"};
        if (p.what != progress::kind::receiving && p.what != progress::kind::model_retry)
            EXPECT_NE(in_tongue(to_string(p)), to_string(p)) << i;
        EXPECT_EQ(english_in(in_tongue(to_string(p))), "") << i;
    }
}

TEST_F(in_russian, a_list_is_narrowed_down_by_the_words_that_it_shows) {
    auto choices = state_choices(tongue());
    EXPECT_NE(std::ranges::find(choices, "есть-результат"), choices.end());
    EXPECT_EQ(chosen_state("есть-результат").state, "review");
    EXPECT_EQ(chosen_state("проверки-не-прошли").verdict, "tests_red");
    EXPECT_EQ(chosen_state("tests-red").verdict, "tests_red") << "the English word is taken too";
}

TEST_F(in_russian, help_and_manuals_are_in_both_languages) {
    CLI::App app;
    int exit_code = 0;
    make_program(app, exit_code);
    EXPECT_EQ(english_in(app.help()), "") << app.help();
    auto table = command_table(app);
    for (const auto& name : command_names(table)) {
        std::vector<std::string> path;
        for (std::size_t at = 0, end = 0; at <= name.size(); at = end + 1)
            path.push_back(name.substr(at, (end = std::min(name.find(' ', at), name.size())) - at));
        auto help = (*find_command(app, path))->help("persais");
        if (name != "serve")
            EXPECT_EQ(english_in(help), "") << help; // its settings are named and described as in docs/
        auto page = manual(table, name);
        EXPECT_NE(page.find(".SH НАЗВАНИЕ\n"), page.npos);
    }
}

TEST_F(in_russian, wrong_use_is_told) {
    for (const char* line : {"rnu", "show abc", "run --repo", "abort", "--nope", "tasks -n 0", "tasks --state odd",
                             "budget 17 much", "diff --colour blue", "run a b", "tasks -n x"}) {
        CLI::App app;
        int exit_code = 0;
        make_program(app, exit_code);
        try {
            app.parse(line);
            ADD_FAILURE() << line;
        } catch (const CLI::ParseError& e) {
            auto said = usage_error(app, e);
            EXPECT_EQ(english_in(said), "") << line << ": " << said;
            EXPECT_TRUE(told_words::cyrillic(said.substr(0, said.find('\n')))) << line << ": " << said;
        }
    }
}
