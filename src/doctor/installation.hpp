#pragma once
#include "coder/aider.hpp"
#include "doctor/subject.hpp"

namespace persais::doctor {

/// The paths of the agent's environment and wrapper. An error is one sentence.
result<coder::aider_installation> find_agent(const subject& of);

} // namespace persais::doctor
