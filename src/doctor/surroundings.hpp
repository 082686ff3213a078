#pragma once
#include <string>

namespace persais::doctor {

/// The kind of place that this process runs in.
struct place {
    bool container = false;
    bool installed = false; // the program is not in a build folder
    std::string fly_app;    // FLY_APP_NAME; empty: not on Fly
    std::string fly_machine, fly_region;
};
place surroundings();

} // namespace persais::doctor
