#pragma once
#include "memory/item.hpp"

#include <string>
#include <vector>

namespace persais::memory {

/// Of these, in their order, those that fit into limits::recalled_bytes once they are framed.
std::vector<item> that_fit(std::vector<item> all);

/// What an agent is given: each item with its source, and before them what they are. Every line of an item is marked,
/// so that no item can end the frame or pretend to be something else. Empty for no items.
std::string framed(const std::vector<item>& all);

} // namespace persais::memory
