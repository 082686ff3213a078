// What a confined program sees of the host's system: the toolchain, read-only, and those parts of /etc that programs
// need.
#include "sandbox/bubblewrap.hpp"
#include "sandbox/keeper/protocol.hpp"
#include "sandbox/limits.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

namespace persais::sandbox {
namespace {

namespace fs = std::filesystem;

/// Nothing here may contain a password: no gitconfig, pip.conf, npmrc, wgetrc, no key of /etc/ssl/private.
constexpr std::array etc_folders = {"alternatives", "crypto-policies", "fonts", "ld.so.conf.d", "maven", "perl",
                                    "pki/ca-trust", "pki/tls/certs",   "R",     "ssl/certs"};
constexpr std::array etc_folder_prefixes = {"java-", "python", "ImageMagick-", "ghc"};
constexpr std::array etc_files = {
    "debian_version", "gai.conf",   "host.conf",     "ld.so.cache",     "ld.so.conf",       "localtime",
    "lsb-release",    "mime.types", "nsswitch.conf", "os-release",      "pki/tls/cert.pem", "pki/tls/openssl.cnf",
    "protocols",      "services",   "ssl/cert.pem",  "ssl/openssl.cnf", "timezone"};

constexpr std::array system_roots = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix"};

void add_toolchain(command_line& line) {
    for (const char* root : system_roots) {
        std::error_code ec;
        if (fs::is_symlink(root, ec))
            line.place({"--symlink", fs::read_symlink(root)}, root);
        else if (fs::is_directory(root, ec))
            line.place({"--ro-bind", root}, root);
    }
}

void add_etc(command_line& line) {
    const fs::path etc = "/etc";
    auto add = [&](const fs::path& path) {
        std::error_code ec;
        if (auto source = fs::canonical(path, ec); !ec && fs::is_directory(source, ec))
            line.place({"--ro-bind", source}, path);
    };
    for (const char* name : etc_folders)
        add(etc / name);
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(etc, ec)) {
        auto name = entry.path().filename().string();
        if (std::ranges::any_of(etc_folder_prefixes, [&](std::string_view prefix) { return name.starts_with(prefix); }))
            add(entry.path());
    }
    for (const char* name : etc_files) {
        std::ifstream file(etc / name, std::ios::binary);
        if (file) line.file(etc / name, (std::ostringstream{} << file.rdbuf()).str());
    }
}

/// The task's own folders may be below a folder that is bound completely (a service installed in /opt/persais with its
/// data). Then the subfolder of that root that contains them is hidden, and with it the data of other tasks and of the
/// service.
void hide_own(command_line& line, const view& what) {
    std::vector<std::string> hidden;
    for (const fs::path& path : {what.tree, what.home, what.gateway, what.history}) {
        std::error_code ec;
        auto real = fs::weakly_canonical(path, ec);
        if (ec) continue;
        for (const char* root : {"/usr/local", "/usr", "/opt", "/nix"}) {
            auto below = real.lexically_relative(root);
            if (below.empty() || *below.begin() == ".." || *below.begin() == ".") continue;
            auto top = (fs::path(root) / *below.begin()).string();
            if (std::ranges::find(hidden, top) != hidden.end()) break;
            hidden.push_back(top);
            line.add({"--tmpfs", top});
            break;
        }
    }
}

} // namespace

void command_line::make_way(const fs::path& path) {
    fs::path folder = "/";
    for (const auto& part : path.parent_path().relative_path()) {
        folder /= part;
        if (made_.insert(folder).second) add({"--dir", folder});
    }
}

void command_line::place(std::initializer_list<std::string> how, const fs::path& path) {
    make_way(path);
    add(how);
    add({path});
}

void command_line::file(const fs::path& path, std::string content) {
    make_way(path);
    add({"--perms", "0644", "--file", std::to_string(keeper::payload_fd + sealed_.size()), path});
    sealed_.push_back(std::move(content));
}

void add_system(command_line& line, const view& what, std::uint64_t memory_bytes) {
    add_toolchain(line);
    hide_own(line, what);
    add_etc(line);
    auto scratch = [&](std::size_t bytes, const char* path) {
        line.add({"--perms", "1777", "--size", std::to_string(bytes), "--tmpfs", path});
    };
    auto at_most = [&](std::uint64_t bytes, std::uint64_t part) {
        return memory_bytes == 0 ? bytes : std::min(bytes, part);
    };
    line.add({"--proc", "/proc", "--dev", "/dev"});
    scratch(at_most(limits::sandbox_shm_bytes, memory_bytes / 4),
            "/dev/shm");                // as --dev creates it, only root could write there
    line.add({"--remount-ro", "/dev"}); // devices still work; with a user namespace a task could fill it
    scratch(at_most(limits::sandbox_tmp_bytes, memory_bytes / 2), "/tmp");
    line.place({"--symlink", "/tmp"}, "/var/tmp");
    line.place({"--symlink", "/run"}, "/var/run");
    if (!what.network) return;
    for (const char* path : {"/etc/resolv.conf", "/etc/hosts"}) {
        std::error_code ec;
        if (auto source = fs::canonical(path, ec); !ec) line.place({"--ro-bind", source}, path);
    }
}

std::string path_inside(const view& what, const fs::path& host) {
    auto below = [&](const fs::path& folder, const char* inside) -> std::string {
        if (folder.empty()) return {};
        auto rest = host.lexically_normal().lexically_relative(folder.lexically_normal());
        if (rest.empty() || *rest.begin() == "..") return {};
        return rest == "." ? inside : (fs::path(inside) / rest).string();
    };
    if (auto path = below(what.tree, tree_inside); !path.empty()) return path;
    if (auto path = below(what.home, home_inside); !path.empty()) return path;
    if (auto path = below(what.gateway, gateway_inside); !path.empty()) return path;
    if (auto path = below(what.history, history_inside); !path.empty()) return path;
    return host;
}

} // namespace persais::sandbox
