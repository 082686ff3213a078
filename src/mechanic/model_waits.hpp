#pragma once
#include "mechanic/endings.hpp"

namespace persais::mechanic {

/// Money, a key or an admin's word is missing: no attempt is used up, because a person can help, or the time. It is
/// looked at again as often as that makes sense, and given up after a day; a month's end and an admin's word are waited
/// for.
decision wait_for_model(task& t, wait_reason why, const model_failed& e, time_point now);

} // namespace persais::mechanic
