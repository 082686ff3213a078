#pragma once
#include <string>

namespace persais::coder {

struct aider_options {
    std::string weak_model;  // empty: the job's own model
    std::string edit_format; // empty: aider chooses
};

} // namespace persais::coder
