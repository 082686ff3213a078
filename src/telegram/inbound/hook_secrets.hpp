#pragma once
#include "base/secret.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace persais::telegram {

/// In constant time, whatever their lengths.
bool same_secret(std::string_view shown, const secret& right);

/// What Telegram shows with each call of the webhook. While it is changed the one before is accepted too: calls that
/// are under way, or that Telegram repeats, still show it.
class hook_secrets {
public:
    using time = std::chrono::steady_clock::time_point;

    /// The one that counts from now on; the one that counted until now is accepted until `retire`.
    void set(secret current);
    /// Accepted beside the one that counts.
    void accept_too(secret previous) { previous_ = std::move(previous); }
    /// Telegram knows the new one: the one before is accepted until then.
    void retire(time at) { until_ = at; }

    /// In constant time. Before anything is set nothing is known.
    bool know(std::string_view shown, time now) const;
    bool empty() const { return current_.empty(); }
    const secret& current() const { return current_; }

private:
    secret current_, previous_;
    time until_ = time::max();
};

/// 43 characters that a header may hold, of 32 random bytes.
secret new_hook_secret();

} // namespace persais::telegram
