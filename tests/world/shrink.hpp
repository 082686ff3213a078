#pragma once
#include "world/plan.hpp"

#include <functional>

namespace persais::world {

/// The plan with as few faults and tasks as still fail: removes parts, halves first, until nothing more can be removed.
plan shrink(plan failing, const std::function<bool(const plan&)>& fails);

} // namespace persais::world
