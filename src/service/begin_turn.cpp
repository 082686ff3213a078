#include "service/begin_turn.hpp"

#include "mechanic/step.hpp"

#include <spdlog/spdlog.h>

namespace persais::service {

using namespace mechanic;

awaitable<std::optional<int>> begin_turn(queue::requests& all, task_id id) {
    for (;;) { // another process may change the task between our read and our write
        auto found = co_await all.load(id);
        if (!found || !found->kept) co_return std::nullopt;
        auto next = found->task;
        if (!step(next, replied{found->kept->turn, found->kept->instruction}, found->read_at)) co_return std::nullopt;
        auto begins = *found->kept;
        try {
            if (co_await all.save(std::move(*found), std::move(next), false, {.begins = begins})) co_return begins.turn;
        } catch (const store::db_error& e) {
            if (e.sqlstate != queue::reply_has_grown) throw;
        }
    }
}

awaitable<turns_begun> begin_turns(queue::requests& all, std::vector<task_id> tasks) {
    turns_begun done;
    for (auto id : tasks) {
        try {
            if (co_await begin_turn(all, id)) ++done.number;
        } catch (const queue::unusable_row& e) {
            spdlog::error("task {}: a reply to it cannot be begun by this version: {}", id.value, e.what());
            done.whole = false;
        }
    }
    co_return done;
}

} // namespace persais::service
