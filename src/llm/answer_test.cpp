#include "llm/answer.hpp"
#include "llm/models.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
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
    auto said =
        bill_for(read_usage(object(R"({"prompt_tokens":10,"completion_tokens":2,"cost":0.25})")), false, priced);
    EXPECT_EQ(said.by, "cost");
    EXPECT_DOUBLE_EQ(said.cost_usd, 0.25);
    auto counted =
        bill_for(read_usage(object(R"({"prompt_tokens":1000000,"completion_tokens":100000})")), false, priced);
    EXPECT_EQ(counted.by, "prices");
    EXPECT_DOUBLE_EQ(counted.cost_usd, 4.5);
    auto tokens = bill_for(read_usage(object(R"({"prompt_tokens":7,"completion_tokens":1})")), false, {});
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
    EXPECT_NEAR(quote_for(100, false, facts).prompt_usd.value(), 0.0051, 1e-12);
    EXPECT_NEAR(quote_for(100, true, facts).prompt_usd.value(), 0.005125, 1e-12)
        << "to have it kept costs a quarter more";
    EXPECT_NEAR(bill_for({.sent = 100, .received = 10}, false, facts).cost_usd, 0.0001 + 0.00003 + 0.005, 1e-9);
    EXPECT_NEAR(least_reservation(quote_for(100, false, facts), 10), 0.0051 + 0.00003, 1e-9);
    EXPECT_FALSE(quote_for(100, false, {}).prompt_usd);
    EXPECT_EQ(least_reservation(quote_for(100, false, {}), 10), 0) << "not known";
}

TEST(money, a_prompt_without_told_cost_is_counted_as_it_is_reserved) {
    for (auto write : {std::optional<double>(), std::optional(3.0), std::optional(7.5)})
        for (bool keeps : {false, true}) {
            model_facts facts{.known = true, .price_prompt = 3, .price_completion = 15, .price_cache_write = write};
            facts.bands = {{.from_prompt_tokens = 1000, .price_prompt = 6, .price_cache_write = 9}};
            for (std::int64_t sent : {999, 1000})
                EXPECT_DOUBLE_EQ(bill_for({.sent = sent}, keeps, facts).cost_usd,
                                 quote_for(sent, keeps, facts).prompt_usd.value());
        }
    model_facts plain{.known = true, .price_prompt = 3, .price_completion = 15};
    EXPECT_DOUBLE_EQ(bill_for({.sent = 1'000'000, .received = 100'000}, true, plain).cost_usd, 3.75 + 1.5);
    EXPECT_EQ(bill_for({.sent = 10, .cost_usd = 0.25}, true, plain).cost_usd, 0.25) << "what is told stands";
}

TEST(money, a_fee_counts_whatever_it_is_and_whatever_the_tokens_cost) {
    auto facts = [](std::string_view pricing) {
        return look_up(read_models(object(fmt::format(R"({{"data":[{{"id":"m","pricing":{}}}]}})", pricing))), "m");
    };
    for (double fee : {0.5, 1.0, 1.5, 250.0}) {
        auto dear = facts(fmt::format(R"({{"prompt":"0","completion":"0","request":"{}"}})", fee));
        EXPECT_EQ(dear.price_request, fee);
        EXPECT_EQ(quote_for(100, false, dear).prompt_usd, fee) << "tokens that cost nothing";
        EXPECT_EQ(least_reservation(quote_for(100, false, dear), 10), fee);
        EXPECT_EQ(bill_for({.sent = 100, .received = 10}, false, dear).cost_usd, fee);
    }
}

TEST(money, a_long_prompt_costs_what_the_list_says_of_its_length) {
    auto list = read_models(object(R"({"data":[{"id":"m","pricing":{"prompt":"0.00001","completion":"0.00005",
        "input_cache_write":"0.0000125","overrides":[{"min_prompt_tokens":272000,"prompt":"0.00002",
        "completion":"0.000075","input_cache_write":"0.00004"},{"when":"night","prompt":"0.000011"}]}}]})"));
    auto facts = look_up(list, "m");
    EXPECT_NEAR(quote_for(271'999, false, facts).prompt_usd.value(), 271'999 * 11 / 1e6, 1e-9)
        << "what holds at times is reserved always";
    EXPECT_NEAR(quote_for(272'000, false, facts).prompt_usd.value(), 272'000 * 20 / 1e6, 1e-9);
    EXPECT_NEAR(quote_for(272'000, false, facts).answer_token_usd.value(), 75 / 1e6, 1e-12);
    EXPECT_NEAR(quote_for(272'000, true, facts).prompt_usd.value(), 272'000 * 40 / 1e6, 1e-9);
    EXPECT_NEAR(quote_for(1000, true, facts).prompt_usd.value(), 1000 * 13.75 / 1e6, 1e-9);
    EXPECT_NEAR(bill_for({.sent = 300'000, .received = 1000}, false, facts).cost_usd, 6 + 0.075, 1e-9);
}

TEST(money, with_an_own_provider_key_the_upstreams_price_is_added_to_the_fee) {
    auto cost = [](auto text) { return read_usage(object(text)).cost_usd.value(); };
    EXPECT_DOUBLE_EQ(cost(R"({"cost":0.05,"is_byok":true,"cost_details":{"upstream_inference_cost":1.0}})"), 1.05);
    EXPECT_DOUBLE_EQ(cost(R"({"cost":0.05,"cost_details":{"upstream_inference_cost":1.0}})"), 1.05);
    EXPECT_DOUBLE_EQ(cost(R"({"cost":1.0,"is_byok":false,"cost_details":{"upstream_inference_cost":1.0}})"), 1.0);
    EXPECT_DOUBLE_EQ(cost(R"({"cost":1.0,"cost_details":{"upstream_inference_cost":null}})"), 1.0);
    auto silent = read_usage(object(R"({"cost":0.0,"is_byok":true,"cost_details":{"upstream_inference_cost":null}})"));
    EXPECT_FALSE(silent.cost_usd) << "the fee alone is not what it cost";
}

TEST(money, nonsense_of_an_endpoint_is_no_cost) {
    auto u = read_usage(object(R"({"prompt_tokens":-5,"completion_tokens":"7","cost":-1})"));
    EXPECT_EQ(u.sent, 0);
    EXPECT_EQ(u.received, 0);
    EXPECT_FALSE(u.cost_usd);
    for (auto* text : {R"({"usage":null})", R"({"usage":[1]})", R"({"usage":"none"})", R"({"usage":{"cost":null}})"}) {
        answer_watch w;
        EXPECT_FALSE(w.event(text));
        EXPECT_FALSE(w.used()) << text;
    }
    auto huge = read_usage(object(R"({"prompt_tokens":5000000000,"completion_tokens":1e300,"cost":1e308,
                                      "prompt_tokens_details":{"cached_tokens":1e300}})"));
    EXPECT_EQ(huge.sent, 5'000'000'000);
    EXPECT_EQ(huge.received, 1'000'000'000'000);
    EXPECT_EQ(huge.cached, huge.sent);
    EXPECT_EQ(huge.cost_usd, 1e12) << "two of these have a sum";
}

TEST(money, what_was_cached_is_a_part_of_what_was_sent) {
    auto cached = [](auto text) { return read_usage(object(text)).cached; };
    EXPECT_EQ(cached(R"({"prompt_tokens":100,"prompt_tokens_details":{"cached_tokens":80}})"), 80);
    EXPECT_EQ(cached(R"({"prompt_tokens":100,"prompt_cache_hit_tokens":64})"), 64) << "DeepSeek's own name";
    EXPECT_EQ(cached(R"({"prompt_tokens":100,"prompt_tokens_details":null})"), 0);
    EXPECT_EQ(cached(R"({"prompt_tokens":100,"prompt_tokens_details":{"cached_tokens":-3}})"), 0);
}

TEST(money, usage_in_several_pieces_is_that_of_all) {
    answer_watch w;
    EXPECT_FALSE(w.event(R"({"usage":{"prompt_tokens":100,"completion_tokens":1,"cost":0.5}})"));
    EXPECT_FALSE(w.event(R"({"usage":{"completion_tokens":40}})"));
    ASSERT_TRUE(w.used());
    EXPECT_EQ(w.used()->sent, 100);
    EXPECT_EQ(w.used()->received, 40);
    EXPECT_EQ(w.used()->cost_usd, 0.5);
}

TEST(answer, that_broke_off_after_words_of_the_model_may_have_a_price) {
    auto broken = [](std::initializer_list<const char*> events) {
        answer_watch w;
        std::optional<call_error> t;
        for (auto* one : events)
            t = w.event(one);
        return t.value();
    };
    constexpr auto error = R"({"error":{"code":502,"message":"gone"},"choices":[{"delta":{"content":""}}]})";
    EXPECT_FALSE(broken({R"({"choices":[{"delta":{"role":"assistant","content":"x"}}]})", error}).free());
    EXPECT_TRUE(broken({R"({"choices":[{"delta":{"role":"assistant","content":""}}]})", error}).free());
    answer_watch whole;
    auto t = whole.body(R"({"choices":[{"message":{"content":"half of"},"error":{"code":502,"message":"gone"}}]})", {});
    ASSERT_TRUE(t);
    EXPECT_FALSE(t->free());
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

TEST(models, a_price_that_is_no_number_of_dollars_is_unknown) {
    for (auto* price : {R"("-1")", "-1", R"("nan")", R"("inf")", R"("-0.000001")", R"("0.01 USD")", R"("")",
                        R"("1e999")", "null", "[]", "true"}) {
        auto list = read_models(
            object(fmt::format(R"({{"data":[{{"id":"m","pricing":{{"prompt":{},"completion":"0.1"}}}}]}})", price)));
        EXPECT_FALSE(look_up(list, "m").priced()) << price;
    }
    auto list = read_models(object(R"({"data":[{"id":"m","pricing":{"prompt":"2","completion":3}}]})"));
    EXPECT_EQ(look_up(list, "m").price_prompt, 2e6) << "absurd, and believed: it is refused as dearer than the budget";
    EXPECT_EQ(look_up(list, "m").price_completion, 3e6);
}

TEST(models, a_listed_alias_costs_what_it_says_and_what_it_stands_for) {
    auto list = read_models(object(R"({"data":[
        {"id":"~v/fine-latest","canonical_slug":"~v/fine-latest","alias_target":{"name":"Fine","slug":"v/fine-5"},
         "context_length":100,"pricing":{"prompt":"0.000003","completion":"0.000015"}},
        {"id":"~v/bare-latest","alias_target":{"slug":"v/fine-5"}},
        {"id":"~v/lost-latest","alias_target":{"slug":"v/none"}},
        {"id":"v/fine-5","canonical_slug":"v/fine-5-20300101","context_length":90,
         "pricing":{"prompt":"0.000004","completion":"0.00001"}},
        {"id":"v/lost-4","pricing":{"prompt":"0.000009","completion":"0.000009"}},
        {"id":"openrouter/auto","pricing":{"prompt":"-1","completion":"-1"}},
        {"id":"v/fine-4","pricing":{"prompt":"0.9","completion":"0.9"}}]})"));
    auto alias = look_up(list, "~v/fine-latest");
    EXPECT_NEAR(alias.price_prompt.value(), 4, 1e-9) << "what it stands for is dearer";
    EXPECT_NEAR(alias.price_completion.value(), 15, 1e-9);
    EXPECT_EQ(alias.context_tokens, 90);
    EXPECT_NEAR(look_up(list, "~v/bare-latest").price_prompt.value(), 4, 1e-9);
    EXPECT_NEAR(look_up(list, "~v/lost-latest").price_prompt.value(), 9, 1e-9) << "its family's";
    // An answer names the model that gave it by its other name.
    for (auto* asked : {"~v/fine-latest", "~v/unlisted-latest", "openrouter/auto"})
        for (auto* answering : {"v/fine-5-20300101", "v/fine-5"})
            EXPECT_NEAR(of_answering(list, asked, answering, alias).price_completion.value(), 10, 1e-9) << asked;
    EXPECT_NEAR(of_answering(list, "~v/fine-latest", "v/unheard", alias).price_completion.value(), 15, 1e-9);
    EXPECT_NEAR(of_answering(list, "v/lost-4", "v/fine-5", look_up(list, "v/lost-4")).price_prompt.value(), 9, 1e-9)
        << "a model that has a price is paid by it, whatever its endpoint calls it";
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
