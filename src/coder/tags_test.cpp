#include "coder/limits.hpp"
#include "coder/tags.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::coder;

namespace {

const std::string blob(40, 'a'), other(64, '7');

std::string row(const std::string& json, const std::string& language = "python") {
    return blob + ' ' + language + ' ' + json;
}

} // namespace

TEST(tags, are_written_anew_from_what_was_read) {
    auto good = row(R"([[["f",3,[1,2]],["Thing",0,[]]],[["g",2]]])");
    EXPECT_EQ(read_tag_row(good), good);
    EXPECT_EQ(read_tag_row(row(R"([ [["\u0444",3,[1,2]]] , []])")), row("[[[\"\u0444\",3,[1,2]]],[]]"));
    EXPECT_TRUE(read_tag_row(other + " c_sharp [[],[]]"));
}

TEST(tags, what_is_no_row_is_none) {
    for (const auto* json : {"",
                             "[",
                             "[[]]",
                             "[[],[],[]]",
                             "{}",
                             "[[],{}]",
                             R"([[["f",3]],[]])",
                             R"([[["f",-1,[]]],[]])",
                             R"([[["f",3,[1]]],[]])",
                             R"([[["f",3,[2,2]]],[]])",
                             R"([[["f",3,[1,900]]],[]])",
                             R"([[["f",3,[-1,1]]],[]])",
                             R"([[["f",3.0,[]]],[]])",
                             R"([[["",3,[]]],[]])",
                             R"([[["a b",3,[]]],[]])",
                             R"([[["a\nb",3,[]]],[]])",
                             R"([[["a\u001bb",3,[]]],[]])",
                             R"([[[7,3,[]]],[]])",
                             R"([[],[["f",0]]])",
                             R"([[],[["f"]]])",
                             R"([[],[["f",1,1]]])",
                             R"([[],[["f",99999999999]]])",
                             R"([[],[[[[[[]]]]]]])",
                             "[[],[]] x"})
        EXPECT_FALSE(read_tag_row(row(json))) << json;
    EXPECT_FALSE(read_tag_row(row("[[],[]]", "Py")));
    EXPECT_FALSE(read_tag_row(row("[[],[]]", "")));
    EXPECT_FALSE(read_tag_row(blob.substr(1) + " python [[],[]]"));
    EXPECT_FALSE(read_tag_row(std::string(40, 'G') + " python [[],[]]"));
    EXPECT_FALSE(read_tag_row(blob + " [[],[]]"));
    EXPECT_FALSE(read_tag_row(row("[[[\"" + std::string(limits::tag_name_bytes + 1, 'x') + "\",1,[]]],[]]")));
    EXPECT_FALSE(read_tag_row(row("[[],[]" + std::string(limits::tag_row_bytes, ' ') + "]")));
}

namespace {

constexpr std::chrono::sys_days day_9{std::chrono::days(9)};
const std::string a = blob + " c 1", b = other + " c 2", b_anew = other + " c 3", today = "day 9\n";

std::string merged(const std::string& kept, const std::vector<std::string>& told, std::size_t most = 1000) {
    return merged_tags(kept, told, day_9, most);
}

} // namespace

TEST(tags, new_ones_come_first_and_the_oldest_go) {
    EXPECT_EQ(merged("", {}), "");
    EXPECT_EQ(merged(today + a + "\n", {b}), today + b + "\n" + a + "\n");
    EXPECT_EQ(merged("day 8\n" + a + "\n", {b}), today + b + "\nday 8\n" + a + "\n");
    EXPECT_EQ(merged("day 8\n" + a + "\n", {b}, today.size() + b.size() + 1), today + b + "\n");
    EXPECT_EQ(merged("day 8\n" + a + "\n" + b, {}), "day 8\n" + a + "\n" + b + "\n");
}

TEST(tags, that_are_kept_are_written_over_by_nobody) {
    EXPECT_EQ(merged("day 8\n" + b + "\n" + a + "\n", {b_anew}), "day 8\n" + b + "\n" + a + "\n");
    EXPECT_EQ(merged("", {b, b_anew}), today + b + "\n");
}

TEST(tags, are_found_out_anew_after_a_week) {
    EXPECT_EQ(merged("day 2\n" + a + "\n", {}), "day 2\n" + a + "\n");
    EXPECT_EQ(merged("day 2\n" + b + "\nday 1\n" + a + "\n", {}), "day 2\n" + b + "\n");
    EXPECT_EQ(merged("day 1\n" + b + "\n", {b_anew}), today + b_anew + "\n");
    for (const std::string undated : {"", "day 10\n", "day x\n", "day 99999999999999\n", "day \n", "day -9\n"})
        EXPECT_EQ(merged(undated + a + "\n", {}), "") << undated;
    for (const std::string& kept : {"day 1\n" + b, today + a + "\nday 1\n" + b + "\n", a + "\n"})
        EXPECT_TRUE(has_old_rows(kept, day_9)) << kept;
    for (const std::string& kept : {std::string(), today + a + "\nday 2\n" + b + "\n", today + a})
        EXPECT_FALSE(has_old_rows(kept, day_9)) << kept;
}

TEST(tags, are_of_a_content) {
    EXPECT_EQ(content_of_row(a), blob);
    EXPECT_EQ(content_of_row(""), "");
}
