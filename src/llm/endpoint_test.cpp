// Endpoints that answer as no scripted model does: the bytes are the test's own.
#include "http/testing_socket.hpp"
#include "llm/testing_world.hpp"

using namespace persais;
using namespace persais::llm;
using namespace persais::llm::testing;
using http::testing::raw_server;
using http::testing::whole_answer;

namespace {

/// A gateway before an endpoint that lists no models and answers each chat completion with what `answers` gives.
struct odd_world : world {
    explicit odd_world(raw_server::answering a)
        : world(steps({})), answers(std::move(a)),
          endpoint(io, [this](const std::string& asked) -> std::optional<std::string> {
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
