#pragma once
#include "base/clock.hpp"
#include "base/seal.hpp"
#include "queue/second_factors.hpp"
#include "service/refusal.hpp"

#include <string>
#include <string_view>

/// People's authenticator apps (DEPLOY_SECOND_FACTOR=totp). A person is their number, or queue::terminal. What a code
/// opens is said in access.hpp. All functions throw store::db_error.
namespace persais::service {

/// What a person's secret is sealed for.
std::string factor_context(std::string_view person);

class second_factors {
public:
    /// All of it outlives this object.
    second_factors(store::pool& db, const seal& sealing, const clock& time) : db_(db), seal_(sealing), time_(time) {}

    /// A new secret for the person, which is shown once. Refused when they have shown that they have one.
    awaitable<answer<secret>> begin(std::string person);
    /// Whether this code is right, which is then written down: that it was, and never again. Wrong ones are counted
    /// and, after some, none is looked at for a while.
    awaitable<answer<void>> prove(std::string person, secret code);
    /// Takes a person's secret back, so that they can begin again.
    awaitable<answer<void>> reset(std::string person, std::string by);

    awaitable<queue::factor_state> of(std::string person) { return queue::factor_of(db_, std::move(person)); }

private:
    store::pool& db_;
    const seal& seal_;
    const clock& time_;
};

} // namespace persais::service
