#pragma once
#include <string>

namespace persais::doctor {

/// What kind of place this process runs in.
struct place {
    bool container = false;
    bool installed = false; // not a build folder's program
    std::string fly_app;    // FLY_APP_NAME; empty: not on Fly
    std::string fly_machine, fly_region;
};
place surroundings();

} // namespace persais::doctor
