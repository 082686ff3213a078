#pragma once
#include "base/clock.hpp"
#include "base/secret.hpp"
#include "telegram/inbound/limits.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace persais::telegram {

/// The one-time code by which the first person becomes the admin: valid for limits::pairing_valid, closed by
/// limits::pairing_tries wrong ones. It is in memory only: the next start makes another one.
class pairing {
public:
    /// Pairing is closed until `open`.
    pairing() = default;
    /// Makes this the code; wrong tries are counted from zero, and nobody has used it.
    void open(secret code, time_point now);
    /// Whether pairing waits for a code.
    bool is_open(time_point now) const;
    /// `said`: the text behind /start. True for one person only; to ask again for that person is allowed until `close`.
    bool try_code(std::string_view said, std::int64_t person, time_point now);
    void close() { code_ = {}; }

private:
    secret code_; // empty: closed
    time_point until_{};
    int wrong_ = 0;
    std::optional<std::int64_t> taken_by_;
};

} // namespace persais::telegram
