#include "telegram/api/command.hpp"
#include "telegram/api/markdown.hpp"
#include "telegram/api/testing.hpp"
#include "telegram/outbound/render_lists.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::telegram;
using namespace std::chrono_literals;

namespace {

mechanic::task some_task(std::int64_t id = 17) {
    mechanic::task t{.id = {id}, .now = mechanic::review{std::string(40, 'c'), mechanic::verdict::ready}};
    t.what.instruction = "fix the login";
    t.known.branch = "mechanic/17-a";
    t.known.made = mechanic::work{std::string(40, 'c'), {1, 2, 3}, 0};
    return t;
}

std::string repeated(std::string_view s, std::size_t n) {
    std::string out;
    while (n-- > 0)
        out += s;
    return out;
}

} // namespace

TEST(status, says_how_the_service_stands) {
    service_status s{.version = "0.1.0",
                     .up = 3h,
                     .sandbox = "bubblewrap",
                     .running = 1,
                     .queued = 2,
                     .spent_today_usd = 0.5,
                     .day_budget_usd = 20,
                     .repository = "you/project",
                     .model = "a/b",
                     .task_budget_usd = 2};
    EXPECT_EQ(status_message(language::en, s).text.text,
              "Persais 0.1.0\nUp for 3 h.\nSandbox: on (bubblewrap).\nTasks: 1 running, 2 queued, 0 waiting.\n"
              "Spent today: $0.5000 of $20.00.\nRepository: you/project.\nModel: a/b; $2.00 a task.\nNo errors in the "
              "last day.");
    s.sandbox.clear();
    for (int i = 0; i < 9; ++i)
        s.errors.push_back(
            {.id = {17}, .now = mechanic::failed{mechanic::verdict::remote_failed, "no_read", std::string(5000, 'e')}});
    for (auto l : {reader(language::en), reader(language::ru), reader(language::ru, true)}) {
        auto m = status_message(l, s);
        EXPECT_EQ(world::flaw(m.text, 4096), "");
        EXPECT_EQ(m.text.text.find('{'), std::string::npos);
        EXPECT_EQ(std::ranges::count(m.text.text, '\n'), 12) << "five errors at most";
    }
}

TEST(status, says_which_task_lands_on_which_repository) {
    service_status s{
        .lanes = {{"you/shop", task_id{17}, {{18}, {19}}}, {"you/site", {}, {{4}}}, {"you/x", task_id{5}, {}}}};
    EXPECT_TRUE(status_message(language::en, s)
                    .text.text.contains("0 waiting.\nLanding on you/shop: task 17. Then: 18, 19.\nLanding on you/site: "
                                        "nobody at this moment. Then: 4.\nLanding on you/x: task 5.\nSpent"))
        << status_message(language::en, s).text.text;
    EXPECT_TRUE(status_message(language::ru, s).text.text.contains("Вносится в you/shop: задача 17. Затем: 18, 19."));
}

TEST(tasks_list, one_after_the_other_with_buttons_for_each) {
    EXPECT_EQ(tasks_message(language::en, {}).text.text, "There are no tasks yet. Write what should change.");
    auto waits = some_task(18);
    waits.now = mechanic::waiting{};
    auto m = tasks_message(language::en, {{waits, false}, {some_task(), false}, {waits, true}});
    EXPECT_EQ(m.text.text, "Newest tasks\n18 · waiting · fix the login\n17 · ready · fix the login\n"
                           "18 · being aborted · fix the login");
    ASSERT_EQ(m.rows.size(), 3U);
    EXPECT_EQ(m.rows[0][2], (button{.label = "18 Abort", .what = action::abort, .task = {{18}}}));
    EXPECT_EQ(m.rows[1][2], (button{.label = "17 Retry", .what = action::retry, .task = {{17}}}));
    std::vector<task_line> many;
    for (int i = 0; i < 60; ++i) {
        auto t = some_task(i + 1);
        t.what.instruction = repeated("🚀", 200);
        many.push_back({t, false});
    }
    EXPECT_EQ(world::flaw(tasks_message(language::ru, many).text, 4096), "");
}

TEST(help, every_command_is_in_it) {
    for (auto l : {language::en, language::ru}) {
        auto m = help_message(l, true, true);
        EXPECT_EQ(world::flaw(m.text, 4096), "");
        for (const auto& row : commands())
            EXPECT_NE(m.text.text.find("\n/" + std::string(row.name) + " "), std::string::npos) << row.name;
        for (const auto& c : command_menu(l, false)) {
            EXPECT_FALSE(c.description.empty());
            EXPECT_LE(units(c.description), 256U);
        }
    }
    EXPECT_LE(command_menu(language::en, true).size(), 100U);
}

TEST(diff, a_short_one_is_in_the_message) {
    auto m =
        diff_message(language::en, {17}, {1, 2, 3}, std::string(40, 'c'), "--- a\n+++ b\n-\told\n+\tnew\u202E\r\n");
    ASSERT_TRUE(m);
    EXPECT_EQ(m->text.text, "Task 17: 1 file, +2 −3, at cccccccccccc\n--- a\n+++ b\n-   old\n+   new‹U+202E›␍");
    EXPECT_EQ(m->text.entities.at(1).what, style::pre);
    EXPECT_EQ(m->text.entities.at(1).extra, "diff");
    EXPECT_EQ(world::flaw(m->text, 4096), "");
}

TEST(diff, a_long_one_goes_as_a_file) {
    EXPECT_TRUE(diff_message(language::ru, {17}, {1, 2, 3}, "c", std::string(3500, '+')));
    EXPECT_FALSE(diff_message(language::ru, {17}, {1, 2, 3}, "c", std::string(3501, '+')));
    EXPECT_FALSE(diff_message(language::ru, {17}, {1, 2, 3}, "c", std::string(1'000'000, '+')));
    EXPECT_FALSE(diff_message(language::ru, {17}, {1, 2, 3}, "c", repeated("🚀", 1751)));
    EXPECT_FALSE(diff_message(language::ru, {17}, {1, 2, 3}, "c", std::string(600, '\x85'))->text.text.empty());
    EXPECT_EQ(world::flaw(diff_caption(language::ru, {17}, std::string(40, 'c')), 1024), "");
}

TEST(log, a_short_one_is_in_the_message_and_a_long_one_goes_as_a_file) {
    auto m = log_message(language::en, {17}, "\x1b[31mred\x1b[0m\nend\n");
    ASSERT_TRUE(m);
    EXPECT_EQ(m->text.text, "Task 17: the end of its log\nred\nend");
    EXPECT_EQ(log_message(language::en, {17}, " \n\n")->text.text, "Task 17 has no log yet.");
    EXPECT_TRUE(log_message(language::ru, {17}, std::string(3500, 'x')));
    EXPECT_FALSE(log_message(language::ru, {17}, std::string(3501, 'x')));
    EXPECT_FALSE(log_message(language::ru, {17}, repeated("🚀", 1751)));
    EXPECT_FALSE(log_message(language::ru, {17}, repeated("🚀", 100'000)));
    EXPECT_EQ(world::flaw(log_caption(language::ru, {17}), 1024), "");
}

TEST(markdown, fences_code_and_bold) {
    auto t = from_markdown("## See\n`main()` does **it**:\n```cpp\nint a;\n\tb;\n```\nthen ``` no\n");
    EXPECT_EQ(t.text, "## See\nmain() does it:\nint a;\n    b;\nthen ``` no\n");
    EXPECT_EQ(t.entities,
              (std::vector<entity>{{style::code, 7, 6}, {style::bold, 19, 2}, {style::pre, 23, 13, "cpp"}}));
}

TEST(markdown, what_is_open_stays_as_it_was_written) {
    for (auto* text : {"a ` b", "a ** b", "*", "``", "```\nnever closed", "2 * 3 * 4", "`a\nb`", "```"})
        EXPECT_EQ(from_markdown(text), plain(text)) << text;
    EXPECT_EQ(from_markdown("```\n```\nx").text, "\nx");
    EXPECT_EQ(from_markdown("```a b\"c\nx\n```").entities, (std::vector<entity>{{style::pre, 0, 1, "a"}}));
}
