#include "coder/aider_installation.hpp"

#include "sandbox/toolchain.hpp"

#include <algorithm>
#include <iterator>

namespace persais::coder {

std::vector<std::filesystem::path> tools_of(const aider_installation& where) {
    std::vector<std::filesystem::path> tools{where.environment, where.wrapper.parent_path()};
    std::error_code ec;
    if (auto python = std::filesystem::canonical(where.environment / "bin/python", ec); !ec)
        std::ranges::move(sandbox::needed_by(python), std::back_inserter(tools));
    return tools;
}

std::vector<std::string> environment_of(const std::string& home) {
    return {"HOME=" + home,         "PATH=/usr/local/bin:/usr/bin:/bin",
            "LANG=C.UTF-8",         "TERM=dumb",
            "NO_COLOR=1",           "PYTHONDONTWRITEBYTECODE=1",
            "PYTHONUTF8=1",         "LITELLM_LOCAL_MODEL_COST_MAP=True",
            "GIT_CONFIG_NOSYSTEM=1"};
}

} // namespace persais::coder
