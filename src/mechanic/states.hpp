#pragma once
#include "mechanic/task.hpp"

#include <vector>

/// For what tells the states apart. A visit with `each_state` names every one of them: a new state does not compile
/// until each place has decided. There is no branch for the others.
namespace persais::mechanic {

template <class... F>
struct each_state : F... {
    using F::operator()...;
};

/// The state of this name, with no data; nullopt: a newer version's.
std::optional<state> state_from(std::string_view name);

/// In the order of the variant.
std::vector<std::string> state_names();

} // namespace persais::mechanic
