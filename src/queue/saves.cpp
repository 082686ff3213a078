#include "queue/saves.hpp"

#include "queue/limits.hpp"

#include <algorithm>
#include <deque>
#include <tuple>
#include <vector>

#include <boost/asio/post.hpp>

namespace persais::queue {

/// The round trips are coroutines of their own: the cancellation of one who waits would else take along the answers of
/// all who go with it.
struct saves::state {
    struct one {
        one(store::statement what, std::string lane, task_id task, const asio::any_io_executor& executor)
            : what(std::move(what)), lane(std::move(lane)), task(task), answered(executor) {}
        store::statement what;
        std::string lane;
        task_id task;
        event answered;
        store::rows answer;
        std::exception_ptr error;
    };
    using batch = std::vector<std::shared_ptr<one>>;

    state(store::pool& db, kept how) : db(db), how(how) {}

    static awaitable<void> send_all(std::shared_ptr<state> self);
    awaitable<void> send(batch all);
    awaitable<bool> send_together(batch all);
    awaitable<void> send_alone(std::shared_ptr<one> each);

    store::pool& db;
    const kept how;
    std::deque<std::shared_ptr<one>> waiting; // in the order in which they came
    int under_way = 0;                        // round trips
    bool over = false;                        // `db` may be gone
};

saves::saves(store::pool& db, kept how) : state_(std::make_shared<state>(db, how)) {}

saves::~saves() {
    state_->over = true;
}

awaitable<store::rows> saves::write(store::statement what, std::string lane, task_id task) {
    auto all = state_;
    auto executor = co_await asio::this_coro::executor;
    auto mine = std::make_shared<state::one>(std::move(what), std::move(lane), task, executor);
    all->waiting.push_back(mine);
    if (all->under_way < limits::saves_at_once) {
        ++all->under_way;
        spawn(executor, "saves", state::send_all(all));
    }
    co_await mine->answered.wait();
    if (mine->error) std::rethrow_exception(mine->error);
    co_return mine->answer;
}

awaitable<void> saves::state::send_all(std::shared_ptr<state> self) {
    co_await asio::post(asio::use_awaitable); // what is asked for in the same turn of the loop goes along
    while (!self->waiting.empty()) {
        batch all;
        while (!self->waiting.empty() && all.size() < limits::saves_together) {
            all.push_back(std::move(self->waiting.front()));
            self->waiting.pop_front();
        }
        co_await self->send(std::move(all));
    }
    --self->under_way;
}

awaitable<void> saves::state::send(batch all) {
    std::ranges::sort(all, {}, [](const auto& each) { return std::tie(each->lane, each->task); });
    bool together = (how == kept::unless_the_server_crashes || all.size() > 1) && co_await send_together(all);
    for (const auto& each : all) {
        if (!together) co_await send_alone(each);
        each->answered.set();
    }
}

/// False: one of them was refused, and nothing was written.
awaitable<bool> saves::state::send_together(batch all) {
    if (over) co_return true;
    bool quick = how == kept::unless_the_server_crashes;
    std::vector<store::statement> statements;
    if (quick) statements.push_back({"select set_config('synchronous_commit', 'off', true)", {}});
    for (const auto& each : all)
        statements.push_back(each->what);
    std::exception_ptr error;
    try {
        auto answers = co_await db.transact(std::move(statements));
        for (std::size_t i = 0; i < all.size(); ++i)
            all[i]->answer = answers.at(i + (quick ? 1 : 0));
    } catch (const store::db_error& e) {
        if (!e.unknown_outcome() && !e.unreachable()) co_return false;
        error = std::current_exception();
    } catch (const std::exception&) {
        error = std::current_exception();
    }
    for (const auto& each : all)
        each->error = error;
    co_return true;
}

awaitable<void> saves::state::send_alone(std::shared_ptr<one> each) {
    if (over) co_return;
    try {
        each->answer = co_await db.query(each->what.sql, each->what.params);
    } catch (const std::exception&) {
        each->error = std::current_exception();
    }
}

} // namespace persais::queue
