#pragma once
#include "doctor/finding.hpp"
#include "doctor/surroundings.hpp"

namespace persais::doctor {

/// The boxes of the "Definition of Done" as findings: each ticked or not by what the probes saw (named in its facts),
/// or `skipped` with how to see it where this process cannot.
findings boxes(const findings& seen, const place& here);

} // namespace persais::doctor
