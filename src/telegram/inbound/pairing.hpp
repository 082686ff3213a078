#pragma once
#include "base/clock.hpp"
#include "base/secret.hpp"
#include "telegram/inbound/limits.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace persais::telegram {

/// Who sent wrong codes, and how many: nobody is heard for limits::wrong_codes_for after the last of
/// limits::pairing_tries.
class wrong_codes {
public:
    bool hears(std::int64_t person, time_point now) const;
    /// Counts another one. True: the person is not heard from now on.
    bool count(std::int64_t person, time_point now);
    void clear() { wrong_.clear(); }

private:
    struct entry {
        int count = 0;
        time_point last{};
    };
    std::map<std::int64_t, entry> wrong_; // at most limits::pairing_remembered
};

/// The one-time code by which the first person becomes the admin: valid for limits::pairing_valid. Whoever said
/// limits::pairing_tries wrong ones is not heard for limits::wrong_codes_for; all others are, so that nobody can
/// shut out the right person. It is in memory only: the next start makes another one.
class pairing {
public:
    enum class guess { right, wrong, last_wrong, unheard };
    /// Pairing is closed until `open`.
    pairing() = default;
    /// Makes this the code; wrong tries are counted from zero, and nobody has used it.
    void open(secret code, time_point now);
    /// Whether pairing waits for a code.
    bool is_open(time_point now) const;
    /// Whether pairing waits for a code of this person.
    bool hears(std::int64_t person, time_point now) const;
    /// `said`: the text behind /start. `right` for one person only; to ask again for that person is allowed until
    /// `close`. `last_wrong`: the person is not heard from now on.
    guess try_code(std::string_view said, std::int64_t person, time_point now);
    void close() { code_ = {}; }

private:
    secret code_; // empty: closed
    time_point until_{};
    wrong_codes wrong_;
    std::optional<std::int64_t> taken_by_;
};

/// What strangers' messages may come to: at most `most` times in an hour, and once for each chat, for good or within an
/// hour.
class hourly_answers {
public:
    enum class once { for_good, in_an_hour };
    hourly_answers(int most, once for_each_chat) : most_(most), once_(for_each_chat) {}
    /// Whether a message of this chat may still be answered.
    bool left_for(std::int64_t chat, time_point now) const;
    /// Takes the chat's answer for this update; for the same update it may be taken again.
    bool take(std::int64_t chat, std::int64_t update, time_point now);

private:
    struct hint {
        std::int64_t chat = 0, update = 0;
        time_point at{};
    };
    const hint* of(std::int64_t chat, time_point now) const;
    int most_;
    once once_;
    std::deque<hint> given_; // oldest first, at most limits::pairing_remembered
};

} // namespace persais::telegram
