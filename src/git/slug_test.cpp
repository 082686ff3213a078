#include "git/git.hpp"

#include <gtest/gtest.h>

using persais::git::branch_name;

TEST(slug, names_the_task_and_what_it_is_about) {
    EXPECT_EQ(branch_name("17", "Accept empty input!"), "mechanic/17-accept-empty-input");
    EXPECT_EQ(branch_name("1", "  Don't -- crash...  "), "mechanic/1-dont-crash");
}

TEST(slug, writes_cyrillic_in_latin_letters) {
    EXPECT_EQ(branch_name("2", "Исправь ошибку в парсере"), "mechanic/2-isprav-oshibku-v-parsere");
    EXPECT_EQ(branch_name("2", "ЩУКА Ёж объезд Їжак"), "mechanic/2-shchuka-ezh-obezd-yizhak");
}

TEST(slug, writes_accents_as_plain_letters) {
    EXPECT_EQ(branch_name("3", "Café ÜBER straße"), "mechanic/3-cafe-uber-strasse");
}

TEST(slug, is_never_empty) {
    for (const char* text : {"", "  ", "修复", "!!!", "🙂", "\xff\xfe"})
        EXPECT_EQ(branch_name("4", text), "mechanic/4-change");
}

TEST(slug, has_at_most_40_characters_and_ends_with_a_whole_word) {
    EXPECT_EQ(branch_name("5", "rename the configuration option everywhere it is used"),
              "mechanic/5-rename-the-configuration-option");
    EXPECT_EQ(branch_name("5", std::string(100, 'x')), "mechanic/5-" + std::string(40, 'x'));
    EXPECT_EQ(branch_name("5", "12345678901234567890 1234567890123456789 b"),
              "mechanic/5-12345678901234567890-1234567890123456789");
    EXPECT_LE(branch_name("5", "щ щщщщ щщщщщщщщщщщщщщ щщ щщщщщ").size(), sizeof "mechanic/5-" - 1 + 40);
}

TEST(slug, is_made_of_the_first_line) {
    EXPECT_EQ(branch_name("6", "\n Why is it red?\n\nMake the change that was proposed."), "mechanic/6-why-is-it-red");
}
