#include "backup/limits.hpp"
#include "backup/s3_place.hpp"
#include "base/encoding.hpp"
#include "base/random.hpp"
#include "base/temp_dir.hpp"
#include "http/testing.hpp"

#include <fstream>
#include <map>

#include <fmt/format.h>

namespace persais::backup {
namespace {

namespace fs = std::filesystem;

constexpr auto older = "persais-20261130T191502Z-3f9a.age", newer = "persais-20261130T192002Z-0000.age";

/// As much of S3 as a place asks for; `nightly s3` has a real one, which verifies each signature.
struct s3 : testing::Test, http::testing::loop {
    s3()
        : door(io.get_executor(), [this](http::request r, http::pending_request& to) -> awaitable<> {
              r.body = (co_await to.body(limits::s3_part_bytes + 1)).value_or("");
              asked.push_back(r.method + " " + r.path + (r.query.empty() ? "" : "?" + r.query));
              auto [status, body] = answer(r);
              http::headers fields;
              if (r.method == "PUT") fields.emplace_back("ETag", fmt::format("\"{}\"", asked.size()));
              co_await to.send(status, std::move(fields), std::move(body));
          }) {
        port = *door.listen_tcp("127.0.0.1", 0);
        place.emplace(io.get_executor(), url("key"), "");
    }
    void TearDown() override {
        door.close();
        place.reset();
        EXPECT_TRUE(dry());
    }
    s3_url url(const std::string& key) const {
        return *read_s3_url(secret(fmt::format("s3://id:{}@bucket/at?endpoint=http://127.0.0.1:{}", key, port)));
    }
    static std::pair<int, std::string> error(int status, std::string_view code) {
        return {status, fmt::format("<Error><Code>{}</Code><Message>in words</Message></Error>", code)};
    }
    std::pair<int, std::string> answer(const http::request& r) {
        auto shown = http::header(r.fields, "authorization");
        if (!shown.starts_with("AWS4-HMAC-SHA256 Credential=id/")) return error(403, "AccessDenied");
        if (http::header(r.fields, "x-amz-content-sha256") != to_hex(sha256(r.body)))
            return error(400, "XAmzContentSHA256Mismatch");
        if (!broken.empty() && (r.method + " " + r.path + "?" + r.query).find(broken) != std::string::npos)
            return error(503, "SlowDown");
        if (r.path == "/bucket") return {200, listed(r.query)};
        auto name = r.path.substr(std::string_view("/bucket/").size());
        if (r.method == "GET") return files.contains(name) ? std::pair(200, files[name]) : error(404, "NoSuchKey");
        if (r.method == "DELETE") {
            (r.query.empty() ? files : parts).erase(name);
            return {204, ""};
        }
        if (r.query == "uploads=") return {200, "<X><UploadId>u&amp;1</UploadId></X>"};
        if (r.query.starts_with("partNumber")) {
            parts[name] += r.body;
            return {200, ""};
        }
        if (r.method == "POST") {
            completed = r.body;
            if (late_error) return error(200, "InternalError");
            files[name] = parts[name];
            return {200, "<CompleteMultipartUploadResult/>"};
        }
        files[name] = r.body;
        return {200, ""};
    }
    /// A page of one file, so that there are several.
    std::string listed(const std::string& query) const {
        auto from = query.find("continuation-token=");
        std::size_t skip = from == query.npos ? 0 : std::stoul(query.substr(from + 19));
        std::string out = "<ListBucketResult>";
        std::size_t n = 0;
        for (const auto& [name, bytes] : files)
            if (n++ == skip)
                out += fmt::format("<Contents><Key>{}</Key><Size>{}</Size></Contents>", name, bytes.size());
        if (skip + 1 < files.size())
            out += fmt::format("<IsTruncated>true</IsTruncated><NextContinuationToken>{}</NextContinuationToken>",
                               skip + 1);
        return out + "</ListBucketResult>";
    }
    fs::path file_of(std::size_t bytes) {
        auto at = folder.path() / "file";
        content = random_bytes(bytes + 1).substr(1);
        std::ofstream(at, std::ios::binary) << content;
        return at;
    }
    template <class T>
    T get(awaitable<T> what) {
        std::optional<T> got;
        run([&]() -> awaitable<> { got = co_await std::move(what); });
        return std::move(*got);
    }

    temp_dir folder;
    std::map<std::string, std::string> files, parts;
    std::vector<std::string> asked;
    std::string content, completed, broken;
    bool late_error = false;
    http::server door;
    int port = 0;
    std::optional<s3_place> place;
};

TEST_F(s3, a_small_file_is_one_request) {
    ASSERT_TRUE(get(place->put(file_of(1000), newer)));
    EXPECT_EQ(asked, std::vector{fmt::format("PUT /bucket/at/{}", newer)});
    EXPECT_EQ(files[fmt::format("at/{}", newer)], content);
    EXPECT_EQ(place->shown(), "s3://bucket/at/");
}

TEST_F(s3, a_large_file_goes_in_parts_that_are_put_together) {
    ASSERT_TRUE(get(place->put(file_of(2 * limits::s3_part_bytes + 5), newer)));
    EXPECT_EQ(asked.size(), 5U);
    EXPECT_TRUE(asked[0].ends_with("?uploads=")) << asked[0];
    EXPECT_TRUE(asked[3].ends_with("?partNumber=3&uploadId=u%261")) << asked[3];
    EXPECT_EQ(completed, "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"2\"</ETag></Part><Part>"
                         "<PartNumber>2</PartNumber><ETag>\"3\"</ETag></Part><Part><PartNumber>3</PartNumber>"
                         "<ETag>\"4\"</ETag></Part></CompleteMultipartUpload>");
    EXPECT_TRUE(files[fmt::format("at/{}", newer)] == content);
    auto copy = folder.path() / "copy";
    ASSERT_TRUE(get(place->get(newer, copy)));
    EXPECT_EQ(fs::file_size(copy), content.size());
}

TEST_F(s3, parts_that_do_not_come_to_a_file_are_forgotten) {
    auto file = file_of(limits::s3_part_bytes + 5);
    broken = "partNumber=2";
    auto put = get(place->put(file, newer));
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error(), "s3://bucket/at/ answered 503: SlowDown in words");
    EXPECT_TRUE(asked.back().starts_with("DELETE")) << asked.back();
    EXPECT_TRUE(parts.empty() && files.empty());
    broken.clear();
    late_error = true;
    EXPECT_FALSE(get(place->put(file, newer))) << "an error behind a 200 is one";
    EXPECT_TRUE(parts.empty() && files.empty());
}

TEST_F(s3, its_backups_are_listed_over_all_pages) {
    files = {{fmt::format("at/{}", older), "1"},
             {fmt::format("at/{}", newer), "22"},
             {"at/notes.txt", "3"},
             {fmt::format("elsewhere/{}", newer), "4"}};
    auto all = get(place->list());
    ASSERT_TRUE(all) << all.error();
    ASSERT_EQ(all->size(), 2U);
    EXPECT_EQ((*all)[0].name, newer);
    EXPECT_EQ((*all)[0].bytes, 2U);
    EXPECT_EQ((*all)[1].name, older);
    ASSERT_TRUE(get(place->remove(older)));
    EXPECT_EQ(files.count(fmt::format("at/{}", older)), 0U);
}

TEST_F(s3, what_is_refused_is_told_in_words_that_show_no_key) {
    place.emplace(io.get_executor(),
                  *read_s3_url(secret(fmt::format("s3://other:hunter2@bucket?endpoint=http://127.0.0.1:{}", port))),
                  "");
    auto all = get(place->list());
    ASSERT_FALSE(all);
    EXPECT_EQ(all.error(), "s3://bucket/ answered 403: AccessDenied in words");
    place.emplace(io.get_executor(), url("hunter2"), "");
    auto none = get(place->get(newer, folder.path() / "copy"));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error(), "s3://bucket/at/: there is no such backup.");
    EXPECT_EQ(none.error().find("hunter2"), std::string::npos);
}

TEST_F(s3, a_server_that_is_away_or_another_one_is_told) {
    broken = "GET /bucket?";
    EXPECT_FALSE(get(place->list()));
    place.emplace(io.get_executor(), *read_s3_url(secret("s3://id:key@bucket?endpoint=http://127.0.0.1:1")), "");
    auto away = get(place->list());
    ASSERT_FALSE(away);
    EXPECT_TRUE(away.error().starts_with("s3://bucket/: ")) << away.error();
    EXPECT_FALSE(get(place->put(folder.path() / "nothing", newer)));
}

} // namespace
} // namespace persais::backup
