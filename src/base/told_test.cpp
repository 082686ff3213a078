#include "base/told.hpp"

#include <gtest/gtest.h>

using namespace persais;

namespace {

std::string no_answer(const std::string& where, const std::string& why) {
    return told<"{} does not answer: {}.", "{} не отвечает: {}.">(where, why);
}
std::string waits(std::int64_t n) {
    return told<"{0} {0:task|tasks} of {1} wait.", "У {1} ждёт {0} {0:задача|задачи|задач}.">(number{n}, "ann");
}

} // namespace

TEST(told, is_english_whose_russian_is_found_by_it) {
    auto english = no_answer("e.org", "timed out");
    EXPECT_EQ(english, "e.org does not answer: timed out.");
    EXPECT_EQ(russian_of(english), "e.org не отвечает: timed out.");
    EXPECT_EQ(russian_of("Nobody here says this."), std::nullopt);
    EXPECT_EQ(russian_of(""), std::nullopt);
}

TEST(told, says_a_number_with_the_form_that_goes_with_it) {
    for (auto [n, english, russian] : {std::tuple(1, "1 task of ann wait.", "У ann ждёт 1 задача."),
                                       std::tuple(3, "3 tasks of ann wait.", "У ann ждёт 3 задачи."),
                                       std::tuple(11, "11 tasks of ann wait.", "У ann ждёт 11 задач.")}) {
        EXPECT_EQ(waits(n), english);
        EXPECT_EQ(russian_of(english), russian);
    }
    EXPECT_EQ(russian_of("1 mouse of ann wait."), std::nullopt) << "no form of the sentence's word";
}

TEST(told, of_several_sentences_and_of_one_inside_another) {
    auto both = waits(2) + " " + no_answer("a.org", no_answer("b.org", "it. is. gone")) + " " + waits(5);
    EXPECT_EQ(russian_of(both),
              "У ann ждёт 2 задачи. a.org не отвечает: b.org не отвечает: it. is. gone.. У ann ждёт 5 задач.");
    EXPECT_EQ(russian_of(waits(2) + " And a stranger's words."), std::nullopt);
}

TEST(told, is_read_by_the_format_with_the_most_words) {
    auto special = told<"{} does not answer: the port {} is closed.", "{} не отвечает: порт {} закрыт.">("e.org", 22);
    EXPECT_EQ(russian_of(special), "e.org не отвечает: порт 22 закрыт.");
    auto braces = told<"{{}} holds {}: {}.", "В {{}} лежит {}: {}.">(1, "{x}");
    EXPECT_EQ(braces, "{} holds 1: {x}.");
    EXPECT_EQ(russian_of(braces), "В {} лежит 1: {x}.");
    auto behind = told<"It came to nothing{} {{code}}", "Ничего не вышло{} {{code}}">(": as they say");
    EXPECT_EQ(russian_of(behind), "Ничего не вышло: as they say {code}");
    auto same = told<"{0} is {0}, is it not?", "{0} — это {0}, разве нет?">("x");
    EXPECT_EQ(russian_of(same), "x — это x, разве нет?");
    EXPECT_EQ(russian_of("x is y, is it not?"), std::nullopt);
}

TEST(told, names_and_commands_between_backquotes_stay_as_they_are) {
    constexpr auto word = told_view<"gone away", "ушёл">();
    auto sentence = told<"`{}` is {}; `list {} now` lists it: {}.", "`{}`: {}; список покажет `list {} now`: {}.">(
        word, word, word, word);
    EXPECT_EQ(russian_of(sentence), "`gone away`: ушёл; список покажет `list gone away now`: ушёл.");
}

TEST(told, of_a_thing_that_is_named_before_it) {
    EXPECT_EQ(russian_of("HOST: " + no_answer("e.org", "gone")), "HOST: e.org не отвечает: gone.");
    EXPECT_EQ(russian_of(".env: HOST: " + waits(1)), ".env: HOST: У ann ждёт 1 задача.");
    EXPECT_EQ(russian_of("two words: nobody's sentence"), std::nullopt);
}

TEST(told, takes_no_longer_for_a_text_that_was_made_to_confuse_it) {
    std::string odd;
    for (int i = 0; i < 3000; ++i)
        odd += " does not answer: . the port ";
    EXPECT_EQ(russian_of(odd), std::nullopt);
}
