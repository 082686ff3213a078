#include "pgserver/testing.hpp"
#include "sandbox/child.hpp"
#include "service/limits.hpp"
#include "service/retry_interrupted.hpp"
#include "store/store.hpp"

#include <gtest/gtest.h>

using namespace persais;

namespace {

/// The result when the first `killed` programs were killed, and how often `ask` was called.
std::pair<std::string, int> found_out(int killed) {
    std::pair<std::string, int> found;
    pgserver::testing::on_a_loop([](int dead, std::pair<std::string, int>& out) -> awaitable<void> {
        out.first = co_await service::retry_interrupted([&]() -> awaitable<std::string> {
            if (++out.second <= dead) throw sandbox::interrupted("git was killed (signal 9).");
            co_return "a diff";
        });
    }(killed, found));
    return found;
}

} // namespace

TEST(retry_interrupted, it_is_asked_again_and_at_last_done_without) {
    EXPECT_EQ(found_out(0), (std::pair<std::string, int>("a diff", 1)));
    EXPECT_EQ(found_out(1), (std::pair<std::string, int>("a diff", 2)));
    EXPECT_EQ(found_out(100), (std::pair<std::string, int>("", limits::chat_diff_tries)));
}
