#include "base/told.hpp"
#include "config/settings.hpp"

#include <fmt/format.h>

namespace persais::config {

result<std::filesystem::path> find_beside(const settings& from, const std::filesystem::path& exe_folder,
                                          std::string_view name) {
    const bool wrapper = name == "agent"; // the agent's wrapper belongs to the binary, so no setting names it
    const bool agent = name == "agent-env";
    const auto holds = wrapper ? "run.py" : agent ? "bin/python" : "bin/postgres";
    const auto variable = agent ? "PERSAIS_AGENT_ENV" : "PERSAIS_POSTGRES";
    std::error_code ignored;
    if (const auto& set = agent ? from.agent_env : from.postgres; !wrapper && !set.empty()) {
        if (std::filesystem::exists(set / holds, ignored)) return set;
        return fail(told<"{}: there is no {} in {}", "{}: нет {} в {}">(variable, holds, set.string()));
    }
    for (auto place : {"../deps", "../../deps", "../lib/persais", "../../.."}) {
        auto folder = (exe_folder / place / name).lexically_normal();
        if (std::filesystem::exists(folder / holds, ignored)) return folder;
    }
    if (wrapper)
        return fail(told<"The agent's program (agent/run.py) is not beside {}",
                         "Программы агента (agent/run.py) нет рядом с {}">(exe_folder.string()));
    return fail(told<"{}: not set, and there is no {} beside {}", "{}: не задано, и нет {} рядом с {}">(
        variable, name, exe_folder.string()));
}

} // namespace persais::config
