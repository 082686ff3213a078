#include "queue/saves.hpp"

#include "queue/limits.hpp"

#include <algorithm>
#include <tuple>

#include <boost/asio/post.hpp>

namespace persais::queue {

struct saves::one {
    one(store::statement what, std::string lane, task_id task, const asio::any_io_executor& executor)
        : what(std::move(what)), lane(std::move(lane)), task(task), turn(executor) {}
    store::statement what;
    std::string lane;
    task_id task;
    event turn; // it was answered, or may be sent
    bool sent = false, answered = false;
    store::rows answer;
    std::exception_ptr error;
};

awaitable<store::rows> saves::write(store::statement what, std::string lane, task_id task) {
    auto executor = co_await asio::this_coro::executor;
    auto mine = std::make_shared<one>(std::move(what), std::move(lane), task, executor);
    waiting_.push_back(mine);
    // Whoever is cancelled now would leave the others unsent, or their answers unread.
    co_await uninterrupted([](saves& all, std::shared_ptr<one> mine) -> awaitable<void> {
        while (!mine->answered) {
            if (!mine->sent && all.under_way_ < limits::saves_at_once) {
                co_await all.send_some();
            } else {
                mine->turn.reset();
                co_await mine->turn.wait();
            }
        }
    }(*this, mine));
    if (mine->error) std::rethrow_exception(mine->error);
    co_return mine->answer;
}

awaitable<void> saves::send_some() {
    ++under_way_;
    co_await asio::post(asio::use_awaitable); // what is asked for in the same turn of the loop goes along
    batch all;
    while (!waiting_.empty() && all.size() < limits::saves_together) {
        all.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
        all.back()->sent = true;
    }
    if (!all.empty()) co_await send(std::move(all));
    --under_way_;
    if (!waiting_.empty()) waiting_.front()->turn.set();
}

awaitable<void> saves::send(batch all) {
    std::ranges::sort(all, {}, [](const auto& each) { return std::tie(each->lane, each->task); });
    bool quick = how_ == kept::unless_the_server_crashes;
    bool together = quick || all.size() > 1;
    if (together) {
        std::vector<store::statement> statements;
        if (quick) statements.push_back({"select set_config('synchronous_commit', 'off', true)", {}});
        for (const auto& each : all)
            statements.push_back(each->what);
        try {
            auto answers = co_await db_.transact(std::move(statements));
            for (std::size_t i = 0; i < all.size(); ++i)
                all[i]->answer = answers.at(i + (quick ? 1 : 0));
        } catch (const store::db_error& e) {
            together = e.unknown_outcome() || e.unreachable(); // else one was refused, and nothing was written
            for (const auto& each : all)
                each->error = together ? std::current_exception() : nullptr;
        } catch (const std::exception&) {
            for (const auto& each : all)
                each->error = std::current_exception();
        }
    }
    for (const auto& each : all) {
        if (!together) co_await send_alone(each);
        each->answered = true;
        each->turn.set();
    }
}

awaitable<void> saves::send_alone(std::shared_ptr<one> each) {
    try {
        each->answer = co_await db_.query(each->what.sql, each->what.params);
    } catch (const std::exception&) {
        each->error = std::current_exception();
    }
}

} // namespace persais::queue
