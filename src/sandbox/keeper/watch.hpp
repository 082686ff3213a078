#pragma once
#include "sandbox/keeper/errand.hpp"
#include "sandbox/keeper/tree.hpp"
#include "sandbox/keeper/usage.hpp"
#include "sandbox/limits.hpp"

namespace persais::keeper {

inline constexpr int memory_watch_least_ms =
    static_cast<int>(std::chrono::milliseconds(limits::memory_watch_least).count());
inline constexpr int memory_watch_most_ms =
    static_cast<int>(std::chrono::milliseconds(limits::memory_watch_most).count());

inline constexpr int longest_look_ms = 1000; // also for a counting process, before the estimate decides

/// When to check next. A program can fill about 4 GiB a second, so the next check comes before it can exceed the limit
/// by much. Checking uses at most a twentieth of a core, unless that would delay a check by more than a second.
inline int next_look_ms(unsigned long long bytes, unsigned long long limit, long long looking_took_ms) {
    unsigned long long left = bytes < limit ? limit - bytes : 0;
    auto soon = static_cast<long long>(left / (4ULL << 20));
    if (soon < memory_watch_least_ms) soon = memory_watch_least_ms;
    if (soon > memory_watch_most_ms) soon = memory_watch_most_ms;
    long long cheap = 20 * looking_took_ms < 1000 ? 20 * looking_took_ms : 1000;
    return static_cast<int>(soon > cheap ? soon : cheap);
}

/// Checks a tree's memory periodically. It does fast checks itself. When one is not conclusive, a separate process
/// counts exactly, because a fork bomb (seen: a minute), or a malicious task, can keep that count waiting in the
/// kernel.
class watch {
public:
    watch(unsigned long long limit, bool own_scratch, int child_signals)
        : limit_(limit), child_signals_(child_signals), usage_(own_scratch) {}

    /// Milliseconds until over() must be called again, unless descriptor() becomes readable before.
    int due_in() const {
        long long left = next_ - now_ms();
        return left > 0 ? static_cast<int>(left) : 0;
    }
    int descriptor() const { return count_.descriptor(); }

    /// True: the tree exceeds its limit.
    bool over() {
        using news = errand<unsigned long long>::news;
        unsigned long long bytes = 0;
        if (count_.under_way()) {
            auto came = count_.take(bytes, due_in() == 0);
            if (came == news::none) return false;
            if (came == news::failed) bytes = seen_.own;
        } else {
            if (due_in() > 0) return false;
            started_ = now_ms();
            unsigned looked_at = 0;
            auto stop = [&] { return ++looked_at % 16 == 0 && (has_news() || now_ms() - started_ > longest_look_ms); };
            seen_ = usage_.at_most(tree_, stop);
            bytes = seen_.all;
            // When no process can be started, the estimate decides.
            if (bytes > limit_ && count_.send([&] { return usage_.exactly(tree_, limit_); })) {
                next_ = now_ms() + longest_look_ms;
                return false;
            }
        }
        long long now = now_ms();
        next_ = now + next_look_ms(bytes, limit_, now - started_);
        return bytes > limit_;
    }

private:
    /// Whether another event is waiting for the keeper.
    bool has_news() const {
        pollfd events[] = {{life_fd, POLLIN, 0}, {child_signals_, POLLIN, 0}};
        return poll(events, 2, 0) > 0;
    }

    unsigned long long limit_;
    int child_signals_;
    usage usage_;
    descendants tree_;
    usage::estimate seen_;
    long long started_ = 0, next_ = 0;
    errand<unsigned long long> count_;
};

} // namespace persais::keeper
