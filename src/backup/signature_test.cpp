#include "backup/signature.hpp"
#include "base/encoding.hpp"

#include <gtest/gtest.h>

namespace persais::backup {
namespace {

const time_point at = time_point(std::chrono::seconds(1796066102)); // 2026-11-30T19:15:02Z
const s3_url who{.key_id = "ID", .key = secret("w/o+rd"), .bucket = "bucket", .region = "eu-central-1"};

std::string signature(const s3_request& of) {
    auto text = authorization(of, who, at).reveal();
    return text.substr(text.find("Signature=") + 10);
}

// The signatures are those that botocore, Amazon's own library, makes of the same requests.
TEST(signature, of_a_list_is_that_of_amazons_library) {
    s3_request list{.method = "GET",
                    .host = "bucket.s3.eu-central-1.amazonaws.com",
                    .path = "/",
                    .query = {{"list-type", "2"}, {"prefix", "a/persais-"}, {"continuation-token", "x+y==&z"}},
                    .body_sha256 = to_hex(sha256(""))};
    EXPECT_EQ(authorization(list, who, at).reveal(),
              "AWS4-HMAC-SHA256 Credential=ID/20261130/eu-central-1/s3/aws4_request, "
              "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
              "Signature=4367e087a0acc2bf4da432b99e1a8a7dfb0dbbec6c878c5e12f7b3ea01a6be53");
}

TEST(signature, of_a_part_is_that_of_amazons_library) {
    s3_request part{.method = "PUT",
                    .host = "127.0.0.1:9000",
                    .path = "/bucket/a/one%20two~x.age",
                    .query = {{"partNumber", "2"}, {"uploadId", "u/1"}},
                    .body_sha256 = to_hex(sha256("body"))};
    EXPECT_EQ(signature(part), "12a30e8fcf0277603b0477254e2e237984d5c085dd6625c1ca301134505ba3b7");
}

TEST(signature, covers_all_of_the_request) {
    s3_request one{.method = "GET", .host = "h", .path = "/p", .query = {{"a", "b"}}, .body_sha256 = "00"};
    auto first = signature(one);
    auto changed = [&](auto change) {
        auto other = one;
        change(other);
        return signature(other);
    };
    EXPECT_NE(changed([](auto& r) { r.method = "PUT"; }), first);
    EXPECT_NE(changed([](auto& r) { r.host = "g"; }), first);
    EXPECT_NE(changed([](auto& r) { r.path = "/q"; }), first);
    EXPECT_NE(changed([](auto& r) { r.query["a"] = "c"; }), first);
    EXPECT_NE(changed([](auto& r) { r.body_sha256 = "01"; }), first);
    EXPECT_NE(authorization(one, who, at + std::chrono::seconds(1)).reveal(), authorization(one, who, at).reveal());
    EXPECT_NE(authorization(one, who, at, "iam").reveal(), authorization(one, who, at).reveal());
}

TEST(signature, a_query_is_sorted_and_encoded) {
    EXPECT_EQ(query_text({{"b", "x y"}, {"a", "1/2"}, {"uploads", ""}}), "a=1%2F2&b=x%20y&uploads=");
    EXPECT_EQ(query_text({}), "");
    EXPECT_EQ(amz_date(at), "20261130T191502Z");
}

} // namespace
} // namespace persais::backup
