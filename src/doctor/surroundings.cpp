#include "doctor/surroundings.hpp"

#include <cstdlib>
#include <filesystem>

namespace persais::doctor {

namespace {
std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}
} // namespace

place surroundings() {
    place here{.fly_app = variable("FLY_APP_NAME"),
               .fly_machine = variable("FLY_MACHINE_ID"),
               .fly_region = variable("FLY_REGION")};
    std::error_code ec;
    // Docker and Podman are detected by their files; others (containerd, systemd-nspawn) set the variable for the first
    // process only.
    here.container = !here.fly_app.empty() || std::filesystem::exists("/.dockerenv", ec) ||
                     std::filesystem::exists("/run/.containerenv", ec) || !variable("container").empty() ||
                     !variable("KUBERNETES_SERVICE_HOST").empty();
    auto program = std::filesystem::read_symlink("/proc/self/exe", ec);
    here.installed = !std::filesystem::exists(program.parent_path().parent_path() / "CMakeCache.txt", ec);
    return here;
}

} // namespace persais::doctor
