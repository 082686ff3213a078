#pragma once
#include "telegram/inbound/limits.hpp"

#include <cstdint>
#include <list>
#include <map>

namespace persais::telegram {

/// How much each person may say: limits::person_burst at once, and one more every limits::person_every. Measured by the
/// time at which it was said, so that what waited while the service was down is no flood.
class inbound_rate_limiter {
public:
    enum class verdict {
        fine,
        first_too_much, // of this flood: worth a word to the person
        too_much,
    };
    /// `date`: Unix time. An update that was asked about before is fine: it is being read again.
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
