#pragma once
#include <compare>
#include <cstdint>
#include <string>

namespace persais {

/// A number that identifies one kind of row and cannot be used for another kind.
template <class Tag>
struct id {
    std::int64_t value = 0;
    auto operator<=>(const id&) const = default;
    std::string str() const { return std::to_string(value); }
};

using task_id = id<struct task_tag>;
/// Grows by one with each claim of a task; every write carries it (design.md D4).
using fence = id<struct fence_tag>;

} // namespace persais
