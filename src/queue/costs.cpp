#include "queue/costs.hpp"

#include "queue/queries.hpp"

namespace persais::queue {

namespace {

std::string word_of(costs_of what) {
    switch (what) {
    case costs_of::day:
        return "day";
    case costs_of::repository:
        return "repository";
    case costs_of::person:
        return "person";
    case costs_of::model:
        return "model";
    case costs_of::task:
        break;
    }
    return "task";
}

store::param given(std::optional<std::string> day) {
    return day ? store::param(std::move(*day)) : store::param();
}

} // namespace

awaitable<std::vector<cost_line>> costs(store::pool& db, costs_of what, std::optional<std::string> since,
                                        std::optional<std::string> before) {
    auto r = co_await db.query(queries::costs, {word_of(what), given(std::move(since)), given(std::move(before))});
    std::vector<cost_line> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({.name = std::string(r.text(i, 0)),
                       .calls = r.number(i, 1),
                       .usd = std::string(r.text(i, 2)),
                       .tokens_sent = r.number(i, 3),
                       .tokens_received = r.number(i, 4),
                       .tokens_cached = r.number(i, 5),
                       .estimated_usd = std::string(r.text(i, 6)),
                       .reserved_usd = std::string(r.text(i, 7))});
    co_return all;
}

} // namespace persais::queue
