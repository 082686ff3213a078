#include "i18n/format.hpp"

#include <regex>
#include <set>

#include <gtest/gtest.h>

using namespace persais::i18n;
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

TEST(words, russian_is_russian_and_english_is_english) {
    auto cyrillic = [](std::string_view s) { return s.find("\xD0") != s.npos || s.find("\xD1") != s.npos; };
    for (auto p : phrases) {
        EXPECT_FALSE(cyrillic(words(language::en, p))) << words(language::en, p);
        const std::set<phrase> names{phrase::status_head, phrase::money_warning, phrase::people_role_line,
                                     phrase::noted_ci};
        bool only_names = names.contains(p);
        EXPECT_EQ(cyrillic(words(language::ru, p)), !only_names) << words(language::ru, p);
    }
}

TEST(words, only_an_admin_is_told_to_set_something) {
    const std::regex advice("[A-Z]+_[A-Z_]+|persais doctor|(with|командой) /(repo|budget)");
    for (auto p : phrases)
        for (auto l : {language::en, language::ru}) {
            auto text = std::string(words(l, p));
            bool asks = text.find("n admin") != text.npos || text.find("администратор") != text.npos;
            if (!name_of(p).ends_with("_admin"))
                EXPECT_TRUE(asks || !std::regex_search(text, advice)) << name_of(p) << ": " << text;
        }
}

TEST(words, a_phrase_may_have_another_form_for_an_admin) {
    EXPECT_EQ(for_admin(phrase::wait_key), phrase::wait_key_admin);
    EXPECT_EQ(for_admin(phrase::wait_key_admin), phrase::wait_key_admin);
    EXPECT_EQ(for_admin(phrase::aborting), phrase::aborting);
    std::set<phrase> forms;
    for (auto p : phrases)
        if (for_admin(p) != p) forms.insert(for_admin(p));
    for (auto p : phrases)
        EXPECT_EQ(name_of(p).ends_with("_admin"), forms.contains(p)) << name_of(p);
}

TEST(words, russian_is_written_with_its_own_quotes_and_dashes) {
    for (auto p : phrases) {
        auto text = words(language::ru, p);
        EXPECT_EQ(text.find_first_of("\""), text.npos) << text;
        for (const auto* wrong : {"“", "”", "–", " - ", "еще", "красн", "зелён"})
            EXPECT_EQ(text.find(wrong), text.npos) << text;
        for (const auto* polite : {" Вы ", " Вам ", " Ваш"}) // with a capital at the beginning of a sentence only
            if (auto at = text.find(polite); at != text.npos) EXPECT_EQ(text[at - 1], '.') << text;
    }
}

TEST(words, sizes) {
    EXPECT_EQ(size(language::en, 0), "0 kB");
    EXPECT_EQ(size(language::en, 1), "1 kB");
    EXPECT_EQ(size(language::en, 999'999), "1000 kB");
    EXPECT_EQ(size(language::en, 1'250'000), "1.2 MB");
    EXPECT_EQ(size(language::ru, 1'250'000), "1.2 МБ");
    EXPECT_EQ(size(language::en, 3'400'000'000), "3.4 GB");
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
