// Endpoints that answer as no scripted model does: the bytes are the test's own.
#include "http/testing_socket.hpp"
#include "llm/testing_world.hpp"

using namespace persais;
using namespace persais::llm;
using namespace persais::llm::testing;
using http::testing::raw_server;
using http::testing::whole_answer;

namespace {

/// A gateway before an endpoint that answers each chat completion with what `answers` gives, and lists what `models`
/// gives, or no models.
struct odd_world : world {
    explicit odd_world(raw_server::answering a)
        : world(steps({})), answers(std::move(a)),
          endpoint(io, [this](const std::string& asked) -> std::optional<std::string> {
              if (asked.starts_with("GET ") && models_listed) return whole_answer(models_listed(asked));
              if (!asked.starts_with("POST ")) return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
              ++posts;
              return answers(asked);
          }) {
        where.base_url = endpoint.root() + "/v1";
        where.price_prompt = where.price_completion = 10;
        start();
    }
    ~odd_world() {
        endpoint.close();
        client.reset();
        stop();
        data.pool.close();
        EXPECT_TRUE(dry());
    }
    raw_server::answering answers;
    std::function<std::string(const std::string& asked)> models_listed;
    raw_server endpoint;
    int posts = 0;
};

std::string line(std::string_view data) {
    return fmt::format("data: {}\n\n", data);
}

const std::string streamed =
    line(R"({"choices":[{"index":0,"delta":{"role":"assistant","content":"forty-two"},"finish_reason":null}]})") +
    line(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})") +
    line(R"({"choices":[],"usage":{"prompt_tokens":8,"completion_tokens":2,"cost":0.0025}})");

} // namespace

TEST(endpoint, that_takes_a_call_and_closes_is_asked_again_only_by_who_counts_it) {
    for (int closing : {1, 2}) { // on the first connection, on a reused one
        int asked = 0;
        odd_world w([&](const std::string&) -> std::optional<std::string> {
            if (++asked == closing) return std::nullopt;
            return whole_answer(streamed + line("[DONE]"), "text/event-stream");
        });
        auto token = w.begin();
        w.run([&]() -> awaitable<> {
            for (int i = 0; i < closing; ++i)
                EXPECT_EQ((co_await w.ask(w.chat(token))).status, 200);
            EXPECT_EQ(co_await w.settled_calls(),
                      closing == 1 ? "network:reservation ok:cost" : "ok:cost network:reservation ok:cost");
            EXPECT_EQ((co_await w.gate->spent_by(task_id{1})).calls, w.posts);
        });
    }
}

namespace {

struct oddity {
    const char* what;
    std::string answer;
    bool stream = true; // was asked for
};

const std::string completed =
    R"({"id":"c1","object":"chat.completion","model":"m","choices":[{"index":0,"finish_reason":"stop",)"
    R"("message":{"role":"assistant","content":"forty-two"}}],"usage":{"prompt_tokens":8,"completion_tokens":2,"cost":0.0025}})";

/// What the agent was told in answer to one call, and how the books and the task's verdict have it.
struct outcome {
    http::fetched got;
    std::string books;
    double cost = 0;
    last_failure why;
    int posts = 0;
};

/// Of a task of its own for each.
template <class Check>
void each_of(const std::vector<oddity>& all, Check check) {
    std::string said;
    odd_world w([&](const std::string&) { return said; });
    for (std::size_t i = 0; i < all.size(); ++i) {
        said = all[i].answer;
        w.posts = 0;
        const task_id task{static_cast<std::int64_t>(i + 1)};
        auto token = w.begin(task.value);
        outcome o;
        w.run([&]() -> awaitable<> {
            o.got = co_await w.ask(w.chat(token, all[i].stream));
            co_await w.settled_calls();
            auto rows = co_await w.data.pool.query("select string_agg(outcome || ':' || settled_by, ' ' order by id) "
                                                   "from llm_calls where task = $1::bigint",
                                                   {task.str()});
            o.books = rows.text(0, 0);
            o.cost = (co_await w.gate->spent_by(task)).cost_usd;
        });
        o.why = w.gate->failure_of(token);
        o.posts = w.posts;
        check(all[i], o);
    }
}

} // namespace

TEST(endpoint, whose_answer_is_whole_in_another_form_has_answered) {
    const std::vector<oddity> table = {
        {"events under another label", whole_answer(streamed + line("[DONE]"), "text/plain; charset=utf-8")},
        {"no [DONE]", whole_answer(streamed, "text/event-stream")},
        {"no blank line at the end", whole_answer(streamed + "data: [DONE]", "text/event-stream")},
        {"a byte order mark", whole_answer("\xEF\xBB\xBF" + streamed, "text/event-stream")},
        {"one JSON object", whole_answer(completed)},
        {"one JSON object, called events", whole_answer("\n  \n" + completed, "text/event-stream")},
    };
    each_of(table, [](const oddity& each, const outcome& o) {
        EXPECT_EQ(o.got.status, 200) << each.what;
        EXPECT_EQ(http::header(o.got.fields, "Content-Type"), "text/event-stream") << each.what;
        EXPECT_TRUE(o.got.body.contains(R"("content":"forty-two")")) << each.what << o.got.body;
        EXPECT_TRUE(o.got.body.contains(R"("finish_reason":"stop")")) << each.what << o.got.body;
        EXPECT_TRUE(o.got.body.contains(R"("completion_tokens":2)")) << each.what << o.got.body;
        EXPECT_EQ(o.got.body.find("data: [DONE]"), o.got.body.rfind("data: [DONE]")) << each.what;
        EXPECT_TRUE(o.got.body.contains("data: [DONE]\n")) << each.what << o.got.body;
        EXPECT_EQ(o.books, "ok:cost") << each.what;
        EXPECT_EQ(o.cost, 0.0025) << each.what;
        EXPECT_EQ(o.why.why, cause::none) << each.what;
        EXPECT_EQ(o.posts, 1) << each.what;
    });
}

TEST(endpoint, that_tells_no_usage_is_counted_at_most) {
    auto silent = streamed.substr(0, streamed.find(R"(data: {"choices":[],)"));
    auto zero = silent + line(R"({"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0}})") + line("[DONE]");
    auto whole = completed.substr(0, completed.find(R"(,"usage")")) + "}";
    const std::vector<oddity> table = {
        {"no usage in a stream", whole_answer(silent + line("[DONE]"), "text/event-stream")},
        {"a usage of nothing", whole_answer(zero, "text/event-stream")},
        {"no usage in a whole answer", whole_answer(whole), false},
    };
    each_of(table, [](const oddity& each, const outcome& o) {
        EXPECT_EQ(o.got.status, 200) << each.what;
        EXPECT_EQ(o.books, "ok:prices") << each.what;
        EXPECT_GT(o.cost, 50 * 10 / 1e6) << each.what << ": the question alone has more than 100 bytes";
        EXPECT_LT(o.cost, 0.01) << each.what << ": less than was reserved";
    });
}

TEST(endpoint, that_is_none_is_told_at_the_first_call_and_costs_nothing) {
    const std::vector<oddity> table = {
        {"web page", whole_answer("\n<!DOCTYPE html><html><body>Sign in</body></html>", "text/html")},
        {"web page", whole_answer("<html></html>", "application/json"), false},
        {"web page", "HTTP/1.1 404 Not Found\r\nContent-Length: 13\r\n\r\n<html></html>"},
        {"no chat completion", whole_answer(R"({"status":"up"})")},
        {"no answer of a model", whole_answer("It works!", "text/plain")},
    };
    each_of(table, [](const oddity& each, const outcome& o) {
        EXPECT_EQ(o.got.status, 400) << each.what;
        EXPECT_TRUE(message(o.got).contains(each.what)) << message(o.got);
        EXPECT_TRUE(message(o.got).contains("OPENROUTER_BASE_URL")) << message(o.got);
        EXPECT_EQ(o.why.why, cause::network) << each.what;
        EXPECT_EQ(o.why.sentence, message(o.got));
        EXPECT_EQ(o.books, "network:nothing") << each.what;
        EXPECT_EQ(o.posts, 1) << each.what;
    });
}

TEST(endpoint, that_answers_amiss_by_nature_is_paid_once) {
    auto endless = completed;
    endless.replace(endless.find(R"("stop")"), 6, "null");
    const std::vector<oddity> table = {
        {"without a finish_reason", whole_answer(endless)},
        {"without a finish_reason", whole_answer(endless), false},
        {"a stream where a whole answer was asked for", whole_answer(streamed, "text/event-stream"), false},
    };
    each_of(table, [](const oddity& each, const outcome& o) {
        EXPECT_TRUE(message(o.got).contains(each.what)) << message(o.got);
        EXPECT_EQ(o.books, "network:cost") << each.what << ": by the usage that came";
        EXPECT_EQ(o.cost, 0.0025) << each.what;
        EXPECT_EQ(o.posts, 1) << each.what;
    });
}

TEST(endpoint, whose_calls_use_the_budget_up_without_an_outcome_is_the_cause_and_not_the_budget) {
    odd_world w([](const std::string&) { return std::nullopt; });
    auto token = w.begin(1, 0.05); // a few calls: 1000 tokens at 10 dollars a million
    w.run([&]() -> awaitable<> {
        for (int i = 0; i < 2; ++i) // the agent may ask again
            EXPECT_EQ((co_await w.ask(w.chat(token))).status, 402) << "which stops aider";
        EXPECT_TRUE((co_await w.settled_calls()).starts_with("network:reservation network:reservation"));
    });
    auto why = w.gate->failure_of(token);
    EXPECT_EQ(why.why, cause::network);
    EXPECT_TRUE(why.sentence.contains("closed the connection without an answer")) << why.sentence;
}

TEST(endpoint, that_refuses_a_parameter_by_name_is_asked_once_in_another_way_and_then_always) {
    odd_world w([](const std::string& asked) {
        if (!asked.contains("\"max_tokens\"")) return whole_answer(streamed, "text/event-stream");
        std::string error =
            R"({"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. )"
            R"(Use 'max_completion_tokens' instead.","param":"max_tokens","code":"unsupported_parameter"}})";
        return fmt::format("HTTP/1.1 400 Bad Request\r\nContent-Length: {}\r\n\r\n{}", error.size(), error);
    });
    auto token = w.begin();
    w.run([&]() -> awaitable<> {
        EXPECT_EQ((co_await w.ask(w.chat(token))).status, 200);
        EXPECT_EQ(w.posts, 2);
        EXPECT_EQ((co_await w.ask(w.chat(token))).status, 200);
        EXPECT_EQ(w.posts, 3);
        EXPECT_EQ(co_await w.settled_calls(), "model:nothing ok:cost ok:cost");
    });
    EXPECT_EQ(w.gate->failure_of(token).why, cause::none);
}

TEST(endpoint, is_not_asked_for_what_has_no_price) {
    odd_world w([](const std::string&) { return whole_answer(streamed, "text/event-stream"); });
    auto token = w.begin();
    w.run([&]() -> awaitable<> {
        auto spec = w.chat(token);
        spec.body.insert(1, R"("tools":[{"type":"openrouter:web_search"}],)");
        auto got = co_await w.ask(spec);
        EXPECT_EQ(got.status, 400);
        EXPECT_TRUE(message(got).contains("openrouter:web_search")) << message(got);
        EXPECT_EQ(co_await w.calls(), "") << "nothing was reserved";
        EXPECT_EQ((co_await w.ask(w.chat(token))).status, 200);
    });
    EXPECT_EQ(w.posts, 1);
    EXPECT_EQ(w.gate->failure_of(token).why, cause::none) << "the agent asked for something else then";
}

TEST(endpoint, that_tells_half_of_its_usage_is_counted_at_most_for_the_other_half) {
    auto saying = [](std::string_view usage) {
        auto first = streamed.substr(0, streamed.find(R"(data: {"choices":[],)"));
        return whole_answer(first + line(fmt::format(R"({{"choices":[],"usage":{}}})", usage)) + line("[DONE]"),
                            "text/event-stream");
    };
    const std::vector<oddity> table = {
        {"prompt", saying(R"({"prompt_tokens":100,"completion_tokens":null})")},
        {"answer", saying(R"({"completion_tokens":5})")},
    };
    each_of(table, [](const oddity& each, const outcome& o) {
        EXPECT_EQ(o.books, "ok:prices") << each.what;
        bool of_prompt = std::string_view(each.what) == "prompt"; // 10 dollars a million tokens
        EXPECT_NEAR(o.cost, of_prompt ? 105 * 10 / 1e6 : 60 * 10 / 1e6, 25 * 10 / 1e6) << each.what;
        EXPECT_GT(o.cost, of_prompt ? 100 * 10 / 1e6 : 40 * 10 / 1e6) << each.what;
    });
}

TEST(endpoint, whose_alias_is_answered_by_a_model_is_paid_by_the_price_of_that_model) {
    odd_world w([](const std::string&) {
        auto answer = completed;
        answer.replace(answer.find(R"("model":"m")"), 11, R"("model":"v/fine-5-20300101")");
        answer.replace(answer.find(R"(,"cost":0.0025)"), 14, "");
        return whole_answer(answer);
    });
    w.models_listed = [](const std::string&) {
        return std::string(R"({"data":[
            {"id":"~v/fine-latest","alias_target":{"slug":"v/fine-4"},"pricing":{"prompt":"0.001","completion":"0.002"}},
            {"id":"v/fine-5","canonical_slug":"v/fine-5-20300101","pricing":{"prompt":"0.0005","completion":"0.0001"}}]})");
    };
    auto token = w.gate->begin({.task = task_id{1},
                                .model = "~v/fine-latest",
                                .task_budget_usd = 20,
                                .day_budget_usd = 20,
                                .deadline = std::chrono::minutes(5)});
    w.run([&]() -> awaitable<> {
        EXPECT_EQ((co_await w.ask(w.chat(token, false, 1000, "~v/fine-latest"))).status, 200);
        EXPECT_EQ(co_await w.settled_calls(), "ok:prices");
        EXPECT_NEAR((co_await w.gate->spent_by(task_id{1})).cost_usd, 8 * 0.0005 + 2 * 0.0001, 1e-9);
    });
}

TEST(endpoint, that_was_left_while_it_listed_its_models_prices_nothing) {
    odd_world w([](const std::string&) { return whole_answer(streamed, "text/event-stream"); });
    auto move_to = [&](std::string path) { w.gate->renew({.base_url = w.endpoint.root() + path, .key = w.where.key}); };
    auto priced = [](std::string_view usd) {
        return fmt::format(
            R"({{"data":[{{"id":"persais/scripted","pricing":{{"prompt":"{0}","completion":"{0}"}}}}]}})", usd);
    };
    w.models_listed = [&](const std::string& asked) {
        if (asked.starts_with("GET /new/models ")) return priced("0.000007");
        move_to("/new");
        return priced("0.000001");
    };
    w.run([&]() -> awaitable<> {
        auto facts = co_await w.gate->facts("persais/scripted");
        EXPECT_NEAR(facts.price_prompt.value_or(0), 7, 1e-9);
        w.models_listed = [](const std::string&) { return std::string("nothing now"); };
        move_to("/new/");
        EXPECT_TRUE((co_await w.gate->facts("persais/scripted")).priced()) << "the same endpoint: its last list stays";
        move_to("/other");
        EXPECT_FALSE((co_await w.gate->facts("persais/scripted")).priced()) << "another endpoint's prices are not its";
    });
}
