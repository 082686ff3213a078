// What a call holds while it is under way, and gives back when it is over or its agent has gone.
#include "base/background.hpp"
#include "llm/testing_world.hpp"

#include <chrono>
#include <malloc.h>

using namespace persais;
using namespace persais::llm;
using namespace persais::llm::testing;
using boost::json::object;

namespace {

std::size_t in_use() {
    auto heap = ::mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

/// Has each new row of llm_calls wait for somebody who holds it.
struct turnstile {
    explicit turnstile(world& w) : db(w.io.get_executor(), {.url = secret(w.data.url()), .size = 1}) {}
    ~turnstile() { db.close(); }
    awaitable<> close() {
        co_await db.query("create function pass() returns trigger language plpgsql as "
                          "$$ begin perform pg_advisory_xact_lock(7); return new; end $$");
        co_await db.query("create trigger pass before insert on llm_calls for each row execute function pass()");
        co_await db.query("select pg_advisory_lock(7)");
    }
    awaitable<> until_somebody_waits() {
        const char* asked = "select count(*) from pg_locks where locktype = 'advisory' and not granted";
        while ((co_await db.query(asked)).number(0, 0) == 0) {
        }
    }
    awaitable<> open() { co_await db.query("select pg_advisory_unlock(7)"); }
    store::pool db; // one session, which has the lock
};

} // namespace

TEST(held, a_prompt_is_let_go_when_its_answer_has_begun) {
    constexpr std::size_t prompt = 8 * 1024 * 1024;
    temp_dir dir;
    auto go = (dir.path() / "go").string();
    world w(steps({object{{"reply", std::string(1000, 'x')}, {"hold_until_file", go}, {"after_chunks", 1}}}),
            {"--context", "100000000"});
    w.start();
    auto token = w.begin(1, 1000, 1000);
    if (in_use() == 0) GTEST_SKIP() << "this allocator does not say what is in use";
    w.run([&]() -> awaitable<> {
        auto ask = [&]() { // its own frame holds the request until it is sent
            auto spec = w.chat(token);
            auto body = boost::json::parse(spec.body).as_object();
            body["messages"] = boost::json::array{object{{"role", "user"}, {"content", std::string(prompt, 'x')}}};
            spec.body = boost::json::serialize(body);
            return w.client->open(std::move(spec));
        };
        auto before = in_use();
        auto answer = co_await ask();
        EXPECT_TRUE(answer);
        if (!answer) co_return;
        EXPECT_EQ((*answer)->status, 200);
        // The agent may see the answer's beginning before the gateway's own turn of the loop is over.
        for (auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
             in_use() >= before + prompt / 2 && std::chrono::steady_clock::now() < until;)
            co_await asio::post(asio::use_awaitable);
        EXPECT_LT(in_use(), before + prompt / 2) << "bytes, in all of gateway and agent";
        std::ofstream(go) << "";
        std::string all;
        for (auto piece = co_await (*answer)->read(); piece && !piece->empty(); piece = co_await (*answer)->read())
            all += *piece;
        EXPECT_TRUE(all.ends_with("data: [DONE]\n\n"));
    });
}

TEST(held, money_that_was_reserved_for_an_agent_that_left_meanwhile_is_given_back) {
    world w({{"default", {{"reply", "hello"}}}});
    w.start();
    auto leaves = w.begin(1), stays = w.begin(2);
    turnstile gate(w);
    w.run([&]() -> awaitable<> {
        auto executor = co_await asio::this_coro::executor;
        co_await gate.close();
        using opened = result<std::unique_ptr<http::exchange>, http::fetch_error>;
        background<opened> first(executor, w.client->open(w.chat(leaves)));
        co_await gate.until_somebody_waits();
        background<http::fetched> second(executor, w.ask(w.chat(stays)));
        w.gate->end(leaves);
        EXPECT_FALSE(co_await first.join()) << "it is told before its reservation is made";
        co_await gate.open();
        EXPECT_EQ((co_await second.join()).status, 200);
        EXPECT_EQ(co_await w.settled_calls(), "aborted:nothing ok:cost");
    });
    EXPECT_EQ(w.models.requests(1).size(), 1u);
}
