#include "llm/dialect.hpp"
#include "llm/limits.hpp"
#include "llm/rewrite.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::llm;
namespace json = boost::json;

namespace {

const rules plain{.model = "a/b", .weak_model = "a/small"};

json::object sent(std::string_view body, const rules& by = plain, std::int64_t tokens = 100) {
    auto c = read_chat(body, by);
    EXPECT_TRUE(c);
    if (!c) return {};
    return json::parse(whole_request(dialect().spoken(c->body, tokens), c->messages)).as_object();
}

} // namespace

TEST(rewrite, a_stream_asks_for_its_usage_and_has_a_finite_number_of_tokens) {
    auto out = sent(R"({"model":"a/b","messages":[{"role":"user","content":"x"}],"stream":true,"temperature":0})");
    EXPECT_EQ(out["stream_options"].at("include_usage").as_bool(), true);
    EXPECT_EQ(out["max_tokens"].as_int64(), 100);
    EXPECT_EQ(out["temperature"].as_int64(), 0);
    EXPECT_FALSE(out.contains("usage")) << "other endpoints refuse fields that they do not know";
    EXPECT_FALSE(sent(R"({"model":"a/b","messages":[{"role":"user","content":"x"}]})").contains("stream_options"));
}

TEST(rewrite, routing_is_ours_to_say) {
    rules by = plain;
    by.provider_json = R"({"zdr":true})";
    auto out =
        sent(R"({"model":"a/b","messages":[{"role":"user"}],"provider":{"order":["x"]},"usage":{"include":true}})", by);
    EXPECT_EQ(out["provider"].at("zdr").as_bool(), true) << "ours, not the agent's";
    EXPECT_FALSE(out["provider"].as_object().contains("order"));
    EXPECT_FALSE(out.contains("usage")) << "every answer has it";
}

TEST(rewrite, what_a_repository_demands_of_routing_is_added_to_ours_and_the_stricter_wins) {
    const auto* body = R"({"model":"a/b","messages":[{"role":"user"}],"provider":{"zdr":false}})";
    rules by = plain;
    EXPECT_FALSE(sent(body, by).contains("provider"));
    by.data = {.zero_retention = true, .no_collection = true};
    EXPECT_EQ(json::serialize(sent(body, by)["provider"]), R"({"zdr":true,"data_collection":"deny"})");
    by.provider_json = R"({"only":["x"],"data_collection":"allow"})";
    EXPECT_EQ(json::serialize(sent(body, by)["provider"]), R"({"only":["x"],"data_collection":"deny","zdr":true})");
    by.provider_json = R"({"zdr":true,"data_collection":"deny"})";
    by.data = {};
    EXPECT_EQ(json::serialize(sent(body, by)["provider"]), by.provider_json) << "it takes nothing away";
}

TEST(rewrite, a_model_that_the_repository_does_not_allow_is_refused_before_anything_is_spent) {
    rules by = plain;
    by.data.models = {"openrouter/a/b"};
    EXPECT_EQ(sent(R"({"model":"a/b","messages":[{"role":"user"}]})", by)["model"].as_string(), "a/b");
    auto small = read_chat(R"({"model":"a/small","messages":[{"role":"user"}]})", by);
    ASSERT_FALSE(small);
    EXPECT_EQ(small.error().why, cause::policy);
    EXPECT_EQ(small.error().status, 403);
    EXPECT_EQ(small.error().sentence, "The repository of this task does not allow the model a/small.");
}

TEST(rewrite, the_agent_may_use_the_models_of_its_task_and_no_other) {
    EXPECT_EQ(sent(R"({"model":"openrouter/a/b","messages":[{"role":"user","content":"x"}]})")["model"].as_string(),
              "a/b");
    EXPECT_EQ(sent(R"({"model":"a/small","messages":[{"role":"user","content":"x"}]})")["model"].as_string(),
              "a/small");
    for (auto* other : {"c/d", "a/b:online", "", "a/b "}) {
        auto c = read_chat(json::serialize(json::object{{"model", other}, {"messages", {{{"role", "user"}}}}}), plain);
        ASSERT_FALSE(c) << other;
        EXPECT_EQ(c.error().status, 404);
        EXPECT_EQ(c.error().why, cause::model);
    }
    EXPECT_FALSE(read_chat(R"({"model":"","messages":[{"role":"user","content":"x"}]})", {.model = "a/b"}))
        << "no weak model is not the empty name";
}

TEST(rewrite, bad_input_is_a_400_with_a_sentence) {
    std::string deep(limits::model_json_depth + 1, '[');
    for (std::string text :
         {std::string("no json"), std::string("[]"), std::string("{}"), std::string(R"({"model":"a/b"})"),
          std::string(R"({"model":7,"messages":[{"role":"user","content":"x"}]})"),
          R"({"model":"a/b","messages":)" + deep}) {
        auto c = read_chat(text, plain);
        ASSERT_FALSE(c) << text;
        EXPECT_EQ(c.error().status, 400) << text;
        EXPECT_FALSE(c.error().sentence.empty());
    }
}

TEST(rewrite, a_tasks_session_is_told_to_openrouter_alone) {
    EXPECT_EQ(session_id("https://openrouter.ai/api/v1", {17}), "persais-17");
    EXPECT_EQ(session_id("https://OpenRouter.ai/api/v1", {17}), "persais-17");
    for (auto* other :
         {"http://localhost:11434/v1", "https://openrouter.ai.example.net/v1", "https://example.net/openrouter.ai"})
        EXPECT_EQ(session_id(other, {17}), "") << other;
    auto with = plain;
    with.session = "persais-17";
    constexpr auto asked = R"({"model":"a/b","messages":[{"role":"user","content":"x"}],"session_id":"of the agent"})";
    EXPECT_EQ(read_chat(asked, with)->body["session_id"], "persais-17");
    EXPECT_FALSE(read_chat(asked, plain)->body.contains("session_id"));
}

TEST(rewrite, the_tokens_of_an_answer_are_bounded_by_wish_model_and_ourselves) {
    chat c;
    model_facts f;
    EXPECT_EQ(tokens_wanted(c, f, 10, 2), limits::model_output_tokens);
    c.asked_tokens = 1'000'000;
    EXPECT_EQ(tokens_wanted(c, f, 10, 2), 1'000'000) << "the agent's own bound";
    c.asked_tokens = 50;
    EXPECT_EQ(tokens_wanted(c, f, 10, 2), 50);
    c.asked_tokens = 0;
    f.max_output_tokens = 128'000;
    EXPECT_EQ(tokens_wanted(c, f, 10, 2), limits::model_output_tokens) << "without prices the budget bounds nothing";
    c.asked_tokens = 1'000'000;
    EXPECT_EQ(tokens_wanted(c, f, 10, 2), 128'000) << "what the model can";
    c.asked_tokens = 0;
    f.max_output_tokens = 4096;
    EXPECT_EQ(tokens_wanted(c, f, 10, 2), 4096);
    f.context_tokens = 8000;
    EXPECT_EQ(tokens_wanted(c, f, 5000, 2), 3000);
    EXPECT_EQ(tokens_wanted(c, f, 9000, 2), 2000) << "the prompt is over-estimated: a quarter stays";
}

TEST(rewrite, an_answer_may_be_as_long_as_the_model_and_half_of_the_budget_allow) {
    chat c;
    model_facts f{.max_output_tokens = 1'000'000, .price_prompt = 1, .price_completion = 10};
    EXPECT_EQ(tokens_wanted(c, f, 10, 2), 100'000) << "a dollar's worth";
    EXPECT_EQ(tokens_wanted(c, f, 10, 200), 1'000'000);
    EXPECT_EQ(tokens_wanted(c, f, 10, 0.1), limits::model_output_tokens) << "which the budget shrinks by itself";
    f.bands = {{.from_prompt_tokens = 100, .price_prompt = {}, .price_completion = 20, .price_cache_write = {}}};
    EXPECT_EQ(tokens_wanted(c, f, 100, 2), 50'000);
    f.bands.clear();
    f.price_completion = 0;
    EXPECT_EQ(tokens_wanted(c, f, 10, 2), 1'000'000) << "it costs nothing";
    f.context_tokens = 200'000;
    EXPECT_EQ(tokens_wanted(c, f, 50'000, 2), 150'000);
}

TEST(rewrite, the_newer_name_of_max_tokens_is_kept) {
    auto out = sent(R"({"model":"a/b","messages":[{"role":"user","content":"x"}],"max_completion_tokens":9})");
    EXPECT_EQ(out["max_completion_tokens"].as_int64(), 100);
    EXPECT_FALSE(out.contains("max_tokens"));
}

TEST(rewrite, what_is_sent_says_each_name_once_and_what_was_judged) {
    auto text_of = [](std::string_view body) {
        auto c = read_chat(body, plain);
        return c ? whole_request(dialect().spoken(c->body, 100), c->messages) : c.error().sentence;
    };
    auto text = text_of(R"({"messages":[{"role":"user","content":"a"}],"model":"c/d","temperature":1,"stream":false,)"
                        R"("messages":[{"role":"user","role":"assistant","content":"b","content":"c"}],)"
                        R"("model":"a/b","temperature":0,"stream":true,"max_tokens":5,"max_tokens":7})");
    for (auto* name : {"messages", "model", "temperature", "stream", "max_tokens", "role", "content"}) {
        auto quoted = '"' + std::string(name) + "\":";
        EXPECT_EQ(text.find(quoted), text.rfind(quoted)) << text;
        EXPECT_NE(text.find(quoted), text.npos) << text;
    }
    auto out = json::parse(text).as_object();
    EXPECT_EQ(out["messages"], json::parse(R"([{"role":"assistant","content":"c"}])"));
    EXPECT_EQ(out["model"], "a/b");
    EXPECT_EQ(out["max_tokens"], 100);
    auto last = read_chat(R"({"model":"a/b","messages":[{"role":"user"}],"messages":[{"role":"assistant"}],)"
                          R"("max_tokens":5,"max_tokens":7})",
                          plain);
    EXPECT_TRUE(last && last->continues && last->asked_tokens == 7);
    EXPECT_EQ(text_of(R"({"model":"a/b","model":"c/d","messages":[{"role":"user"}]})"),
              "No endpoints found for c/d. This task uses a/b.");
    EXPECT_FALSE(read_chat(R"({"model":"a/b","messages":[{"role":"user"}],"messages":[]})", plain));
}

TEST(rewrite, the_messages_stand_whole_before_the_rest) {
    const auto* messages = R"([{"role":"user","content":"\"},{[:\n"}])";
    EXPECT_EQ(whole_request({}, messages), std::string(R"({"messages":)") + messages + "}");
    EXPECT_EQ(whole_request({{"model", "m"}, {"n", 1}}, messages),
              std::string(R"({"messages":)") + messages + R"(,"model":"m","n":1})");
}

namespace {

/// The messages as they go on.
std::string passed(const std::string& body) {
    auto c = read_chat(body, plain);
    return c ? c->messages : "refused: " + c.error().sentence;
}
std::string with(const std::string& messages) {
    return R"({"model":"a/b","messages":)" + messages + R"(,"stream":true})";
}

} // namespace

TEST(rewrite, messages_go_on_as_the_agent_wrote_them) {
    for (const std::string messages : {
             R"([{"role":"user","content":"x"}])",
             R"([ { "role" : "user" , "content" : "a\u0062\n\"messages\":[1]" } ])",
             R"([{"role":"user","content":"}],\\"},{"role":"assistant","content":"{\\\"[:"}])",
             R"([{"role":"user","content":[{"type":"text","text":"a: {\"b\": 1}"},{"type":"text","text":""}]}])",
             R"([{"role":"user","content":"\\"},{"role":"user","content":"\""}])",
             "[\n{\"role\":\"user\",\n\t\"content\":\"\xc3\xa4 \xf0\x9f\x98\x80\"}\n]",
         }) {
        EXPECT_EQ(passed(with(messages)), messages);
        EXPECT_EQ(json::parse(passed(with(messages))), json::parse(messages));
        EXPECT_EQ(passed(R"({ "messages" :)" + messages + R"(, "model":"a/b" })"), messages);
        EXPECT_EQ(passed(R"({"stop":["messages","}"],"model":"a/b","messages":)" + messages + "}"), messages);
    }
}

TEST(rewrite, what_was_looked_at_is_what_goes_on_when_something_is_named_twice) {
    const std::string picture = R"([{"type":"image_url","image_url":{"url":"https://x/y"}}])", text = R"("x")";
    auto message = [](const std::string& first, const std::string& last) {
        return R"([{"role":"user","content":)" + first + R"(,"content":)" + last + "}]";
    };
    auto refused_or_without = [](const std::string& body) {
        auto out = passed(body);
        EXPECT_TRUE(out.starts_with("refused: ") || !out.contains("image_url")) << body << " -> " << out;
        EXPECT_FALSE(out.contains("\"content\":\"x\",\"content\"")) << out;
    };
    for (const auto& twice : {message(picture, text), message(text, picture)})
        refused_or_without(with(twice));
    auto harmless = R"([{"role":"user","content":"x"}])", harmful = R"([{"role":"user","content":)";
    auto bad = harmful + picture + "}]";
    refused_or_without(R"({"model":"a/b","messages":)" + bad + R"(,"messages":)" + harmless + "}");
    refused_or_without(R"({"model":"a/b","messages":)" + std::string(harmless) + R"(,"messages":)" + bad + "}");
    refused_or_without(R"({"model":"a/b","messag\u0065s":)" + bad + R"(,"messages":)" + harmless + "}");
    refused_or_without(R"({"model":"a/b","messages":)" + bad + R"(,"messag\u0065s":)" + harmless + "}");
    // An escaped name is the same name to who reads it, and is counted as one.
    refused_or_without(with(R"([{"role":"user","c\u006fntent":)" + picture + R"(,"content":"x"}])"));
    refused_or_without(with(R"([{"role":"user","content":"x","c\u006fntent":)" + picture + "}]"));
}
