#include "doctor/agent.hpp"
#include "doctor/surroundings.hpp"

#include <fstream>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::doctor {

namespace {

bool holds(const char* path, char value) {
    std::ifstream file(path);
    char c = 0;
    return file.get(c) && c == value;
}

constexpr auto apparmor = "Ubuntu's AppArmor keeps ordinary users from making namespaces: run `sysctl -w "
                          "kernel.apparmor_restrict_unprivileged_userns=0` (and put it into /etc/sysctl.d to last), or "
                          "write `abi <abi/4.0>, profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }` to "
                          "/etc/apparmor.d/bwrap and run `apparmor_parser -r /etc/apparmor.d/bwrap`.";

constexpr auto docker = "Start the container with the security options of docker-compose.yml: `security_opt: "
                        "[seccomp=deploy/seccomp.json, apparmor=unconfined, systempaths=unconfined]` (docker run: "
                        "--security-opt for each).";

restraints of_this_machine() {
    return {.ordinary = ::geteuid() != 0,
            .container = surroundings().container,
            .apparmor = holds("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'),
            .debian = holds("/proc/sys/kernel/unprivileged_userns_clone", '0'),
            .none = holds("/proc/sys/user/max_user_namespaces", '0')};
}

std::string advice(const std::string& why) {
    return sandbox_advice(why, of_this_machine());
}

/// The backend's sentence without its own advice.
std::string cause(const std::string& why) {
    auto end = why.find("): ");
    return end == why.npos ? why : why.substr(0, end + 1);
}

} // namespace

std::string sandbox_advice(const std::string& why, const restraints& here) {
    if (why.contains("hidden from tasks") || why.contains("no task may see") || why.contains("a hard link"))
        return "Move what the sentence names, then look again.";
    if (why.contains("not installed")) return "Install the package bubblewrap (0.8 or newer).";
    if (why.contains("nknown option")) return "Install bubblewrap 0.8 or newer.";
    if (here.container) return docker;
    if (here.ordinary && here.apparmor) return apparmor;
    if (here.ordinary && here.debian)
        return "Run `sysctl -w kernel.unprivileged_userns_clone=1`, or start Persais as root.";
    if (here.none) return "Run `sysctl -w user.max_user_namespaces=10000`.";
    return fmt::format("In a container: {} Elsewhere look for what forbids namespaces (AppArmor, SELinux, seccomp).",
                       docker);
}

finding judge_sandbox(const sandbox::choice& chosen, const config::settings& s) {
    switch (chosen.use->level()) {
    case sandbox::isolation_level::unsafe:
        return warn("sandbox", "PERSAIS_UNSAFE is on: agent and checks run without a sandbox.",
                    fmt::format("Only for trying out ({}). {}", cause(chosen.why), advice(chosen.why)),
                    {{"rung", "unsafe"}, {"why", chosen.why}});
    case sandbox::isolation_level::refused:
        return failed("sandbox", fmt::format("Tasks are refused: {}.", cause(chosen.why)), advice(chosen.why),
                      {{"rung", "refused"}, {"why", chosen.why}, {"unsafe_asked", s.unsafe}});
    default:
        return ok("sandbox",
                  fmt::format("bubblewrap confines agent and checks{}, {}.",
                              ::geteuid() == 0 ? ", each task as a user of its own" : "",
                              chosen.landlock > 0 ? fmt::format("with Landlock (version {}) behind it", chosen.landlock)
                                                  : "without Landlock, which this kernel does not have"),
                  {{"rung", "bubblewrap"}, {"landlock", chosen.landlock}});
    }
}

} // namespace persais::doctor
