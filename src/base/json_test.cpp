#include "base/json.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

TEST(to_text, writes_decimals_and_what_reads_back_the_same) {
    boost::json::value v{{"cost", 0.011101}, {"zero", 0.0},  {"big", 1200.5},
                         {"n", 3},           {"s", "a\"\n"}, {"l", {true, nullptr, -0.25}}};
    auto text = persais::to_text(v);
    EXPECT_EQ(text, R"({"cost":0.011101,"zero":0.0,"big":1200.5,"n":3,"s":"a\"\n","l":[true,null,-0.25]})");
    EXPECT_EQ(boost::json::parse(text).at("cost").as_double(), 0.011101);
}
