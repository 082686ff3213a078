#include "config/checks.hpp"
#include "config/co_authors.hpp"

#include <gtest/gtest.h>

using namespace persais::config;

TEST(co_authors, name_the_person_who_asks_and_nobody_else) {
    constexpr std::string_view setting = " 123=Ann Lee <ann@example.org>; terminal = Bob O'Neil, Jr. "
                                         "<1+bob@users.noreply.github.com> ;; 45=Я <i@example.org>;";
    EXPECT_EQ(co_authors(setting), "");
    EXPECT_EQ(co_author_of(setting, "123"), "Ann Lee <ann@example.org>");
    EXPECT_EQ(co_author_of(setting, "terminal"), "Bob O'Neil, Jr. <1+bob@users.noreply.github.com>");
    EXPECT_EQ(co_author_of(setting, "45"), "Я <i@example.org>");
    for (auto other : {"12", "1234", "", "health", "Ann Lee"})
        EXPECT_EQ(co_author_of(setting, other), "") << other;
    EXPECT_EQ(co_author_of("", "123"), "");
}

TEST(co_authors, that_are_not_of_the_form_are_refused_by_what_is_written) {
    for (auto wrong : {"Ann <ann@example.org>", "ann=Ann <ann@example.org>", "12=Ann", "12=<ann@example.org>",
                       "12=Ann <>", "12=Ann <ann>", "12=Ann <a@b> more", "=Ann <a@b>", "12=A<n>n <a@b>",
                       "12=Ann <a@b>, 13=Bob <b@c>", "12=Ann\nSigned-off-by: x <a@b>"})
        EXPECT_NE(co_authors(std::string("7=Bob <bob@example.org>; ") + wrong), "") << wrong;
    EXPECT_NE(co_authors("7=Bob <b@c>; 12=Ann").find("12=Ann"), std::string::npos);
}
