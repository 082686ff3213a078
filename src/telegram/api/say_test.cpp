#include "telegram/api/command.hpp"
#include "telegram/api/say.hpp"
#include "telegram/api/testing.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::telegram;

namespace {

const auto phrases = [] {
    std::vector<phrase> all;
    for (std::size_t i = 0; i < i18n::phrase_count; ++i)
        all.push_back(static_cast<phrase>(i));
    return all;
}();

} // namespace

TEST(words, are_written_cleanly) {
    for (auto l : {language::en, language::ru})
        for (auto p : phrases) {
            auto text = words(l, p);
            EXPECT_TRUE(world::is_kept(text)) << text;
            EXPECT_EQ(text.find("  "), text.npos) << text;
            EXPECT_FALSE(text.starts_with(' ') || text.ends_with(' ')) << text;
            EXPECT_EQ(std::ranges::count(text, '{'), std::ranges::count(text, '}')) << text;
            EXPECT_EQ(std::ranges::count(text, '`') % 2, 0) << text;
        }
}

TEST(words, a_command_that_they_name_is_one) {
    for (auto l : {language::en, language::ru})
        for (auto p : phrases) {
            auto text = words(l, p);
            for (auto at = text.find('/'); at != text.npos; at = text.find('/', at + 1)) {
                auto behind = at == 0 ? ' ' : text[at - 1];
                auto name = text.substr(at + 1, text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", at + 1) - at - 1);
                if (name.empty() || (behind != ' ' && behind != '(')) continue; // vendor/name
                EXPECT_TRUE(read_command("/" + std::string(name))->what) << text;
            }
        }
}

TEST(words, a_button_fits_on_a_phone) {
    for (auto l : {language::en, language::ru})
        for (auto p = static_cast<std::size_t>(phrase::button_diff);
             p <= static_cast<std::size_t>(phrase::button_no_token); ++p)
            EXPECT_LE(units(words(l, static_cast<phrase>(p))), 24U) << words(l, static_cast<phrase>(p));
}

TEST(words, a_line_of_help_is_one_that_telegram_takes) {
    for (auto l : {language::en, language::ru})
        for (auto p = static_cast<std::size_t>(phrase::help_start); p <= static_cast<std::size_t>(phrase::help_lang);
             ++p) {
            EXPECT_LE(units(words(l, static_cast<phrase>(p))), 256U);
            EXPECT_EQ(words(l, static_cast<phrase>(p)).find('{'), std::string_view::npos);
        }
}

TEST(words, russian_plurals) {
    auto files = [](int n) { return say_plain(language::ru, phrase::more_files, {{"n", n}}); };
    for (int n : {1, 21, 101, 1001})
        EXPECT_EQ(files(n), "… и ещё " + std::to_string(n) + " файл");
    for (int n : {2, 3, 4, 22, 104})
        EXPECT_EQ(files(n), "… и ещё " + std::to_string(n) + " файла");
    for (int n : {0, 5, 11, 12, 13, 14, 20, 25, 111, 112, 1011})
        EXPECT_EQ(files(n), "… и ещё " + std::to_string(n) + " файлов");
}

TEST(words, english_plurals) {
    EXPECT_EQ(say_plain(language::en, phrase::queued_behind, {{"n", 1}}), "Queued behind 1 task.");
    EXPECT_EQ(say_plain(language::en, phrase::queued_behind, {{"n", 21}}), "Queued behind 21 tasks.");
    EXPECT_EQ(say_plain(language::en, phrase::queued_behind, {{"n", 0}}), "Queued behind 0 tasks.");
}

TEST(words, what_is_filled_in_keeps_its_style_and_cannot_be_taken_for_a_placeholder) {
    auto t = say(language::ru, phrase::editing, {{"file", code("{file}`🚀")}});
    EXPECT_EQ(t.text, "Агент правит {file}`🚀.");
    EXPECT_EQ(t.entities, (std::vector<entity>{{style::code, 13, 9}}));
    EXPECT_EQ(say_plain(language::en, phrase::editing, {{"file", "a\x1b"}}), "The agent is editing a␛.");
    EXPECT_EQ(say_plain(language::en, phrase::editing), "The agent is editing {file}.")
        << "seen by the tests of what uses it";
}

TEST(words, what_is_to_be_typed_is_code) {
    auto t = say(reader(language::en, true), phrase::said_world);
    EXPECT_EQ(t.text.find('`'), t.text.npos);
    ASSERT_EQ(t.entities.size(), 1U);
    EXPECT_EQ(t.entities[0].length, 14U);
}

TEST(words, only_an_admin_gets_the_form_for_admins) {
    EXPECT_NE(say_plain({language::en, true}, phrase::wait_key).find("OPENROUTER_API_KEY"), std::string::npos);
    for (auto l : {language::en, language::ru})
        EXPECT_EQ(say_plain(l, phrase::wait_key).find("OPENROUTER_API_KEY"), std::string::npos);
    EXPECT_NE(say_plain(language::ru, phrase::wait_key).find("Попросите администратора"), std::string::npos);
}
