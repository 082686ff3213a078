// A service that stops while it connects, at each step of connecting: the last step may just be in progress.
#include "pgserver/testing.hpp"
#include "store/listener.hpp"
#include "store/store.hpp"

#include <gtest/gtest.h>

namespace persais::store {

using namespace pgserver::testing;
using namespace std::chrono_literals;

namespace {

/// Runs `steps` handlers of the loop. False when `ended` became true before, with fewer handlers run.
bool run_steps(asio::io_context& io, int steps, const bool& ended) {
    while (steps-- > 0 && !ended)
        io.run_one();
    return !ended;
}

/// Stops before the first step, after the first, after the second, … until a statement was answered before the stop.
/// Returns the number of steps. `leave` is called from outside the loop.
template <class Leave>
int leave_a_pool_at_each_step(const std::string& url, Leave leave) {
    for (int steps = 0;; ++steps) {
        asio::io_context io(1);
        auto db = std::make_unique<pool>(io.get_executor(), pool_options{.url = secret(url), .size = 1});
        bool answered = false, ended = false;
        asio::co_spawn(io, db->query("select 1"), [&](const std::exception_ptr& error, const rows&) {
            answered = !error;
            ended = true;
        });
        bool under_way = run_steps(io, steps, answered);
        leave(io, db);
        if (!under_way) return steps;
        io.restart();
        io.run();
        EXPECT_TRUE(ended) << "left after " << steps << " steps";
    }
}

TEST(leaving, closes_a_pool_at_any_step_of_connecting) {
    scratch_database d;
    int steps = leave_a_pool_at_each_step(d.url(), [](asio::io_context&, auto& db) { db->close(); });
    EXPECT_GT(steps, 5);
}

TEST(leaving, closes_a_pool_at_any_step_of_failing_to_connect) {
    auto nowhere = "postgresql:///x?host=/nowhere";
    for (int steps = 0; steps < 10; ++steps) {
        asio::io_context io(1);
        pool db(io.get_executor(), {.url = secret(nowhere), .size = 1, .absent = 1h});
        bool ended = false;
        asio::co_spawn(io, db.query("select 1"), [&](const std::exception_ptr&, const rows&) { ended = true; });
        run_steps(io, steps, ended);
        db.close();
        io.run();
        EXPECT_TRUE(ended);
    }
}

TEST(leaving, closes_a_listener_at_any_step_of_connecting) {
    scratch_database d;
    bool connected = false;
    for (int steps = 0; !connected; ++steps) {
        asio::io_context io(1);
        auto hears =
            std::make_unique<listener>(io.get_executor(), listener_options{.url = secret(d.url()), .channels = {"x"}},
                                       listener_events{.connected = [&] { connected = true; }});
        hears->wake();
        run_steps(io, steps, connected);
        hears.reset();
        io.run();
    }
}

} // namespace

} // namespace persais::store
