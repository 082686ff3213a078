#include "llm/answer.hpp"
#include "llm/shape.hpp"
#include "llm/sse.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais::llm;
namespace json = boost::json;

namespace {

std::optional<body_shape> shape(std::string text) {
    return shape_of(text);
}

} // namespace

TEST(shape, is_told_by_how_a_body_begins) {
    EXPECT_EQ(shape("{"), body_shape::json);
    EXPECT_EQ(shape(" \r\n\t{\"id\""), body_shape::json);
    EXPECT_EQ(shape("<!DOCTYPE html>"), body_shape::page);
    for (auto* events :
         {"data:x", "data: {", ": OPENROUTER PROCESSING", "event: a", "id: 1", "retry: 5", "\n\ndata: {"})
        EXPECT_EQ(shape(events), body_shape::events) << events;
    for (auto* other : {"It works!", "dated", "Bad gateway"})
        EXPECT_EQ(shape(other), body_shape::other) << other;
}

TEST(shape, waits_for_what_tells_it) {
    for (auto* more : {"", " ", "\n\n", "d", "data", "retry", "\xEF", "\xEF\xBB\xBF", "\xEF\xBB\xBF "})
        EXPECT_FALSE(shape(more)) << more;
    std::string padded = "\xEF\xBB\xBF \n {}";
    EXPECT_EQ(shape_of(padded), body_shape::json);
    EXPECT_EQ(padded, "{}") << "what stands before the body is taken off";
}

TEST(shape, a_whole_answer_as_a_stream_says_the_same) {
    auto text = as_stream(R"({"id":"c1","object":"chat.completion","created":7,"model":"m","choices":[
        {"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":"a","reasoning":"b",
         "tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{}"}},
                       {"id":"t2","type":"function","function":{"name":"g","arguments":"{}"}}]}}],
        "usage":{"prompt_tokens":3,"completion_tokens":2}})");
    answer_watch seen;
    std::vector<json::object> chunks;
    sse_parser parser;
    for (const auto& event : parser.feed(text)) {
        EXPECT_FALSE(seen.event(event.data));
        if (!seen.done()) chunks.push_back(json::parse(event.data).as_object());
    }
    EXPECT_TRUE(seen.done());
    EXPECT_FALSE(seen.missing(true));
    EXPECT_EQ(seen.generation(), "c1");
    EXPECT_EQ(seen.used()->received, 2);
    ASSERT_EQ(chunks.size(), 3u);
    for (const auto& chunk : chunks)
        EXPECT_EQ(chunk.at("object").as_string(), "chat.completion.chunk");
    const auto& delta = chunks[0].at("choices").at(0).at("delta");
    EXPECT_EQ(delta.at("content").as_string(), "a");
    EXPECT_EQ(delta.at("reasoning").as_string(), "b");
    EXPECT_EQ(delta.at("tool_calls").at(0).at("index").as_int64(), 0);
    EXPECT_EQ(delta.at("tool_calls").at(1).at("index").as_int64(), 1);
    EXPECT_EQ(delta.at("tool_calls").at(1).at("function").at("name").as_string(), "g");
    EXPECT_TRUE(chunks[0].at("choices").at(0).at("finish_reason").is_null());
    EXPECT_EQ(chunks[1].at("choices").at(0).at("finish_reason").as_string(), "tool_calls");
    EXPECT_EQ(chunks[2].at("usage").at("prompt_tokens").as_int64(), 3);
}
