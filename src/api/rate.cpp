#include "api/rate.hpp"

#include <algorithm>

namespace persais::api {

double rate::left_at(const bucket& b, std::chrono::steady_clock::time_point now) const {
    return std::min(burst_, b.left + std::chrono::duration<double>(now - b.at).count() * each_second_);
}

/// A full bucket is as none. When all are in use, the one that is fullest goes: it had asked least.
void rate::make_room(std::chrono::steady_clock::time_point now) {
    if (buckets_.size() < most_keys_) return;
    std::erase_if(buckets_, [&](const auto& each) { return left_at(each.second, now) >= burst_; });
    if (buckets_.size() < most_keys_) return;
    buckets_.erase(std::ranges::max_element(buckets_, {}, [&](const auto& each) { return left_at(each.second, now); }));
}

bool rate::would_take(const std::string& key, std::chrono::steady_clock::time_point now) const {
    auto found = buckets_.find(key);
    return found == buckets_.end() || left_at(found->second, now) >= 1;
}

bool rate::take(const std::string& key, std::chrono::steady_clock::time_point now) {
    auto found = buckets_.find(key);
    if (found == buckets_.end()) {
        make_room(now);
        found = buckets_.emplace(key, bucket{burst_, now}).first;
    }
    found->second = {left_at(found->second, now), now};
    if (found->second.left < 1) return false;
    found->second.left -= 1;
    return true;
}

} // namespace persais::api
