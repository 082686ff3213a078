#pragma once
#include "base/secret.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace persais::telegram {

/// Compares in constant time, whatever the lengths.
bool same_secret(std::string_view shown, const secret& right);

/// The secret that Telegram sends with each call of the webhook. While it is changed the previous one is accepted too,
/// because calls that are on their way, or that Telegram repeats, still send it.
class hook_secrets {
public:
    using time = std::chrono::steady_clock::time_point;

    /// Makes this the current secret; the previous one is accepted until `retire`.
    void set(secret current);
    /// This one is accepted beside the current one.
    void accept_too(secret previous) { previous_ = std::move(previous); }
    /// Telegram knows the current secret: the previous one is accepted until `at`.
    void retire(time at) { until_ = at; }

    /// Whether the secret is accepted, compared in constant time. Before set() none is.
    bool know(std::string_view shown, time now) const;
    bool empty() const { return current_.empty(); }
    const secret& current() const { return current_; }

private:
    secret current_, previous_;
    time until_ = time::max();
};

/// 43 characters that a header may hold, from 32 random bytes.
secret new_hook_secret();

} // namespace persais::telegram
