#pragma once
#include "service/reseal.hpp"

namespace persais::app {

/// All kinds of sealed values: those of the service's rules, and messages that wait to be sent.
std::vector<service::sealed_kind> all_sealed_kinds();

} // namespace persais::app
