#pragma once
#include "world/plan.hpp"

#include <functional>

namespace persais::world {

/// The plan with as few faults and tasks as still fail: leaves parts out, halves first, until nothing can be left out.
plan shrink(plan failing, const std::function<bool(const plan&)>& fails);

} // namespace persais::world
