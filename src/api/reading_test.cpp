#include "api/front.hpp"
#include "base/json.hpp"
#include "base/told.hpp"

#include <algorithm>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::api;
namespace json = boost::json;

namespace {

const operation& named(std::string_view id) {
    return *std::ranges::find(operations(), id, &operation::id);
}

http::call call_of(std::string query, std::string body = "", http::headers fields = {}) {
    http::call c;
    c.asked.method = body.empty() ? "GET" : "POST";
    c.asked.query = std::move(query);
    c.asked.body = std::move(body);
    c.asked.fields = std::move(fields);
    return c;
}

/// What is read is not used: a request of nobody.
const dependencies& nothing() {
    alignas(dependencies) static unsigned char room[sizeof(dependencies)];
    return reinterpret_cast<const dependencies&>(room);
}

std::string refused(const http::call& c, std::string_view id, int status = 400, bool russian = false) {
    auto read = asked_of(nothing(), {}, c, named(id), russian);
    if (read) return "";
    EXPECT_EQ(read.error().status, status);
    return text_in(json::parse(read.error().body).as_object(), "detail");
}

const http::headers json_body{{"content-type", "Application/JSON; charset=utf-8"}};

} // namespace

TEST(reading, parameters_become_what_their_schemas_mean) {
    auto read = asked_of(nothing(), {}, call_of("limit=7&state=review&unsettled=true&&repository=you%2Fshop"),
                         named("listTasks"), false);
    ASSERT_TRUE(read);
    EXPECT_EQ(whole_in(read->given, "limit"), 7);
    EXPECT_TRUE(flag_in(read->given, "unsettled"));
    EXPECT_EQ(read->text("repository"), "you/shop");
    EXPECT_EQ(read->maybe("cursor"), std::nullopt);
    EXPECT_FALSE(read->key());
}

TEST(reading, what_is_not_known_or_not_well_written_is_refused) {
    EXPECT_EQ(refused(call_of("limit=7&limit=8"), "listTasks"), "'limit' is given twice.");
    EXPECT_EQ(refused(call_of("limit=seven"), "listTasks"), "'limit' has to be a whole number.");
    EXPECT_EQ(refused(call_of("a=b"), "listTasks"), "'a' is not known here.");
    EXPECT_EQ(refused(call_of("repository=%ff"), "listTasks"), "What is behind the '?' is no text.");
    EXPECT_EQ(refused(call_of("repository=%00"), "listTasks"), "'repository' has a zero byte in it.");
    EXPECT_EQ(refused(call_of("", "{}"), "getSelf"), "This takes no body.");
    EXPECT_EQ(refused(call_of("a=b"), "listTasks", 400, true), "«a» здесь неизвестно.");
}

TEST(reading, a_body_is_one_json_object_that_fits) {
    EXPECT_EQ(refused(call_of("", R"({"instruction":"x"})"), "submitTask", 415),
              "The body has to be JSON, and Content-Type application/json.");
    EXPECT_EQ(refused(call_of("", "[]", json_body), "submitTask"),
              "The body is not one JSON object, nested at most 32 levels deep.");
    EXPECT_EQ(refused(call_of("", "{\"instruction\":\"\xff\"}", json_body), "submitTask"),
              "The body is not one JSON object, nested at most 32 levels deep.");
    EXPECT_EQ(refused(call_of("", R"({"instruction":7})", json_body), "submitTask"), "'instruction' has to be a text.");
    EXPECT_EQ(refused(call_of("", "", json_body), "submitTask"),
              "The body is not one JSON object, nested at most 32 levels deep.");
    auto none = asked_of(nothing(), {}, call_of(""), named("deployTask"), false);
    EXPECT_TRUE(none) << "nothing in it is needed";
}

TEST(reading, a_key_goes_with_what_the_request_says) {
    auto with = [](std::string body, std::string key) {
        auto fields = json_body;
        fields.emplace_back("idempotency-key", std::move(key));
        return asked_of(nothing(), {}, call_of("", std::move(body), std::move(fields)), named("submitTask"), false);
    };
    auto one = with(R"({"instruction":"x", "kind":"change"})", "k");
    auto same = with(R"({ "instruction" : "x", "kind" : "change" })", "k");
    auto other = with(R"({"instruction":"y"})", "k");
    ASSERT_TRUE(one && same && other);
    EXPECT_EQ(one->key()->key, "k");
    EXPECT_EQ(one->key()->digest, same->key()->digest);
    EXPECT_NE(one->key()->digest, other->key()->digest);
    EXPECT_FALSE(with(R"({"instruction":"x"})", "two words"));
}

TEST(reading, the_language_is_the_first_of_the_header) {
    EXPECT_TRUE(reads_russian({{"accept-language", "ru-RU,en;q=0.5"}}));
    EXPECT_FALSE(reads_russian({{"accept-language", "en,ru"}}));
    EXPECT_FALSE(reads_russian({}));
}
