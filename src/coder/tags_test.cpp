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

TEST(tags, new_ones_come_first_and_the_oldest_go) {
    std::string a = blob + " c 1", b = other + " c 2", b_anew = other + " c 3";
    EXPECT_EQ(merged_tags("", {}, 100), "");
    EXPECT_EQ(merged_tags(a + "\n", {b}, 1000), b + "\n" + a + "\n");
    EXPECT_EQ(merged_tags(b + "\n" + a + "\n", {b_anew}, 1000), b_anew + "\n" + a + "\n");
    EXPECT_EQ(merged_tags(a + "\n", {b}, b.size() + 1), b + "\n");
    EXPECT_EQ(merged_tags(a + "\n" + b, {}, 1000), a + "\n" + b + "\n");
}
