#include "base/s3_url.hpp"

#include <gtest/gtest.h>

namespace persais {
namespace {

TEST(s3_url, names_a_bucket_of_amazon) {
    auto read = read_s3_url(secret("s3://ID:word@bucket"));
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->key_id, "ID");
    EXPECT_EQ(read->key, "word");
    EXPECT_EQ(read->bucket, "bucket");
    EXPECT_EQ(read->prefix, "");
    EXPECT_EQ(read->region, "us-east-1");
    EXPECT_EQ(read->endpoint, "https://s3.us-east-1.amazonaws.com");
    EXPECT_FALSE(read->path_style);
}

TEST(s3_url, names_another_server_which_mostly_wants_the_bucket_in_the_path) {
    auto read = read_s3_url(secret("s3://ID:w%2Ford%2B%40@b/one/two?endpoint=http://127.0.0.1:9000/&region=eu"));
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->key, "w/ord+@");
    EXPECT_EQ(read->prefix, "one/two/");
    EXPECT_EQ(read->region, "eu");
    EXPECT_EQ(read->endpoint, "http://127.0.0.1:9000");
    EXPECT_TRUE(read->path_style);
    EXPECT_FALSE(read_s3_url(secret("s3://a:b@c?endpoint=https://s3.example.org&style=virtual"))->path_style);
    EXPECT_TRUE(read_s3_url(secret("s3://a:b@c?style=path"))->path_style);
    EXPECT_EQ(read_s3_url(secret("s3://a:b@c/dir/"))->prefix, "dir/");
}

TEST(s3_url, is_refused_without_its_parts_and_without_being_shown) {
    for (auto wrong : {"s3://bucket/x", "s3://hunter2@bucket", "s3://:hunter2@bucket", "s3://hunter2:@bucket",
                       "s3://a:hunter2@", "s3://a:hunter2@b:9000/x", "s3://a:hunter2@b?regio=eu",
                       "s3://a:hunter2@b?region", "s3://a:hunter2@b?style=other", "s3://a:hunter2@b?endpoint=host:9000",
                       "s3://a:hunter2@b?endpoint=https://u:p@host", "s3://a:hunter2@b?endpoint=https://host/x",
                       "s3://a:hunter2@Bucket_1", "https://a:hunter2@b", "s3:", "", "s3://a:hunter2/x@b"}) {
        auto read = read_s3_url(secret(wrong));
        ASSERT_FALSE(read) << wrong;
        EXPECT_EQ(read.error().find("hunter2"), std::string::npos);
        EXPECT_TRUE(read.error().starts_with("is not s3://KEY:SECRET@BUCKET")) << read.error();
    }
}

} // namespace
} // namespace persais
