#include "coder/prose.hpp"

#include <gtest/gtest.h>

using namespace persais::coder;

TEST(prose, is_the_answer_without_its_edits) {
    EXPECT_EQ(prose_of("The end is the larger of both.\n\nintervals.py\n```python\n<<<<<<< SEARCH\n    a\n=======\n    "
                       "b\n>>>>>>> REPLACE\n"
                       "```\n\nThat is all."),
              "The end is the larger of both.\n\nThat is all.");
}

TEST(prose, knows_names_and_fences_on_either_side) {
    EXPECT_EQ(prose_of("Here:\n\n```\na.py\n<<<<<<< SEARCH\n=======\nnew\n>>>>>>> REPLACE\n```"), "Here:");
    EXPECT_EQ(
        prose_of(
            "a.py\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\nb.py\n<<<<<<< SEARCH\nx\n=======\n>>>>>>> REPLACE"),
        "");
}

TEST(prose, leaves_everything_else_as_it_is) {
    EXPECT_EQ(prose_of("Use it so:\n```python\nf(1)\n```\nA SEARCH and a REPLACE.\n"),
              "Use it so:\n```python\nf(1)\n```\nA SEARCH and a REPLACE.");
    EXPECT_EQ(prose_of("It is at\n<<<<<<< SEARCH of something else"), "It is at\n<<<<<<< SEARCH of something else");
    EXPECT_EQ(prose_of(""), "");
}

TEST(prose, of_an_edit_that_was_cut_off_is_what_stood_before_it) {
    EXPECT_EQ(prose_of("Now:\na.py\n```\n<<<<<<< SEARCH\nx"), "Now:");
}

TEST(prose, of_one_word_above_an_edit_stays) {
    EXPECT_EQ(prose_of("Mended:\n```\na.py\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n```"), "Mended:");
}

TEST(prose, without_edits_keeps_its_empty_lines) {
    EXPECT_EQ(prose_of("a\n\n\nb"), "a\n\n\nb");
}
