#include "backup/s3_answers.hpp"

#include <gtest/gtest.h>

namespace persais::backup {
namespace {

constexpr std::string_view page = R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix>p/</Prefix>
<Contents><Key>p/one&amp;two.age</Key><Size>1234</Size><ETag>&quot;x&quot;</ETag></Contents>
<Contents><Key>p/three.age</Key><Size>0</Size></Contents><IsTruncated>true</IsTruncated>
<NextContinuationToken>a&lt;b</NextContinuationToken></ListBucketResult>)";

TEST(s3_answers, a_page_names_its_files_and_the_next_page) {
    auto read = read_page(page);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->files.size(), 2U);
    EXPECT_EQ(read->files[0].name, "p/one&two.age");
    EXPECT_EQ(read->files[0].bytes, 1234U);
    EXPECT_EQ(read->files[1].name, "p/three.age");
    EXPECT_EQ(read->next, "a<b");
}

TEST(s3_answers, the_last_page_has_no_next_one) {
    std::string last(page);
    last.replace(last.find("true"), 4, "false");
    EXPECT_EQ(read_page(last)->next, "");
    EXPECT_TRUE(read_page("<ListBucketResult></ListBucketResult>")->files.empty());
}

TEST(s3_answers, what_is_no_list_is_told) {
    EXPECT_FALSE(read_page("<html>Welcome</html>"));
    EXPECT_FALSE(read_page(""));
    EXPECT_TRUE(read_page("<ListBucketResult><Contents><Key>x</Key><Size>many</Size></Contents>")->files.empty());
    EXPECT_TRUE(read_page("<ListBucketResult><Contents><Key>x</Key>")->files.empty()) << "an element without its end";
}

TEST(s3_answers, an_element_is_found_and_decoded_once) {
    EXPECT_EQ(read_element("<Error><Code>NoSuchKey</Code><Message>a &amp;lt; b</Message></Error>", "Code"),
              "NoSuchKey");
    EXPECT_EQ(read_element("<Message>a &amp;lt; b</Message>", "Message"), "a &lt; b");
    EXPECT_EQ(read_element("<Code>x", "Code"), "");
    EXPECT_EQ(read_element("", "Code"), "");
}

} // namespace
} // namespace persais::backup
