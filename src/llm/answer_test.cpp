#include "llm/answer.hpp"
#include "llm/models.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais::llm;
namespace json = boost::json;

namespace {

json::object object(std::string_view text) {
    return json::parse(text).as_object();
}

} // namespace

TEST(answer, a_stream_that_ended_is_whole_with_a_finish_reason) {
    answer_watch w;
    EXPECT_FALSE(w.event(R"({"id":"gen-1","choices":[{"delta":{"content":"a"},"finish_reason":null}]})"));
    EXPECT_EQ(w.generation(), "gen-1");
    EXPECT_TRUE(w.missing(true));
    EXPECT_FALSE(w.event(R"({"id":"gen-1","choices":[{"delta":{},"finish_reason":"stop"}]})"));
    EXPECT_FALSE(w.missing(true)) << "not every endpoint says [DONE]";
    EXPECT_FALSE(w.event(R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"cost":0.5}})"));
    EXPECT_FALSE(w.event("[DONE]"));
    EXPECT_FALSE(w.missing(true));
    EXPECT_EQ(w.used()->sent, 3);
    EXPECT_EQ(w.used()->cost_usd, 0.5);
}

TEST(answer, done_without_a_finish_reason_is_no_whole_answer) {
    answer_watch w;
    EXPECT_FALSE(w.event(R"({"choices":[{"delta":{"content":"a"},"finish_reason":null}]})"));
    EXPECT_FALSE(w.event("[DONE]"));
    auto t = w.missing(true);
    ASSERT_TRUE(t);
    EXPECT_EQ(t->why, cause::network);
}

TEST(answer, errors_are_found_wherever_they_hide) {
    for (auto* text :
         {R"({"error":{"code":429,"message":"slow"}})",
          R"({"choices":[{"error":{"code":429,"message":"slow"},"finish_reason":"error"}]})",
          R"({"error":{"code":"429","message":"slow"},"choices":[{"delta":{},"finish_reason":"error"}]})"}) {
        answer_watch stream, whole;
        auto t = stream.event(text);
        ASSERT_TRUE(t) << text;
        EXPECT_EQ(t->why, cause::rate);
        EXPECT_TRUE(whole.body(text, {}));
    }
    answer_watch w;
    EXPECT_TRUE(w.event(R"({"choices":[{"delta":{},"finish_reason":"error"}]})"));
    EXPECT_TRUE(w.event("half a {"));
    EXPECT_TRUE(w.event("[1]"));
    EXPECT_FALSE(w.event(R"({"error":null,"choices":[]})"));
}

TEST(money, the_cost_is_the_endpoints_else_by_prices_else_tokens) {
    model_facts priced{.known = true, .price_prompt = 3, .price_completion = 15};
    auto said = bill_for(read_usage(object(R"({"prompt_tokens":10,"completion_tokens":2,"cost":0.25})")), priced);
    EXPECT_EQ(said.by, "cost");
    EXPECT_DOUBLE_EQ(said.cost_usd, 0.25);
    auto counted = bill_for(read_usage(object(R"({"prompt_tokens":1000000,"completion_tokens":100000})")), priced);
    EXPECT_EQ(counted.by, "prices");
    EXPECT_DOUBLE_EQ(counted.cost_usd, 4.5);
    auto tokens = bill_for(read_usage(object(R"({"prompt_tokens":7,"completion_tokens":1})")), {});
    EXPECT_EQ(tokens.by, "tokens");
    EXPECT_EQ(tokens.cost_usd, 0);
    EXPECT_EQ(tokens.tokens.sent, 7);
}

TEST(money, a_call_may_have_a_price_of_its_own) {
    auto list = read_models(object(R"({"data":[{"id":"a/searching","pricing":
        {"prompt":"0.000001","completion":"0.000002","internal_reasoning":"0.000003","request":"0.005"}}]})"));
    auto facts = look_up(list, "a/searching");
    EXPECT_NEAR(facts.price_request, 0.005, 1e-12);
    EXPECT_NEAR(facts.price_completion.value(), 3, 1e-9) << "thoughts are answers, at the dearer price";
    EXPECT_EQ(paid_prompt_tokens(100, false, facts), 5100) << "5000 tokens of a prompt cost as much";
    EXPECT_EQ(paid_prompt_tokens(100, true, facts), 5126);
    EXPECT_NEAR(bill_for({.sent = 100, .received = 10}, facts).cost_usd, 0.0001 + 0.00003 + 0.005, 1e-9);
    EXPECT_NEAR(least_reservation(5100, 10, facts), 0.0051 + 0.00003, 1e-9);
    EXPECT_EQ(paid_prompt_tokens(100, false, {}), 100);
}

TEST(money, with_an_own_provider_key_the_upstreams_price_is_added_to_the_fee) {
    auto cost = [](auto text) { return read_usage(object(text)).cost_usd.value(); };
    EXPECT_DOUBLE_EQ(cost(R"({"cost":0.05,"is_byok":true,"cost_details":{"upstream_inference_cost":1.0}})"), 1.05);
    EXPECT_DOUBLE_EQ(cost(R"({"cost":0.05,"cost_details":{"upstream_inference_cost":1.0}})"), 1.05);
    EXPECT_DOUBLE_EQ(cost(R"({"cost":1.0,"is_byok":false,"cost_details":{"upstream_inference_cost":1.0}})"), 1.0);
    EXPECT_DOUBLE_EQ(cost(R"({"cost":1.0,"cost_details":{"upstream_inference_cost":null}})"), 1.0);
}

TEST(money, nonsense_of_an_endpoint_is_no_cost) {
    auto u = read_usage(object(R"({"prompt_tokens":-5,"completion_tokens":"7","cost":-1})"));
    EXPECT_EQ(u.sent, 0);
    EXPECT_EQ(u.received, 0);
    EXPECT_FALSE(u.cost_usd);
}

TEST(models, prices_are_dollars_a_million_and_negative_means_unknown) {
    auto list = read_models(object(R"({"data":[
        {"id":"a/b","context_length":200000,"top_provider":{"max_completion_tokens":64000},
         "pricing":{"prompt":"0.000003","completion":"0.000015"}},
        {"id":"openrouter/auto","pricing":{"prompt":"-1","completion":"-1"}},
        {"id":"bare"}, 7, {"no":"id"}]})"));
    EXPECT_EQ(list.size(), 3u);
    auto f = look_up(list, "a/b");
    EXPECT_TRUE(f.known);
    EXPECT_NEAR(f.price_prompt.value(), 3, 1e-9);
    EXPECT_NEAR(f.price_completion.value(), 15, 1e-9);
    EXPECT_EQ(f.context_tokens, 200000);
    EXPECT_EQ(f.max_output_tokens, 64000);
    EXPECT_FALSE(look_up(list, "openrouter/auto").price_prompt);
    EXPECT_TRUE(look_up(list, "bare").known);
    EXPECT_FALSE(look_up(list, "c/d").known);
    EXPECT_TRUE(look_up(list, "a/b:nitro").known) << "a variant of routing costs what the model costs";
}

TEST(models, an_alias_that_is_not_listed_costs_what_the_dearest_of_its_family_does) {
    auto list = read_models(object(R"({"data":[
        {"id":"v/model-fine-4.5","context_length":100,"pricing":{"prompt":"0.000003","completion":"0.000015"}},
        {"id":"v/model-3.5-fine","context_length":50,"pricing":{"prompt":"0.000006","completion":"0.00001"}},
        {"id":"v/model-coarse","pricing":{"prompt":"1","completion":"0.5"}},
        {"id":"w/model-fine-9","pricing":{"prompt":"0.5","completion":"0.5"}}]})"));
    auto f = look_up(list, "~v/model-fine-latest");
    EXPECT_TRUE(f.known);
    EXPECT_NEAR(f.price_prompt.value(), 6, 1e-9);
    EXPECT_NEAR(f.price_completion.value(), 15, 1e-9);
    EXPECT_EQ(f.context_tokens, 50);
    EXPECT_FALSE(look_up(list, "~v/other-latest").known);
}
