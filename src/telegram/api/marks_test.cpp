#include "telegram/api/marks.hpp"

#include <gtest/gtest.h>

using namespace persais::telegram;

namespace {

mark link(std::size_t offset, std::size_t length, std::string address) {
    return {.type = "text_link", .offset = offset, .length = length, .user = {}, .address = std::move(address)};
}
mark of(std::string type, std::size_t offset, std::size_t length) {
    return {.type = std::move(type), .offset = offset, .length = length, .user = {}};
}

std::string spelled(std::string text, std::vector<mark> marks) {
    spell_out_links(text, marks);
    return text;
}

} // namespace

TEST(marks, of_links_have_their_address_behind_the_text_counted_in_utf16) {
    EXPECT_EQ(spelled("fix this as here", {link(12, 4, "https://a.example/1")}),
              "fix this as here (https://a.example/1)");
    EXPECT_EQ(spelled("\xF0\x9F\x99\x82 тут и там", {link(3, 3, "https://a.example"), link(9, 3, "https://b.example")}),
              "\xF0\x9F\x99\x82 тут (https://a.example) и там (https://b.example)");
}

TEST(marks, of_links_that_show_their_address_are_left_as_they_are) {
    EXPECT_EQ(spelled("see https://a.example", {link(4, 17, "https://a.example/")}), "see https://a.example");
    EXPECT_EQ(spelled("see https://a.example", {link(4, 17, "https://b.example/")}),
              "see https://a.example (https://b.example/)");
}

TEST(marks, are_moved_by_addresses_before_them) {
    std::string text = "see this @bot";
    std::vector<mark> marks{of("bold", 0, 13), link(4, 4, "x://y"), of("italic", 4, 4), of("mention", 9, 4)};
    spell_out_links(text, marks);
    EXPECT_EQ(text, "see this (x://y) @bot");
    EXPECT_EQ(marks[0], of("bold", 0, 21));
    EXPECT_EQ(marks[1], link(4, 4, "x://y"));
    EXPECT_EQ(marks[2], of("italic", 4, 4));
    EXPECT_EQ(marks[3], of("mention", 17, 4));
}

TEST(marks, that_do_not_fit_the_text_change_nothing) {
    EXPECT_EQ(spelled("a\xF0\x9F\x99\x82", {link(0, 2, "x://y"), link(2, 9, "x://z"), link(9, 1, "x://w")}),
              "a\xF0\x9F\x99\x82");
}
