#include "telegram/inbound/pairing.hpp"

#include "telegram/inbound/hook_secrets.hpp"
#include "telegram/inbound/limits.hpp"

#include <algorithm>

namespace persais::telegram {

void pairing::open(secret code, time_point now) {
    code_ = std::move(code);
    until_ = now + limits::pairing_valid;
    wrong_.clear();
    taken_by_.reset();
}

bool pairing::is_open(time_point now) const {
    return !code_.empty() && now < until_;
}

bool pairing::hears(std::int64_t person, time_point now) const {
    auto wrong = wrong_.find(person);
    return is_open(now) && taken_by_.value_or(person) == person &&
           (wrong == wrong_.end() || wrong->second < limits::pairing_tries);
}

pairing::guess pairing::try_code(std::string_view said, std::int64_t person, time_point now) {
    if (!hears(person, now)) return guess::unheard;
    if (same_secret(said, code_)) {
        taken_by_ = person;
        return guess::right;
    }
    // Whoever is forgotten may guess again, which is of no use against a code of 128 bits.
    if (wrong_.size() >= limits::pairing_remembered && !wrong_.contains(person)) wrong_.erase(wrong_.begin());
    return ++wrong_[person] >= limits::pairing_tries ? guess::last_wrong : guess::wrong;
}

const pairing_hints::hint* pairing_hints::of(std::int64_t chat) const {
    auto found = std::ranges::find(given_, chat, &hint::chat);
    return found == given_.end() ? nullptr : &*found;
}

bool pairing_hints::left_for(std::int64_t chat, time_point now) const {
    auto lately = std::ranges::count_if(given_, [&](const hint& h) { return h.at > now - limits::pairing_hints_in; });
    return !of(chat) && lately < limits::pairing_hints;
}

bool pairing_hints::take(std::int64_t chat, std::int64_t update, time_point now) {
    if (const auto* before = of(chat)) return before->update == update;
    if (!left_for(chat, now)) return false;
    given_.push_back({chat, update, now});
    if (given_.size() > limits::pairing_remembered) given_.pop_front();
    return true;
}

} // namespace persais::telegram
