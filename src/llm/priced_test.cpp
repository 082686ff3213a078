#include "llm/priced.hpp"
#include "llm/rewrite.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais::llm;
namespace json = boost::json;

namespace {

/// A request with more in it.
json::object asking(std::string_view more) {
    return json::parse(std::string(R"({"model":"a/b","messages":[{"role":"user","content":"x"}])") +
                       (more.empty() ? "" : ",") + std::string(more) + "}")
        .as_object();
}

json::object saying(std::string_view message) {
    return json::parse(std::string(R"({"model":"a/b","messages":[)") + std::string(message) + "]}").as_object();
}

} // namespace

TEST(priced, what_agents_ask_for_goes_through) {
    for (auto* more : {R"("stream":true,"stream_options":{"include_usage":true},"max_tokens":500,"temperature":0)",
                       R"("max_completion_tokens":500,"reasoning_effort":"low","include_reasoning":true,"top_p":0.95)",
                       R"("reasoning":{"max_tokens":2000},"thinking":{"type":"enabled","budget_tokens":2000})",
                       R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],
                          "tool_choice":{"type":"function","function":{"name":"f"}})",
                       R"("tools":[],"tool_choice":"auto","parallel_tool_calls":false)",
                       R"("response_format":{"type":"json_object"},"usage":{"include":true},"user":"me")"})
        EXPECT_EQ(unpriced(asking(more)), std::nullopt) << more;
    for (auto* message :
         {R"({"role":"system","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}]})",
          R"({"role":"assistant","content":"x","prefix":true,"reasoning_content":"y"})",
          R"({"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function",
              "function":{"name":"f","arguments":"{}"}}]})",
          R"({"role":"tool","tool_call_id":"1","content":[{"type":"text","text":"done"}]})"})
        EXPECT_EQ(unpriced(saying(message)), std::nullopt) << message;
}

TEST(priced, what_may_cost_more_than_its_text_is_refused_by_name) {
    const std::pair<const char*, const char*> table[] = {
        {R"("n":2)", "\"n\""},
        {R"("n":[2])", "\"n\""},
        {R"("best_of":3)", "\"best_of\""},
        {R"("models":["dear/one"])", "\"models\""},
        {R"("route":"fallback")", "\"route\""},
        {R"("plugins":[{"id":"web"}])", "\"plugins\""},
        {R"("web_search_options":{})", "\"web_search_options\""},
        {R"("prediction":{"type":"content","content":"x"})", "\"prediction\""},
        {R"("modalities":["text","audio"])", "\"modalities\""},
        {R"("audio":{"voice":"x"})", "\"audio\""},
        {R"("service_tier":"priority")", "\"service_tier\""},
        {R"("transforms":["middle-out"])", "\"transforms\""},
        {R"("preset":"p")", "\"preset\""},
        {R"("something_new":1)", "\"something_new\""},
        {R"("tools":[{"type":"openrouter:web_search"}])", "openrouter:web_search"},
        {R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"web_fetch_20250910","name":"web_fetch"}])",
         "web_fetch"},
        {R"("tools":[{"type":"function","function":{"name":"f"},"server":"x"}])", "\"server\""},
        {R"("tools":[{"type":"function"}])", "without its function"},
        {R"("tools":["web_search"])", "a tool"},
        {R"("tools":{"type":"web_search"})", "\"tools\""},
        {R"("tool_choice":{"type":"web_search_preview"})", "tool_choice"},
        {R"("cache_control":{"type":"ephemeral","ttl":"1h"})", "cache_control"},
    };
    for (const auto& [more, named] : table) {
        auto why = unpriced(asking(more));
        ASSERT_TRUE(why) << more;
        EXPECT_TRUE(why->contains(named)) << *why;
    }
}

TEST(priced, a_message_is_text) {
    const std::pair<const char*, const char*> table[] = {
        {R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/y.png"}}]})", "image_url"},
        {R"({"role":"user","content":[{"type":"text","text":"x"},{"type":"file","file":{"file_data":"data:,x"}}]})",
         "\"file\""},
        {R"({"role":"user","content":[{"type":"input_audio","input_audio":{}}]})", "input_audio"},
        {R"({"role":"user","content":[{"type":"text","text":"x","image_url":{"url":"https://x"}}]})", "image_url"},
        {R"({"role":"user","content":["x"]})", "no object"},
        {R"({"role":"user","content":{"type":"image_url"}})", "neither text"},
        {R"({"role":"assistant","audio":{"id":"1"}})", "\"audio\""},
        {R"({"role":"user","content":"x","images":["https://x"]})", "\"images\""},
        {R"("text")", "no object"},
    };
    for (const auto& [message, named] : table) {
        auto why = unpriced(saying(message));
        ASSERT_TRUE(why) << message;
        EXPECT_TRUE(why->contains(named)) << *why;
    }
}

TEST(priced, what_says_nothing_is_left_out) {
    auto body =
        asking(R"("n":1,"service_tier":"auto","plugins":[],"prediction":null,"modalities":["text"],"models":null,
                          "temperature":0.5,"user":"me","metadata":{"a":"b"},"prompt_cache_key":"k")");
    EXPECT_EQ(unpriced(body), std::nullopt);
    auto on = passed_on(body);
    EXPECT_EQ(on.size(), 2u) << json::serialize(on);
    EXPECT_TRUE(on.contains("messages"));
    EXPECT_EQ(on["temperature"].as_double(), 0.5);
}

TEST(priced, a_prompt_that_is_kept_is_known) {
    EXPECT_FALSE(writes_cache(asking("")));
    EXPECT_TRUE(writes_cache(asking(R"("cache_control":{"type":"ephemeral"})")));
    EXPECT_TRUE(writes_cache(
        saying(R"({"role":"user","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}]})")));
}

TEST(priced, a_refusal_is_a_400_and_a_model_with_searches_is_refused) {
    rules by{.model = "a/b:online"};
    auto online = read_chat(R"({"model":"a/b:online","messages":[{"role":"user","content":"x"}]})", by);
    ASSERT_FALSE(online);
    EXPECT_EQ(online.error().status, 400);
    auto many = read_chat(json::serialize(asking(R"("n":2)")), {.model = "a/b"});
    ASSERT_FALSE(many);
    EXPECT_EQ(many.error().status, 400);
    EXPECT_FALSE(many.error().again);
}
