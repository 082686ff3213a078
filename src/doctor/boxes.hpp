#pragma once
#include "doctor/finding.hpp"
#include "doctor/surroundings.hpp"

namespace persais::doctor {

/// The boxes of the "Definition of Done" as findings. The probes (named in its facts) decide whether a box is ticked;
/// where this process cannot decide, it is `skipped` and says how to check.
findings boxes(const findings& seen, const place& here);

} // namespace persais::doctor
