#include "http/testing.hpp"
#include "worker/request_duties.hpp"
#include "worker/testing_requests.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::worker;
using namespace persais::worker::testing;

namespace {

struct request_duty : ::testing::Test, http::testing::loop {
    scripted_requests at;
    queue::request_duty wish{.task = {17}, .close = true, .state = "discarded", .since = "", .number = 5};

    static forge::request in(forge::request::state now, int number = 7) {
        auto one = open_one();
        one.number = number;
        one.now = now;
        return one;
    }
    std::vector<std::string> done(std::vector<forge::request> listed) {
        at.listed = {std::move(listed)};
        at.asked.clear();
        io.restart();
        run([&]() -> awaitable<> {
            mechanic::task t;
            t.known.branch = "b";
            t.known.base_branch = "main";
            EXPECT_TRUE(co_await carry_out(at, t, wish));
        });
        return {at.asked.begin() + 1, at.asked.end()};
    }
};

using state = forge::request::state;

} // namespace

TEST_F(request_duty, closes_the_open_one_and_says_why_before) {
    EXPECT_EQ(
        done({in(state::open, 8), in(state::closed, 7)}),
        (std::vector<std::string>{"comment 8 task-17-closed-5: A person put the result of task 17 away.", "close 8"}));
    EXPECT_TRUE(done({in(state::closed)}).empty()) << "it was done by somebody";
    EXPECT_TRUE(done({in(state::merged)}).empty());
    EXPECT_TRUE(done({}).empty());
}

TEST_F(request_duty, opens_the_newest_closed_one_again_unless_there_is_another) {
    wish.close = false;
    EXPECT_EQ(done({in(state::closed, 8), in(state::closed, 7)}),
              (std::vector<std::string>{"comment 8 task-17-again-5: A person took the result of task 17 up again.",
                                        "reopen 8"}));
    EXPECT_TRUE(done({in(state::open, 8), in(state::closed, 7)}).empty());
    EXPECT_TRUE(done({in(state::merged)}).empty()) << "what was merged is not opened again";
}

TEST_F(request_duty, is_told_by_what_became_of_the_task) {
    wish.state = "expired";
    EXPECT_EQ(words_of(wish), "Nobody decided on the result of task 17 in time.");
    wish.state = "aborted";
    EXPECT_EQ(words_of(wish), "A person ended task 17.");
}
