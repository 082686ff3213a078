#pragma once
#include <chrono>

namespace persais {

/// Wall time as PostgreSQL stores it: UTC, microseconds.
using time_point = std::chrono::sys_time<std::chrono::microseconds>;

/// The driver's only source of wall time, so that tests can set it.
class clock {
public:
    virtual ~clock() = default;
    virtual time_point now() const = 0;
    /// For measuring durations: it never jumps.
    virtual std::chrono::steady_clock::time_point steady() const { return std::chrono::steady_clock::now(); }
};

class system_clock final : public clock {
public:
    time_point now() const override {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
};

} // namespace persais
