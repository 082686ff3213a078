#include "http/limits.hpp"
#include "llm/testing_world.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <spdlog/sinks/ostream_sink.h>

using namespace persais;
using namespace persais::llm;
using namespace persais::llm::testing;
using namespace std::chrono_literals;
using boost::json::array;
using boost::json::object;

TEST(gateway, forwards_a_stream_and_settles_what_it_cost) {
    world w(steps({{{"reply", std::string(400, 'x')}}}));
    w.start();
    auto token = w.begin();
    w.run([&]() -> awaitable<> {
        auto got = co_await w.ask(w.chat(token));
        EXPECT_EQ(got.status, 200);
        EXPECT_EQ(http::header(got.fields, "Content-Type"), "text/event-stream");
        EXPECT_TRUE(got.body.ends_with("data: [DONE]\n\n")) << got.body;
        EXPECT_EQ(co_await w.calls(), "ok:cost");
        auto s = co_await w.gate->spent_by(task_id{1});
        EXPECT_EQ(s.calls, 1);
        EXPECT_EQ(s.tokens_received, 100);
        EXPECT_GT(s.tokens_sent, 0);
        EXPECT_NEAR(s.cost_usd, (static_cast<double>(s.tokens_sent) * 3 + 100 * 15) / 1e6, 1e-9);
        EXPECT_FALSE(s.estimated);
    });
    EXPECT_EQ(w.gate->failure_of(token).why, cause::none);
    auto asked = w.models.requests(1).at(0);
    EXPECT_TRUE(asked["authorized"].as_bool());
    EXPECT_FALSE(asked["key_elsewhere"].as_bool());
    EXPECT_TRUE(asked["body"].at("stream_options").at("include_usage").as_bool());
    EXPECT_GT(w.alive, 0);
}

TEST(gateway, forwards_a_whole_answer) {
    world w(steps({{{"reply", "forty-two"}}}));
    w.start();
    auto token = w.begin();
    w.run([&]() -> awaitable<> {
        auto spec = w.chat(token, false);
        spec.url = "http://gateway/chat/completions";
        auto got = co_await w.ask(spec);
        EXPECT_EQ(got.status, 200);
        EXPECT_EQ(boost::json::parse(got.body).at("choices").at(0).at("message").at("content").as_string(),
                  "forty-two");
        EXPECT_EQ(co_await w.calls(), "ok:cost");
    });
}

TEST(gateway, the_first_piece_is_with_the_agent_while_the_endpoint_still_writes) {
    temp_dir f;
    auto go = (f.path() / "go").string();
    world w(steps({{{"reply", std::string(1000, 'x')}, {"hold_until_file", go}, {"after_chunks", 1}}}));
    w.start();
    auto token = w.begin();
    w.run([&]() -> awaitable<> {
        auto open = co_await w.client->open(w.chat(token));
        EXPECT_TRUE(open);
        std::string got;
        while (got.find("xxx") == got.npos)
            got += (co_await (*open)->read()).value_or("xxx broken");
        EXPECT_EQ(got.find("[DONE]"), got.npos) << "the endpoint is held until the file is there";
        std::ofstream(go) << "";
        for (;;) {
            auto piece = co_await (*open)->read();
            if (!piece || piece->empty()) break;
            got += *piece;
        }
        EXPECT_TRUE(got.ends_with("data: [DONE]\n\n"));
    });
}

TEST(gateway, a_comment_is_a_sign_of_life_and_is_passed_on) {
    world w(steps({{{"reply", "hi"}, {"keepalive_comments", 5}, {"interval_ms", 5}, {"after_chunks", 0}}}));
    w.start();
    auto token = w.begin();
    w.run([&]() -> awaitable<> {
        auto got = co_await w.ask(w.chat(token));
        EXPECT_NE(got.body.find(": OPENROUTER PROCESSING\n\n"), got.body.npos) << got.body;
    });
    EXPECT_GE(w.alive, 2);
}

namespace {

struct refusal_row {
    object error;
    cause why;
    int status;
};

} // namespace

TEST(gateway, an_error_that_will_not_pass_is_told_at_once_with_its_cause) {
    const refusal_row table[] = {
        {{{"status", 401}}, cause::key, 401},
        {{{"status", 402}}, cause::credit, 402},
        {{{"status", 403}}, cause::policy, 403},
        {{{"status", 404}}, cause::model, 404},
        {{{"status", 400}, {"message", "maximum context length is 5 tokens"}}, cause::context, 400},
    };
    array all;
    for (const auto& row : table)
        for (int streamed = 0; streamed < 2; ++streamed)
            for (auto* where : {"error", "error_in_200"})
                all.push_back({{where, row.error}});
    world w(steps(all));
    w.start();
    w.run([&]() -> awaitable<> {
        for (const auto& row : table)
            for (bool stream : {true, false})
                for (auto* where : {"error", "error_in_200"}) {
                    auto token = w.begin(); // for some of these no further call of a session is passed on
                    auto got = co_await w.ask(w.chat(token, stream));
                    EXPECT_EQ(got.status, row.status) << where;
                    EXPECT_EQ(w.gate->failure_of(token).why, row.why) << where;
                    EXPECT_EQ(w.gate->failure_of(token).sentence, message(got));
                }
        EXPECT_EQ((co_await w.gate->spent_by(task_id{1})).cost_usd, 0) << "a refusal costs nothing";
    });
    EXPECT_EQ(w.models.requests(all.size()).size(), all.size()) << "each was asked once: a step answers one request";
}

TEST(gateway, after_a_final_refusal_no_further_call_is_passed_on) {
    world w(steps({{{"error", {{"status", 401}}}}, {{"reply", "new"}}, {{"reply", "other"}}}));
    w.start();
    auto token = w.begin();
    w.run([&]() -> awaitable<> {
        auto first = co_await w.ask(w.chat(token));
        for (int i = 0; i < 3; ++i) {
            auto again = co_await w.ask(w.chat(token, i % 2 == 0));
            EXPECT_EQ(again.status, 401);
            EXPECT_EQ(message(again), message(first));
        }
        EXPECT_EQ(w.gate->failure_of(token).why, cause::key);
        w.gate->renew(w.where);
        EXPECT_EQ((co_await w.ask(w.chat(token))).status, 200) << "the settings have another key now";
        EXPECT_EQ((co_await w.ask(w.chat(w.begin(2)))).status, 200) << "another task's is";
    });
    EXPECT_EQ(w.models.requests(3).size(), 3U);
}

TEST(gateway, a_call_of_the_second_model_decides_nothing) {
    world w(steps(
        {{{"reply", "done"}}, {{"error", {{"status", 401}}}}, {{"error", {{"status", 403}}}}, {{"reply", "aside"}}}));
    w.start();
    auto token = w.gate->begin({.task = task_id{1},
                                .model = "persais/scripted",
                                .task_budget_usd = 2,
                                .day_budget_usd = 20,
                                .deadline = std::chrono::minutes(5),
                                .weak_model = "persais/small"});
    w.run([&]() -> awaitable<> {
        EXPECT_EQ((co_await w.ask(w.chat(token))).status, 200);
        EXPECT_EQ((co_await w.ask(w.chat(token, true, 1000, "persais/small"))).status, 401);
        EXPECT_EQ(w.gate->failure_of(token).why, cause::none) << "what was asked for is done";
        EXPECT_EQ((co_await w.ask(w.chat(token))).status, 403);
        EXPECT_EQ((co_await w.ask(w.chat(token, true, 1000, "persais/small"))).status, 200);
        EXPECT_EQ(w.gate->failure_of(token).why, cause::policy) << "it is not, whatever came after it";
    });
}

TEST(gateway, what_may_pass_is_tried_again_until_it_does) {
    array trouble;
    for (object e : {object{{"status", 402}, {"retry_after", "0"}}, object{{"status", 408}},
                     object{{"status", 429}, {"retry_after", "0"}}, object{{"status", 500}}, object{{"status", 502}},
                     object{{"status", 503}, {"body", "<html>"}}})
        trouble.push_back({{"error", e}});
    trouble.push_back({{"error_in_200", {{"status", 502}}}});
    trouble.push_back({{"drop", true}});
    trouble.push_back({{"reply", "at last"}});
    world w(steps(trouble));
    w.start();
    auto token = w.begin();
    w.run([&]() -> awaitable<> {
        auto got = co_await w.ask(w.chat(token));
        EXPECT_EQ(got.status, 200);
        EXPECT_TRUE(got.body.ends_with("data: [DONE]\n\n"));
        EXPECT_EQ(co_await w.settled_calls(),
                  "rate:nothing network:nothing rate:nothing network:nothing network:nothing network:nothing "
                  "network:nothing network:reservation ok:cost");
    });
    EXPECT_EQ(w.gate->failure_of(token).why, cause::none) << "a later success";
    EXPECT_EQ(w.models.requests(9).size(), 9u) << "each was counted";
}

TEST(gateway, an_error_in_a_stream_before_any_answer_is_tried_again) {
    world w(
        steps({{{"reply", "x"}, {"error_in_stream", {{"status", 429}, {"after_chunks", 0}}}, {"keepalive_comments", 1}},
               {{"reply", "fine"}}}));
    w.start();
    auto token = w.begin();
    w.run([&]() -> awaitable<> {
        auto got = co_await w.ask(w.chat(token));
        EXPECT_EQ(got.status, 200);
        EXPECT_EQ(got.body.find("\"error\""), got.body.npos) << got.body;
        EXPECT_NE(got.body.find("fine"), got.body.npos);
    });
}

TEST(gateway, a_stream_that_breaks_after_its_first_piece_ends_with_an_error_for_the_agent) {
    const object breaks[] = {{{"cut_after_chunks", 2}},
                             {{"cut_after_chunks", 2}, {"reset", true}},
                             {{"no_finish_reason", true}},
                             {{"error_in_stream", {{"status", 502}, {"after_chunks", 2}}}}};
    for (auto step : breaks) {
        step["reply"] = std::string(2000, 'x');
        auto what = boost::json::serialize(step).substr(0, 60);
        world w(steps({step}));
        w.start();
        auto token = w.begin();
        w.run([&]() -> awaitable<> {
            auto got = co_await w.ask(w.chat(token));
            EXPECT_EQ(got.status, 200);
            EXPECT_NE(got.body.find("xxx"), got.body.npos) << what;
            EXPECT_NE(got.body.find("data: {\"error\":"), got.body.npos) << what;
            EXPECT_EQ(got.body.find("[DONE]"), got.body.npos) << what;
            EXPECT_EQ(w.gate->failure_of(token).why, cause::network) << what;
            auto settled = co_await w.settled_calls();
            EXPECT_TRUE(settled == "network:generation" || settled == "network:cost") << what << settled;
            EXPECT_GT((co_await w.gate->spent_by(task_id{1})).cost_usd, 0) << what;
        });
        EXPECT_EQ(w.models.requests(1).size(), 1u)
            << what << ": tokens that the agent has seen are not asked for twice";
    }
}

TEST(gateway, silence_of_the_endpoint_has_an_end) {
    for (bool before : {true, false}) {
        world w({{"default",
                  {{"reply", std::string(500, 'x')},
                   {"stall_seconds", 30},
                   {"after_chunks", 1},
                   {"before_headers", before}}}});
        w.options.silence = 50ms;
        if (before) w.options.first_byte = 50ms;
        w.start();
        auto token = w.gate->begin({.task = task_id{1},
                                    .model = "persais/scripted",
                                    .task_budget_usd = 2,
                                    .day_budget_usd = 20,
                                    .deadline = 50ms});
        w.run([&]() -> awaitable<> {
            auto spec = w.chat(token);
            auto got = co_await w.ask(std::move(spec));
            if (before)
                EXPECT_EQ(got.status, 504);
            else
                EXPECT_NE(got.body.find("stopped in the middle"), got.body.npos) << got.body;
            EXPECT_EQ(w.gate->failure_of(token).why, cause::network);
        });
        EXPECT_LE(w.models.requests().size(), 3u);
    }
}

TEST(gateway, only_a_task_that_runs_is_let_in) {
    world w(steps({}));
    w.start();
    auto token = w.begin();
    w.run([&]() -> awaitable<> {
        for (const auto& bad :
             {secret(), secret("x"), secret(std::string(token.reveal().size(), 'f')), around("", token, "0")})
            EXPECT_EQ((co_await w.ask(w.chat(bad))).status, 401);
        auto models = w.chat(token);
        models.method = "GET";
        models.body = "";
        models.url = "http://gateway/v1/models";
        auto list = co_await w.ask(models);
        EXPECT_EQ(boost::json::parse(list.body).at("data").at(0).at("id").as_string(), "persais/scripted");
        models.url = "http://gateway/v1/embeddings";
        EXPECT_EQ((co_await w.ask(models)).status, 404);
        models.url = "http://gateway/v1/chat/completions";
        EXPECT_EQ((co_await w.ask(models)).status, 405);
        EXPECT_EQ((co_await w.ask(w.chat(token, true, 10, "other/model"))).status, 404);
        auto broken = w.chat(token);
        broken.body = "{";
        EXPECT_EQ((co_await w.ask(broken)).status, 400);
        broken.body = std::string(limits::model_request_bytes + 1, 'x');
        EXPECT_EQ((co_await w.ask(broken)).status, 413);
        w.gate->end(token);
        EXPECT_EQ((co_await w.ask(w.chat(token))).status, 401) << "the token died with its session";
    });
    EXPECT_TRUE(w.models.requests().empty());
}

TEST(gateway, a_token_that_belongs_to_no_task_is_refused_before_a_body_comes) {
    world w(steps({}));
    w.start();
    w.run([&]() -> awaitable<> {
        asio::local::stream_protocol::socket peer(w.io.get_executor());
        co_await peer.async_connect(w.socket(), asio::use_awaitable);
        std::string head = "POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer x\r\n"
                           "Content-Length: 16000000\r\n\r\n";
        co_await asio::async_write(peer, asio::buffer(head), asio::use_awaitable);
        std::string room(4096, '\0');
        room.resize(co_await peer.async_read_some(asio::buffer(room), asio::use_awaitable));
        EXPECT_TRUE(room.starts_with("HTTP/1.1 401 ")) << room;
    });
}

TEST(gateway, without_a_key_nothing_is_asked) {
    world w(steps({}), {}, "");
    w.start();
    auto token = w.begin();
    w.run([&]() -> awaitable<> { EXPECT_EQ((co_await w.ask(w.chat(token))).status, 401); });
    EXPECT_EQ(w.gate->failure_of(token).why, cause::key);
    EXPECT_TRUE(w.models.requests().empty());
}

TEST(gateway, an_agent_that_leaves_ends_the_call_and_it_is_settled) {
    temp_dir f;
    auto never = (f.path() / "never").string();
    for (bool by_end : {false, true}) {
        world w(steps({{{"reply", std::string(1000, 'x')}, {"hold_until_file", never}, {"after_chunks", 1}}}));
        w.start();
        auto token = w.begin();
        w.run([&]() -> awaitable<> {
            auto open = co_await w.client->open(w.chat(token));
            EXPECT_TRUE(open);
            std::string got;
            while (got.find("xxx") == got.npos)
                got += (co_await (*open)->read()).value_or("xxx broken");
            if (by_end)
                w.gate->end(token);
            else
                open->reset();
            auto settled = co_await w.settled_calls();
            EXPECT_TRUE(settled == "aborted:generation" || settled == "aborted:reservation") << settled;
        });
    }
}

TEST(gateway, the_key_is_neither_in_the_log_nor_in_what_the_agent_gets) {
    auto before = spdlog::default_logger();
    std::ostringstream log;
    auto mine = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log));
    mine->set_level(spdlog::level::trace);
    spdlog::set_default_logger(mine);
    {
        std::string echo = std::string("Your key ") + model_server::key + " is wrong";
        world w(
            steps({{{"error", {{"status", 500}, {"message", echo}}}},
                   {{"error", {{"status", 401}, {"message", echo}}}},
                   {{"reply", echo}},
                   {{"reply", echo}},
                   {{"reply", "x"}, {"error_in_stream", {{"status", 400}, {"message", echo}, {"after_chunks", 0}}}}}));
        w.start();
        auto token = w.begin();
        w.run([&]() -> awaitable<> {
            EXPECT_EQ((co_await w.ask(w.chat(w.begin(2)))).status, 401); // ask() looks for the key
            EXPECT_EQ((co_await w.ask(w.chat(token))).status, 200);
            EXPECT_EQ((co_await w.ask(w.chat(token, false))).status, 200);
            auto last = co_await w.ask(w.chat(token));
            EXPECT_NE(last.body.find("Your key *** is wrong"), last.body.npos) << last.body;
        });
        EXPECT_EQ(w.gate->failure_of(token).sentence.find(model_server::key), std::string::npos);
        EXPECT_EQ(log.str().find(token.reveal()), std::string::npos) << "nor the task's token";
    }
    spdlog::set_default_logger(before);
    EXPECT_FALSE(log.str().empty());
    EXPECT_EQ(log.str().find(model_server::key), std::string::npos);
}

TEST(gateway, knows_the_facts_of_a_model) {
    world w(steps({}), {"--context", "4000", "--max-completion-tokens", "700"});
    w.start();
    w.run([&]() -> awaitable<> {
        auto f = co_await w.gate->facts("openrouter/persais/scripted");
        EXPECT_TRUE(f.known);
        EXPECT_EQ(f.context_tokens, 4000);
        EXPECT_EQ(f.max_output_tokens, 700);
        EXPECT_NEAR(f.price_prompt.value(), 3, 1e-9);
        EXPECT_FALSE((co_await w.gate->facts("no/such")).known);
    });
}
