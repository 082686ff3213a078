#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace persais::world {

/// What happened, in order. Lines cost time, so that only a replay keeps them; the checksum always tells whether two
/// runs are the same.
class trace {
public:
    explicit trace(bool keep) : keep_(keep) {}

    /// `format` is a literal; the arguments are numbers, or text that lives as long as this call.
    template <class... Args>
    void note(std::chrono::nanoseconds now, fmt::format_string<Args...> format, Args&&... args) {
        add(static_cast<std::uint64_t>(now.count()));
        (add_one(args), ...);
        if (!keep_) return;
        lines_.push_back(fmt::format("{:>12.6f}  ", std::chrono::duration<double>(now).count()) +
                         fmt::format(format, std::forward<Args>(args)...));
    }
    std::uint64_t sum() const { return sum_; }
    const std::vector<std::string>& lines() const { return lines_; }

private:
    void add(std::uint64_t n) { sum_ = (sum_ ^ n) * 0x100000001b3ULL; }
    template <class T>
    void add_one(const T& value) {
        if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>)
            add(static_cast<std::uint64_t>(value));
        else
            for (char c : std::string_view(value))
                add(static_cast<unsigned char>(c));
    }

    bool keep_;
    std::uint64_t sum_ = 0xcbf29ce484222325ULL;
    std::vector<std::string> lines_;
};

} // namespace persais::world
