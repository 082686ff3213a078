#pragma once
#include "telegram/inbound/limits.hpp"

#include <cstdint>
#include <list>
#include <map>

namespace persais::telegram {

/// Limits how much each person may send: limits::person_burst at once, and one more every limits::person_every. It uses
/// the time at which a message was sent, so that messages that waited while the service was down are no flood.
class inbound_rate_limiter {
public:
    enum class verdict {
        fine,
        first_too_much, // the first of this flood: the person is told
        too_much,
    };
    /// `date`: Unix time. An update that was judged before is fine: it is being read again.
    verdict hear(std::int64_t person, std::int64_t update, std::int64_t date);

private:
    struct one {
        double room = 0;
        std::int64_t at = 0;
        std::int64_t newest = 0; // update
        bool told = false;
        std::list<std::int64_t>::iterator place;
    };
    std::map<std::int64_t, one> people_;
    std::list<std::int64_t> by_use_; // the newest at the front
};

} // namespace persais::telegram
