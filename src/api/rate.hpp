#pragma once
#include "base/clock.hpp"

#include <map>
#include <string>

namespace persais::api {

/// How often somebody may ask: so many at once, and then so many in each second. Of each key there is a bucket, while
/// it is not full.
class rate {
public:
    rate(double burst, double each_second, std::size_t most_keys)
        : burst_(burst), each_second_(each_second), most_keys_(most_keys) {}
    /// Whether one more is allowed, which is then counted.
    bool take(const std::string& key, std::chrono::steady_clock::time_point now);
    /// The same without counting it.
    bool would_take(const std::string& key, std::chrono::steady_clock::time_point now) const;

private:
    struct bucket {
        double left;
        std::chrono::steady_clock::time_point at;
    };
    double left_at(const bucket& b, std::chrono::steady_clock::time_point now) const;
    void make_room(std::chrono::steady_clock::time_point now);

    double burst_, each_second_;
    std::size_t most_keys_;
    std::map<std::string, bucket> buckets_;
};

} // namespace persais::api
