#include "telegram/inbound/pairing.hpp"

#include "telegram/inbound/hook_secrets.hpp"
#include "telegram/inbound/limits.hpp"

#include <algorithm>

namespace persais::telegram {

using namespace std::chrono_literals;

void pairing::open(secret code, time_point now) {
    code_ = std::move(code);
    until_ = now + limits::pairing_valid;
    wrong_.clear();
    taken_by_.reset();
}

bool wrong_codes::hears(std::int64_t person, time_point now) const {
    auto found = wrong_.find(person);
    return found == wrong_.end() || found->second.count < limits::pairing_tries ||
           now - found->second.last >= limits::wrong_codes_for;
}

bool wrong_codes::count(std::int64_t person, time_point now) {
    // Whoever is forgotten may guess again, which is of no use against a code of 128 bits.
    if (wrong_.size() >= limits::pairing_remembered && !wrong_.contains(person)) wrong_.erase(wrong_.begin());
    auto& of = wrong_[person];
    if (now - of.last >= limits::wrong_codes_for) of.count = 0;
    of.last = now;
    return ++of.count >= limits::pairing_tries;
}

bool pairing::is_open(time_point now) const {
    return !code_.empty() && now < until_;
}

bool pairing::hears(std::int64_t person, time_point now) const {
    return is_open(now) && taken_by_.value_or(person) == person && wrong_.hears(person, now);
}

pairing::guess pairing::try_code(std::string_view said, std::int64_t person, time_point now) {
    if (!hears(person, now)) return guess::unheard;
    if (same_secret(said, code_)) {
        taken_by_ = person;
        return guess::right;
    }
    return wrong_.count(person, now) ? guess::last_wrong : guess::wrong;
}

const hourly_answers::hint* hourly_answers::of(std::int64_t chat, time_point now) const {
    auto found = std::ranges::find_if(
        given_, [&](const hint& h) { return h.chat == chat && (once_ == once::for_good || h.at > now - 1h); });
    return found == given_.end() ? nullptr : &*found;
}

bool hourly_answers::left_for(std::int64_t chat, time_point now) const {
    auto lately = std::ranges::count_if(given_, [&](const hint& h) { return h.at > now - 1h; });
    return !of(chat, now) && lately < most_;
}

bool hourly_answers::take(std::int64_t chat, std::int64_t update, time_point now) {
    if (const auto* before = of(chat, now)) return before->update == update;
    if (!left_for(chat, now)) return false;
    given_.push_back({chat, update, now});
    if (given_.size() > limits::pairing_remembered) given_.pop_front();
    return true;
}

} // namespace persais::telegram
