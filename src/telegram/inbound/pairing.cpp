#include "telegram/inbound/pairing.hpp"

#include "telegram/inbound/hook_secrets.hpp"
#include "telegram/inbound/limits.hpp"

namespace persais::telegram {

void pairing::open(secret code, time_point now) {
    code_ = std::move(code);
    until_ = now + limits::pairing_valid;
    wrong_ = 0;
    taken_by_.reset();
}

bool pairing::is_open(time_point now) const {
    return !code_.empty() && now < until_;
}

bool pairing::try_code(std::string_view said, std::int64_t person, time_point now) {
    if (!is_open(now)) return false;
    if (taken_by_.value_or(person) != person) return false;
    if (same_secret(said, code_)) {
        taken_by_ = person;
        return true;
    }
    if (++wrong_ >= limits::pairing_tries) close();
    return false;
}

} // namespace persais::telegram
