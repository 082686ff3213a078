#include "telegram/command.hpp"
#include "telegram/testing.hpp"
#include "telegram/word_table.hpp"
#include "telegram/words.hpp"

#include <set>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::telegram;
using namespace std::chrono_literals;

namespace {

struct hole {
    std::string name;
    std::size_t forms = 0; // 0: the value itself
    auto operator<=>(const hole&) const = default;
};

std::vector<hole> holes(std::string_view text) {
    std::vector<hole> all;
    for (auto open = text.find('{'); open != text.npos; open = text.find('{', open + 1)) {
        auto inside = text.substr(open + 1, text.find('}', open) - open - 1);
        auto name = inside.substr(0, inside.find('|'));
        all.push_back({std::string(name), static_cast<std::size_t>(std::ranges::count(inside, '|'))});
    }
    return all;
}

std::set<std::string> names(std::string_view text) {
    std::set<std::string> all;
    for (const auto& h : holes(text))
        all.insert(h.name);
    return all;
}

const auto phrases = [] {
    std::vector<phrase> all;
    for (std::size_t i = 0; i < phrase_count; ++i)
        all.push_back(static_cast<phrase>(i));
    return all;
}();

} // namespace

TEST(words, both_languages_have_the_same_phrases_with_the_same_placeholders) {
    for (auto p : phrases) {
        EXPECT_FALSE(words(language::en, p).empty()) << words(language::ru, p);
        EXPECT_FALSE(words(language::ru, p).empty()) << words(language::en, p);
        EXPECT_EQ(names(words(language::en, p)), names(words(language::ru, p))) << words(language::en, p);
    }
}

TEST(words, a_counted_word_has_two_forms_in_english_and_three_in_russian) {
    for (auto p : phrases) {
        for (const auto& h : holes(words(language::en, p)))
            if (h.forms != 0) EXPECT_EQ(h.forms, 2U) << words(language::en, p);
        for (const auto& h : holes(words(language::ru, p)))
            if (h.forms != 0) EXPECT_EQ(h.forms, 3U) << words(language::ru, p);
    }
}

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

TEST(words, russian_is_russian_and_english_is_english) {
    auto cyrillic = [](std::string_view s) { return s.find("\xD0") != s.npos || s.find("\xD1") != s.npos; };
    for (auto p : phrases) {
        EXPECT_FALSE(cyrillic(words(language::en, p))) << words(language::en, p);
        bool only_names = p == phrase::doing_other || p == phrase::cost || p == phrase::status_head;
        EXPECT_EQ(cyrillic(words(language::ru, p)), !only_names) << words(language::ru, p);
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
            EXPECT_TRUE(holes(words(l, static_cast<phrase>(p))).empty());
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
    auto t = say(language::en, phrase::said_world);
    EXPECT_EQ(t.text.find('`'), t.text.npos);
    ASSERT_EQ(t.entities.size(), 1U);
    EXPECT_EQ(t.entities[0].length, 14U);
}

TEST(words, times_and_money) {
    EXPECT_EQ(span(language::en, 0s), "0 s");
    EXPECT_EQ(span(language::en, 59s), "59 s");
    EXPECT_EQ(span(language::en, 60s), "1 min");
    EXPECT_EQ(span(language::ru, 125s), "2 мин 5 с");
    EXPECT_EQ(span(language::en, 3600s), "1 h");
    EXPECT_EQ(span(language::ru, 3900s), "1 ч 5 мин");
    EXPECT_EQ(span(language::en, 47h + 59min), "47 h 59 min");
    EXPECT_EQ(span(language::ru, 48h), "2 д");
    EXPECT_EQ(span(language::en, -5s), "0 s");
    EXPECT_EQ(ago(language::en, 3s), "just now");
    EXPECT_EQ(ago(language::en, 3h + 20min), "3 h ago");
    EXPECT_EQ(ago(language::ru, 61s), "1 мин 1 с назад");
    EXPECT_EQ(ago(language::ru, 200s), "3 мин назад");
    EXPECT_EQ(money(0.0111), "$0.0111");
    EXPECT_EQ(money(0), "$0");
    EXPECT_EQ(money(1.254), "$1.25");
    EXPECT_EQ(money(0.99999), "$1.00");
}

TEST(words, the_language_of_a_client) {
    EXPECT_EQ(language_from("ru"), language::ru);
    EXPECT_EQ(language_from("ru-RU"), language::ru);
    EXPECT_EQ(language_from("en"), language::en);
    EXPECT_EQ(language_from("de"), language::en);
    EXPECT_EQ(language_from("run"), language::en);
    EXPECT_EQ(language_from(""), language::en);
}
