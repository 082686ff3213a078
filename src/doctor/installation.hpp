#pragma once
#include "coder/aider.hpp"
#include "doctor/subject.hpp"

namespace persais::doctor {

/// Where the agent's environment and wrapper are. An error is one sentence.
result<coder::aider_installation> find_agent(const subject& of);

} // namespace persais::doctor
