#include "llm/reserving.hpp"

#include "llm/queries.hpp"

#include <boost/json.hpp>

namespace persais::llm {

namespace json = boost::json;

struct reserving::state {
    struct one {
        one(const asio::any_io_executor& executor, json::object w) : what(std::move(w)), done(executor) {}
        json::object what;
        event done;
        granted got;
        std::exception_ptr error;
    };
    using some = std::vector<std::shared_ptr<one>>;

    explicit state(store::pool& d) : db(d) {}

    static awaitable<> work_through(std::shared_ptr<state> self) {
        while (!self->gathering.empty()) {
            auto now = std::exchange(self->gathering, {});
            // What is wrong with one of them, or between two of them, is not the others' fault.
            if (!co_await self->reserve(now) && now.size() > 1)
                for (const auto& each : now)
                    co_await self->reserve({each});
            for (const auto& each : now)
                each->done.set();
        }
        self->under_way = false;
    }

    /// False: none of them was reserved, and another try may.
    awaitable<bool> reserve(some now) {
        json::array all;
        for (const auto& each : now)
            all.push_back(each->what);
        std::exception_ptr error;
        bool again = false;
        try {
            auto rows = co_await db.query(queries::reserve, {json::serialize(all)});
            for (int i = 0; const auto& each : now) {
                each->got = {.verdict = std::string(rows.text(i, 0)),
                             .shrunk_by = std::string(rows.text(i, 3)),
                             .whose = std::string(rows.text(i, 4)),
                             .usd = rows.null(i, 5) ? 0 : rows.real(i, 5),
                             .warned = rows.boolean(i, 6)};
                if (!rows.null(i, 1)) each->got.call = rows.number(i, 1), each->got.tokens = rows.number(i, 2);
                ++i;
            }
        } catch (const store::db_error& e) {
            error = std::current_exception();
            again = !e.unknown_outcome() && !e.unreachable();
        } catch (...) {
            error = std::current_exception();
        }
        for (const auto& each : now)
            each->error = error;
        co_return !again;
    }

    store::pool& db;
    some gathering;
    bool under_way = false;
};

reserving::reserving(store::pool& db) : state_(std::make_shared<state>(db)) {}

awaitable<reserving::granted> reserving::ask(json::object what) {
    auto self = state_;
    auto executor = co_await asio::this_coro::executor;
    auto mine = std::make_shared<state::one>(executor, std::move(what));
    self->gathering.push_back(mine);
    if (!std::exchange(self->under_way, true)) spawn(executor, "llm reservations", state::work_through(self));
    co_await mine->done.wait();
    if (mine->error) std::rethrow_exception(mine->error);
    co_return mine->got;
}

} // namespace persais::llm
