#include "sandbox/toolchain.hpp"

#include "sandbox/limits.hpp"
#include "sandbox/mounts.hpp"
#include "sandbox/shown.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>

namespace persais::sandbox {

namespace fs = std::filesystem;

namespace {

/// What belongs to programs in a prefix. The prefix itself may be anything, such as the folder of a project.
constexpr std::array parts_of_prefix = {"bin", "sbin",  "lib",  "lib32", "lib64",   "libexec",    "include",
                                        "jre", "share", "nvvm", "boot",  "targets", "pyvenv.cfg", "release"};
constexpr std::array parts_of_java = {"conf", "jmods", "legal"};
constexpr std::array parts_of_go = {"VERSION", "go.env", "misc", "pkg", "src"};

/// The folders of tools that people install, where not everything is for tasks.
constexpr std::array tool_roots = {"/opt", local_root};

/// Each sandbox has its own; those of the host hold sockets of others.
constexpr std::array<std::string_view, 6> own_of_each = {"/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/var/run"};

std::string get(const std::map<std::string, std::string>& environment, const char* name) {
    auto found = environment.find(name);
    return found == environment.end() ? "" : found->second;
}

bool is_tool_root(const fs::path& folder) {
    return std::ranges::find(tool_roots, folder.native()) != tool_roots.end();
}

/// Whether it is in /opt or /usr/local, and no sandbox shows it anyway.
bool in_tool_root(const fs::path& path) {
    return !always_shown(path) &&
           std::ranges::any_of(tool_roots, [&](const char* root) { return path != root && is_within(path, root); });
}

void add_parts(const fs::path& prefix, std::vector<fs::path>& into) {
    std::error_code ec;
    auto add = [&](const auto& names) {
        for (const char* name : names)
            if (fs::exists(prefix / name, ec)) into.push_back(prefix / name);
    };
    add(parts_of_prefix);
    if (fs::exists(prefix / "release", ec) || fs::exists(prefix / "boot", ec)) add(parts_of_java); // Maven too
    if (fs::exists(prefix / "pkg/tool", ec)) add(parts_of_go);
}

class search {
public:
    explicit search(fs::path home) : home_(std::move(home)) {}

    /// The roots that a bin folder below a home needs: `~/.cargo/bin` works only with `~/.rustup`, and so on. Of a
    /// plain prefix (bin and lib side by side, as Node's) its parts are shown, unless it is `~/.local`, whose share/
    /// holds secrets.
    void add_entry(const fs::path& entry) {
        bool home = !home_.empty() && is_within(home_, entry);
        if (home || std::ranges::find(own_of_each, entry.native()) != own_of_each.end()) return;
        auto prefix = entry.parent_path();
        std::error_code ec;
        if (prefix.filename() == ".cargo") {
            auto rustup = prefix.parent_path() / ".rustup";
            show(entry);
            show(rustup);
            if (fs::is_directory(rustup, ec)) found.variables.push_back("RUSTUP_HOME=" + rustup.string());
        } else if (entry.filename() == "shims" || prefix.filename() == ".pyenv") {
            show(prefix);
        } else if (entry.filename() == "bin" && prefix.filename() != ".local" && !is_within(home_, prefix) &&
                   fs::is_directory(prefix / "lib", ec)) {
            std::vector<fs::path> parts;
            add_parts(prefix, parts);
            for (const auto& part : parts)
                show(part);
        } else {
            show(entry);
        }
    }

    /// What programs of this folder are only links to, or name in their first lines, in /opt or /usr/local.
    void add_what_is_named_in(const fs::path& folder) {
        std::error_code ec;
        bool of_packages = is_within(folder, "/usr") && !is_within(folder, local_root);
        for (const auto& entry : fs::directory_iterator(folder, ec)) {
            std::error_code none;
            if (entry.is_symlink(none)) {
                auto target = fs::read_symlink(entry.path(), none);
                if (target.is_relative() && target.parent_path().empty()) continue; // most are of the same folder
                add_program(fs::canonical(entry.path(), none));
            } else if (!of_packages && entry.is_regular_file(none)) {
                add_words_of(entry.path());
            }
        }
    }

    /// Where the loader looks for libraries.
    void add_library_folders() {
        std::error_code ec;
        for (const auto& entry : fs::directory_iterator("/etc/ld.so.conf.d", ec)) {
            std::ifstream file(entry.path());
            for (std::string line; std::getline(file, line);)
                if (in_tool_root(line)) show(line);
        }
    }

    toolchain found;

private:
    void show(const fs::path& path) {
        std::error_code ec;
        auto holds = [&](const fs::path& folder) { return is_within(path, folder); };
        if (fs::exists(path, ec) && std::ranges::none_of(found.folders, holds)) found.folders.push_back(path);
    }

    void add_program(const fs::path& program) {
        for (const auto& path : needed_by(program))
            show(path);
    }

    /// A script may be nothing but a call of the real program: `#!/opt/tool/bin/python`, `exec /opt/tool/bin/tool
    /// "$@"`.
    void add_words_of(const fs::path& script) {
        std::ifstream file(script, std::ios::binary);
        std::string text(limits::script_head_bytes, '\0');
        file.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(file.gcount()));
        if (!text.starts_with("#!")) return;
        for (std::string root : tool_roots)
            for (auto at = text.find(root += '/'); at != text.npos; at = text.find(root, at + 1)) {
                std::error_code ec;
                auto end = text.find_first_of(" \t\n\"'$:;`(){}<>|&*", at);
                auto named = fs::canonical(text.substr(at, end - at), ec);
                if (!ec && fs::is_regular_file(named, ec)) add_program(named);
            }
    }

    fs::path home_;
};

} // namespace

std::vector<fs::path> needed_by(const fs::path& program) {
    std::vector<fs::path> all;
    auto folder = program.parent_path();
    auto prefix = folder.parent_path();
    if (!in_tool_root(program)) return all;
    if (is_tool_root(folder))
        all.push_back(program);
    else if (folder.filename() == "bin" || folder.filename() == "sbin")
        add_parts(prefix, all);
    else
        all.push_back(folder);
    std::erase_if(all, always_shown);
    return all;
}

toolchain find_toolchain(const std::map<std::string, std::string>& environment) {
    search all(get(environment, "HOME"));
    auto& path = all.found.path;
    std::set<fs::path> entries;
    std::string named = get(environment, "PATH");
    auto add_to_path = [&](const fs::path& entry) { path += (path.empty() ? "" : ":") + entry.string(); };
    for (std::size_t at = 0; at <= named.size();) {
        auto end = std::min(named.find(':', at), named.size());
        auto entry = fs::path(named.substr(at, end - at)).lexically_normal();
        if (!entry.has_filename() && entry != "/") entry = entry.parent_path(); // /folder/
        at = end + 1;
        std::error_code ec;
        if (!entry.is_absolute() || !fs::is_directory(entry, ec) || !entries.insert(entry).second) continue;
        if (!always_shown(entry)) all.add_entry(entry);
        add_to_path(entry);
    }
    for (auto* usual : {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"})
        if (entries.insert(usual).second) add_to_path(usual);
    for (const auto& entry : entries)
        all.add_what_is_named_in(entry);
    all.add_library_folders();
    return std::move(all.found);
}

} // namespace persais::sandbox
