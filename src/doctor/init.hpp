#pragma once
#include "config/settings.hpp"

#include <map>

namespace persais::doctor {

struct init_request {
    std::filesystem::path folder; // the folder of the .env
    std::filesystem::path exe_folder;
    config::environment variables;            // of this process
    std::map<std::string, std::string> given; // given by flags: a setting's name, its value
    bool yes = false;                         // ask nothing
    bool test = true;                         // test each answer on the real service
    bool again = false;                       // also ask for what is set already
};

/// `persais init`: asks (on a terminal) for what is missing, tests each answer, writes .env. The exit code: 0 written
/// or nothing to do, 1 an answer was found wrong and nothing was written, 2 wrong use, 130 interrupted (the old .env is
/// intact).
int init(init_request what);

} // namespace persais::doctor
