#include "telegram/api/command.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::telegram;

TEST(command, with_and_without_arguments_and_a_bot) {
    EXPECT_EQ(read_command("/abort 17"), (spoken{command::abort, "abort", "", "17"}));
    EXPECT_EQ(read_command("/abort@persais_bot 17"), (spoken{command::abort, "abort", "persais_bot", "17"}));
    EXPECT_EQ(read_command("  /Status@Persais_Bot\n"), (spoken{command::status, "status", "persais_bot", ""}));
    EXPECT_EQ(read_command("/ask what does\nmain do?"), (spoken{command::ask, "ask", "", "what does\nmain do?"}));
    EXPECT_EQ(read_command("/frobnicate now"), (spoken{std::nullopt, "frobnicate", "", "now"}));
}

TEST(command, with_a_number_that_can_be_tapped) {
    EXPECT_EQ(read_command("/diff_17"), (spoken{command::diff, "diff", "", "17"}));
    EXPECT_EQ(read_command("/diff_17@persais_bot"), (spoken{command::diff, "diff", "persais_bot", "17"}));
    for (auto* none : {"/help_17", "/diff_x", "/diff_", "/diff_17 18"})
        EXPECT_FALSE(read_command(none)->what) << none;
}

TEST(command, what_only_looks_like_one_is_an_instruction) {
    for (auto* text : {"", "/", "/ abort", "abort", "/etc/hosts is wrong", "see /abort", "//", "/<b>", "/abort@ 17",
                       "/файл", "/a@b@c", "\xff/abort"})
        EXPECT_FALSE(read_command(text)) << text;
    EXPECT_FALSE(read_command("/" + std::string(65, 'a')));
}

TEST(command, the_one_that_was_meant) {
    EXPECT_EQ(nearest_command("abrot"), command::abort);
    EXPECT_EQ(nearest_command("stauts"), command::status);
    EXPECT_EQ(nearest_command("stat"), command::status);
    EXPECT_EQ(nearest_command("task"), command::tasks);
    EXPECT_EQ(nearest_command("Logs"), command::log);
    EXPECT_EQ(nearest_command("repos"), command::repo);
    EXPECT_EQ(nearest_command("language"), command::lang);
    EXPECT_EQ(nearest_command("frobnicate"), std::nullopt);
    EXPECT_EQ(nearest_command("xyz"), std::nullopt);
    EXPECT_EQ(nearest_command(""), std::nullopt);
}

TEST(command, numbers_of_tasks) {
    EXPECT_EQ(read_task_number("17"), task_id{17});
    EXPECT_EQ(read_task_number(" #17 "), task_id{17});
    for (auto* none : {"", "#", "0", "-3", "17a", "17 18", "99999999999999999999"})
        EXPECT_FALSE(read_task_number(none)) << none;
}

TEST(command, each_is_one_that_telegram_accepts) {
    for (const auto& row : commands()) {
        EXPECT_LE(row.name.size(), 32U);
        EXPECT_EQ(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), row.name.npos) << row.name;
        EXPECT_EQ(&row_of(row.what), &row);
    }
}
