#include "base/nearest.hpp"

#include <gtest/gtest.h>

using namespace persais;

namespace {

const std::vector<std::string> words{"run", "reply", "retry", "tasks", "--json", "PERSAIS_UNSAFE"};

} // namespace

TEST(nearest, is_the_word_that_differs_in_a_letter_or_two) {
    EXPECT_EQ(text::nearest("rnu", words), "run");
    EXPECT_EQ(text::nearest("retyr", words), "retry");
    EXPECT_EQ(text::nearest("--jsno", words), "--json");
    EXPECT_EQ(text::nearest("PERSAIS_UNSAVE", words), "PERSAIS_UNSAFE");
    EXPECT_EQ(text::nearest("RUN", words), "run");
}

TEST(nearest, is_the_word_that_was_begun_or_written_on) {
    EXPECT_EQ(text::nearest("rep", words), "reply");
    EXPECT_EQ(text::nearest("tasksx", words), "tasks");
    EXPECT_EQ(text::nearest("tasks-of", std::vector<std::string>{"tasks", "tasks-off"}), "tasks-off")
        << "which is closer";
}

TEST(nearest, is_nothing_when_nothing_is_similar) {
    EXPECT_EQ(persais::text::nearest("-x", std::vector<std::string>{"-h", "--help"}), std::nullopt);
    for (auto* typed : {"", "x", "merged", "rundown-of-all-that-there-is-in-the-whole-wide-world-and-then-some-more"})
        EXPECT_EQ(text::nearest(typed, words), std::nullopt) << typed;
    EXPECT_EQ(text::nearest("run", {}), std::nullopt);
}

TEST(nearest, ends_a_sentence) {
    EXPECT_EQ(text::did_you_mean("rnu", words), "; did you mean `run`?");
    EXPECT_EQ(text::did_you_mean("merged", words), "");
}
