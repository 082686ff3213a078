#include "worker/toolchain.hpp"

#include <algorithm>
#include <set>

namespace persais::worker {

namespace fs = std::filesystem;

namespace {

/// These are part of every sandbox (sandbox/) and need not be added.
constexpr std::string_view system_roots[] = {"/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt", "/nix"};

bool below(const fs::path& path, const fs::path& root) {
    auto [end, unused] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
    return end == root.end();
}

std::string get(const std::map<std::string, std::string>& environment, const char* name) {
    auto found = environment.find(name);
    return found == environment.end() ? "" : found->second;
}

/// The roots that a bin folder below a home needs: `~/.cargo/bin` works only with `~/.rustup`, and so on. A plain
/// prefix (bin and lib side by side, as Node's) is shown whole unless it is `~/.local`, whose share/ holds secrets.
void add_roots(const fs::path& entry, const fs::path& home, toolchain& into, std::set<fs::path>& seen) {
    auto show = [&](const fs::path& folder) {
        std::error_code ec;
        if (fs::is_directory(folder, ec) && seen.insert(folder).second) into.folders.push_back(folder);
    };
    auto prefix = entry.parent_path();
    std::error_code ec;
    if (prefix.filename() == ".cargo") {
        auto rustup = prefix.parent_path() / ".rustup";
        show(entry);
        show(rustup);
        if (fs::is_directory(rustup, ec)) into.variables.push_back("RUSTUP_HOME=" + rustup.string());
    } else if (entry.filename() == "shims" || prefix.filename() == ".pyenv") {
        show(prefix);
    } else if (entry.filename() == "bin" && prefix.filename() != ".local" && !below(home, prefix) &&
               fs::is_directory(prefix / "lib", ec)) {
        show(prefix);
    } else {
        show(entry);
    }
}

} // namespace

toolchain find_toolchain(const std::map<std::string, std::string>& environment) {
    toolchain found;
    std::set<fs::path> seen, entries;
    std::string all = get(environment, "PATH");
    for (std::size_t at = 0; at <= all.size();) {
        auto end = std::min(all.find(':', at), all.size());
        fs::path entry = all.substr(at, end - at);
        at = end + 1;
        std::error_code ec;
        if (!entry.is_absolute() || !fs::is_directory(entry, ec) || !entries.insert(entry).second) continue;
        if (std::ranges::none_of(system_roots, [&](auto root) { return below(entry, root); }))
            add_roots(entry, get(environment, "HOME"), found, seen);
        found.path += (found.path.empty() ? "" : ":") + entry.string();
    }
    for (auto* usual : {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"})
        if (!entries.contains(usual)) found.path += (found.path.empty() ? "" : ":") + std::string(usual);
    return found;
}

std::vector<std::string> check_environment(const toolchain& tools, const std::string& home,
                                           const std::map<std::string, std::string>& environment, bool network) {
    std::vector<std::string> all{
        "HOME=" + home,
        "USER=agent",
        "LOGNAME=agent",
        "SHELL=/bin/sh",
        "PATH=" + home + "/venv/bin:" + home + "/.local/bin:" + home + "/.cargo/bin:" + home + "/go/bin:" + tools.path,
        "LANG=C.UTF-8",
        "TMPDIR=/tmp",
        "TERM=dumb",
        "CI=true",
        "PYTHONUNBUFFERED=1",
        "PIP_DISABLE_PIP_VERSION_CHECK=1",
        "GOTOOLCHAIN=local",
    };
    all.insert(all.end(), tools.variables.begin(), tools.variables.end());
    if (!network) {
        // Python decides by a file's size and the second of its change whether bytecode is up to date: a repair within
        // the same second that keeps the size was checked with the bytecode of the code before it.
        all.push_back("PYTHONDONTWRITEBYTECODE=1");
        return all;
    }
    for (auto* name :
         {"http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE",
          "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "PIP_CERT", "GIT_SSL_CAINFO"})
        if (auto value = get(environment, name); !value.empty()) all.push_back(std::string(name) + "=" + value);
    return all;
}

} // namespace persais::worker
