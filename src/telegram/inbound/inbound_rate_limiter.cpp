#include "telegram/inbound/inbound_rate_limiter.hpp"

#include "telegram/inbound/limits.hpp"

#include <algorithm>
#include <utility>

namespace persais::telegram {

inbound_rate_limiter::verdict inbound_rate_limiter::hear(std::int64_t person, std::int64_t update, std::int64_t date) {
    auto [found, is_new] = people_.try_emplace(person);
    auto& p = found->second;
    if (is_new) {
        p.room = limits::person_burst;
        p.at = date;
        by_use_.push_front(person);
        p.place = by_use_.begin();
        if (people_.size() > limits::people_remembered) {
            people_.erase(by_use_.back());
            by_use_.pop_back();
        }
    } else if (update <= p.newest) {
        return verdict::fine;
    }
    by_use_.splice(by_use_.begin(), by_use_, p.place);
    p.newest = update;
    if (date > p.at) {
        auto each = static_cast<double>(std::chrono::seconds(limits::person_every).count());
        p.room = std::min<double>(limits::person_burst, p.room + static_cast<double>(date - p.at) / each);
        p.at = date;
    }
    if (p.room >= 1) {
        if (2 * p.room >= limits::person_burst) p.told = false; // the flood is over
        p.room -= 1;
        return verdict::fine;
    }
    return std::exchange(p.told, true) ? verdict::too_much : verdict::first_too_much;
}

} // namespace persais::telegram
