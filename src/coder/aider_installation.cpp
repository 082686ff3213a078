#include "coder/aider_installation.hpp"

#include "sandbox/toolchain.hpp"

#include <algorithm>
#include <iterator>
#include <sys/stat.h>

#include <fmt/format.h>

namespace persais::coder {

namespace fs = std::filesystem;

std::vector<std::filesystem::path> tools_of(const aider_installation& where) {
    std::vector<std::filesystem::path> tools{where.environment, where.wrapper.parent_path()};
    std::error_code ec;
    if (auto python = std::filesystem::canonical(where.environment / "bin/python", ec); !ec)
        std::ranges::move(sandbox::needed_by(python), std::back_inserter(tools));
    return tools;
}

std::string stamp_of(const aider_installation& where, std::vector<std::filesystem::path> parts) {
    const auto& environment = where.environment;
    auto wrapper = where.wrapper.parent_path();
    for (const auto& path : {environment, environment / ".stamp", environment / "pyvenv.cfg", environment / "bin",
                             environment / "bin/python", wrapper, wrapper / "persais_agent"})
        parts.push_back(path);
    // Installers write into folders of packages, but over the files of the wrapper.
    auto add_all_in = [&](const fs::path& folder, const char* below = nullptr) {
        std::error_code ec;
        for (fs::directory_iterator i(folder, ec), end; !ec && i != end; i.increment(ec))
            parts.push_back(below ? i->path() / below : i->path());
    };
    add_all_in(environment / "lib", "site-packages");
    add_all_in(wrapper);
    add_all_in(wrapper / "persais_agent");
    std::ranges::sort(parts);
    std::string all;
    for (const auto& path : parts) {
        struct stat info{};
        if (::stat(path.c_str(), &info) == 0)
            all += fmt::format("{}:{}.{} ", info.st_ino, info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
    }
    return all;
}

std::vector<std::string> environment_of(const std::string& home) {
    return {"HOME=" + home,         "PATH=/usr/local/bin:/usr/bin:/bin",
            "LANG=C.UTF-8",         "TERM=dumb",
            "NO_COLOR=1",           "PYTHONDONTWRITEBYTECODE=1",
            "PYTHONUTF8=1",         "LITELLM_LOCAL_MODEL_COST_MAP=True",
            "GIT_CONFIG_NOSYSTEM=1"};
}

} // namespace persais::coder
