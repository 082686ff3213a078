#include "base/told.hpp"
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

std::string apparmor() {
    return told<"Ubuntu's AppArmor keeps ordinary users from making namespaces: run `sysctl -w "
                "kernel.apparmor_restrict_unprivileged_userns=0` (and put it into /etc/sysctl.d to last), or write "
                "`abi <abi/4.0>, profile bwrap /usr/bin/bwrap flags=(unconfined) {{ userns, }}` to "
                "/etc/apparmor.d/bwrap and run `apparmor_parser -r /etc/apparmor.d/bwrap`.",
                "AppArmor в Ubuntu не даёт обычным пользователям создавать пространства имён: выполните `sysctl -w "
                "kernel.apparmor_restrict_unprivileged_userns=0` (и впишите это в /etc/sysctl.d, чтобы осталось) или "
                "впишите `abi <abi/4.0>, profile bwrap /usr/bin/bwrap flags=(unconfined) {{ userns, }}` в "
                "/etc/apparmor.d/bwrap и выполните `apparmor_parser -r /etc/apparmor.d/bwrap`.">();
}

std::string docker() {
    return told<"Start the container with the security options of docker-compose.yml: `security_opt: "
                "[seccomp=deploy/seccomp.json, apparmor=unconfined, systempaths=unconfined]` (docker run: "
                "--security-opt for each).",
                "Запустите контейнер с параметрами безопасности из docker-compose.yml: `security_opt: "
                "[seccomp=deploy/seccomp.json, apparmor=unconfined, systempaths=unconfined]` (docker run: "
                "--security-opt для каждого).">();
}

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
        return told<"Move what the sentence names, then look again.",
                    "Переместите то, что названо в этом предложении, и проверьте снова.">();
    if (why.contains("not installed"))
        return told<"Install the package bubblewrap (0.8 or newer).", "Установите пакет bubblewrap (0.8 или новее).">();
    if (why.contains("nknown option"))
        return told<"Install bubblewrap 0.8 or newer.", "Установите bubblewrap 0.8 или новее.">();
    if (here.container) return docker();
    if (here.ordinary && here.apparmor) return apparmor();
    if (here.ordinary && here.debian)
        return told<"Run `sysctl -w kernel.unprivileged_userns_clone=1`, or start Persais as root.",
                    "Выполните `sysctl -w kernel.unprivileged_userns_clone=1` или запустите Persais под root.">();
    if (here.none)
        return told<"Run `sysctl -w user.max_user_namespaces=10000`.",
                    "Выполните `sysctl -w user.max_user_namespaces=10000`.">();
    return told<"In a container: {} Elsewhere look for what forbids namespaces (AppArmor, SELinux, seccomp).",
                "В контейнере: {} Иначе ищите, что запрещает пространства имён (AppArmor, SELinux, seccomp).">(
        docker());
}

namespace {

/// Why no agent is kept ready, and what that costs; empty: one is.
std::string not_ready(const std::string& no_clones, const config::settings& s) {
    if (!s.prepared_agent)
        return told<
            " PREPARED_AGENT is off: each task loads the agent itself, which takes seconds of a core and 200 MB.",
            " PREPARED_AGENT выключен: каждая задача сама загружает агента, это секунды ядра и 200 МБ.">();
    if (no_clones.empty()) return {};
    return told<
        " No agent can be kept ready ({}): each task loads it itself, which takes seconds of a core and 200 MB.",
        " Держать агента наготове нельзя ({}): каждая задача загружает его сама, это секунды ядра и 200 МБ.">(
        no_clones);
}

} // namespace

finding judge_sandbox(const sandbox::choice& chosen, const std::string& no_clones, const config::settings& s) {
    switch (chosen.use->level()) {
    case sandbox::isolation_level::unsafe:
        return warn(
            "sandbox",
            told<"PERSAIS_UNSAFE is on: agent and checks run without a sandbox.",
                 "Действует PERSAIS_UNSAFE: агент и проверки работают без песочницы.">(),
            told<"Only for trying out ({}). {}", "Только для пробы ({}). {}">(cause(chosen.why), advice(chosen.why)),
            {{"rung", "unsafe"}, {"why", chosen.why}});
    case sandbox::isolation_level::refused:
        return failed("sandbox", told<"Tasks are refused: {}.", "Задачи не принимаются: {}.">(cause(chosen.why)),
                      advice(chosen.why), {{"rung", "refused"}, {"why", chosen.why}, {"unsafe_asked", s.unsafe}});
    default:
        return ok("sandbox",
                  told<"bubblewrap confines agent and checks{}.", "bubblewrap ограничивает агента и проверки{}.">(
                      ::geteuid() == 0
                          ? told<", each task as a user of its own", ", каждую задачу под своим пользователем">()
                          : "") +
                      " " +
                      (chosen.landlock > 0
                           ? told<"Landlock (version {}) stands behind it.", "За ним стоит Landlock (версия {}).">(
                                 chosen.landlock)
                           : told<"This kernel has no Landlock.", "В этом ядре нет Landlock.">()) +
                      not_ready(no_clones, s),
                  {{"rung", "bubblewrap"},
                   {"landlock", chosen.landlock},
                   {"prepared", s.prepared_agent && no_clones.empty()},
                   {"not_prepared", no_clones}});
    }
}

} // namespace persais::doctor
