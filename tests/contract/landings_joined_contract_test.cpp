// What a push of several landings leaves for whoever takes it over, and its bounds.
#include "contract/landings_beside.hpp"
#include "queue/limits.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::contract;
using namespace std::chrono_literals;

template <class B>
struct joined_contract : tasks_contract<B> {};
TYPED_TEST_SUITE(joined_contract, stores, names);

TYPED_TEST(joined_contract, whom_the_push_brings_stands_in_its_row_before_it_is_pushed) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto front = co_await pushing_of(all, id_of('1'));
        EXPECT_EQ(co_await joined_by(all, front), "");
        EXPECT_EQ((co_await lands_of(all, front)).tip, "") << "nobody is behind it";
        auto second = co_await waiting_of(all, 1, id_of('1'), id_of('2'));
        auto third = co_await waiting_of(all, 2, id_of('2'), id_of('3'));
        EXPECT_EQ(co_await joined_by(all, front), "23");
        auto lands = co_await lands_of(all, front);
        EXPECT_EQ(lands.with, (std::vector{second.task.id, third.task.id}));
        EXPECT_EQ(lands.tip, id_of('3'));
        EXPECT_TRUE(co_await move_to(all, front, deploying{1, 1, commit, {}})) << "it is still its worker's";
    });
}

TYPED_TEST(joined_contract, so_many_are_pushed_together_at_most) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto front = co_await pushing_of(all, id_of('0'));
        auto made = [](int n) { return fmt::format("{:040d}", n); };
        for (int n = 1; n <= limits::landings_together + 1; ++n)
            co_await waiting_of(all, n, made(n - 1), made(n));
        auto joined = co_await all.join_landings(front.task.id, front.at);
        EXPECT_EQ(joined.size(), std::size_t(limits::landings_together));
        EXPECT_EQ(joined.back().made, made(limits::landings_together));
        auto last = (co_await lands_of(all, front)).with.back();
        auto waits = co_await all.load(last);
        auto until = std::get<queued>(waits->task.now).not_before - waits->read_at;
        EXPECT_TRUE(until > limits::joined_waits - 5s && until <= limits::joined_waits);
    });
}
