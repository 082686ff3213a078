#pragma once
#include "coder/agent.hpp"
#include "ops/subject.hpp"

namespace persais::ops {

/// Where the agent's environment and wrapper are. An error is one sentence.
result<coder::installation> find_agent(const subject& of);

} // namespace persais::ops
