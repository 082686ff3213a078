#include "service/landing_rights.hpp"

#include "service/access.hpp"

#include <spdlog/spdlog.h>

namespace persais::service {

awaitable<std::optional<std::string>> right_lost_by(const config::settings& settings, queue::requests& queue,
                                                    mechanic::task landing) {
    const auto l = *landing.known.lands;
    const auto rule = landing_rule_of(landing.what.remote, settings);
    queue::landing_record known;
    if (depends_on_people(l, rule))
        known = with_grants_at(landing.what.remote, co_await queue.landing_record_of(landing.id, l.by));
    co_return right_that_went(l, known, rule, settings);
}

awaitable<std::vector<queue::leases::joined>> with_rights(const config::settings& settings, queue::leases& leases,
                                                          queue::requests& queue,
                                                          std::vector<queue::leases::joined> all) {
    for (auto each = all.begin(); each != all.end(); ++each) {
        auto found = co_await leases.load(each->id);
        bool goes_on = found && found->task.known.lands && found->task.known.lands->made == each->made;
        if (goes_on && !co_await right_lost_by(settings, queue, found->task)) continue;
        spdlog::info("task {}: its commit is not pushed with others, because it goes no further", each->id.value);
        all.erase(each, all.end());
        break;
    }
    co_return all;
}

} // namespace persais::service
