// What a confined program sees of the host's system: the toolchain, read-only, and those parts of /etc that programs
// need.
#include "sandbox/bubblewrap.hpp"
#include "sandbox/keeper/protocol.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/shown.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <sys/stat.h>

#include <fmt/format.h>

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

void add_toolchain(command_line& line) {
    std::error_code ec;
    for (const char* root : system_roots) {
        if (fs::is_symlink(root, ec))
            line.place({"--symlink", fs::read_symlink(root)}, root);
        else if (fs::is_directory(root, ec))
            line.show(root, root);
    }
    if (fs::is_symlink(local_root, ec) || !fs::is_directory(local_root, ec)) return;
    // What else is there keeps its name: a folder of its own in place of /usr/local, with the parts bound into it,
    // costs each start twice as much.
    for (const auto& entry : fs::directory_iterator(local_root, ec)) {
        std::error_code none;
        if (entry.is_symlink(none) || always_shown(entry.path())) continue;
        if (!entry.is_directory(none))
            line.cover_file(entry.path());
        else if (!fs::is_empty(entry.path(), none) || none)
            line.cover(entry.path());
    }
}

void add_etc(command_line& line) {
    const fs::path etc = "/etc";
    auto add = [&](const fs::path& path) {
        std::error_code ec;
        if (auto source = fs::canonical(path, ec); !ec && fs::is_directory(source, ec)) line.show(source, path);
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

void command_line::show(const fs::path& source, const fs::path& at) {
    std::error_code ec;
    auto real = fs::canonical(source, ec);
    if (std::ranges::any_of(never_, [&](const sight& one) { return one.path == real; })) return;
    place({"--ro-bind", source}, at);
    for (const auto& one : never_) {
        if (ec || !is_within(one.path, real)) continue;
        auto there = at / one.path.lexically_relative(real);
        if (one.folder)
            cover(there);
        else
            cover_file(there);
    }
}

void command_line::cover_file(const fs::path& file) {
    add({"--ro-bind", "/dev/null", file});
}

void command_line::cover(const fs::path& folder) {
    add({"--tmpfs", folder});
    std::erase_if(covered_, [&](const fs::path& one) { return one != folder && is_within(one, folder); });
    covered_.push_back(folder);
}

void command_line::close() {
    for (const auto& folder : covered_)
        add({"--remount-ro", folder});
    add({"--remount-ro", "/"});
}

void command_line::file(const fs::path& path, std::string content) {
    make_way(path);
    add({"--perms", "0644", "--file", std::to_string(keeper::payload_fd + sealed_.size()), path});
    sealed_.push_back(std::move(content));
}

void add_system(command_line& line, std::uint64_t memory_bytes, processes seen) {
    add_toolchain(line);
    add_etc(line);
    auto scratch = [&](std::size_t bytes, const char* path) {
        line.add({"--perms", "1777", "--size", std::to_string(bytes), "--tmpfs", path});
    };
    auto at_most = [&](std::uint64_t bytes, std::uint64_t part) {
        return memory_bytes == 0 ? bytes : std::min(bytes, part);
    };
    if (seen == processes::own) line.add({"--proc", "/proc"});
    if (seen == processes::covered) line.add({"--bind", "/proc", "/proc"});
    line.add({"--dev", "/dev"});
    scratch(at_most(limits::sandbox_shm_bytes, memory_bytes / 4),
            "/dev/shm");                // as --dev creates it, only root could write there
    line.add({"--remount-ro", "/dev"}); // devices still work; with a user namespace a task could fill it
    scratch(at_most(limits::sandbox_tmp_bytes, memory_bytes / 2), "/tmp");
    line.place({"--symlink", "/tmp"}, "/var/tmp");
    line.place({"--symlink", "/run"}, "/var/run");
}

bool always_shown(const fs::path& path) {
    if (is_within(path, local_root))
        return std::ranges::any_of(local_parts,
                                   [&](const char* part) { return is_within(path, fs::path(local_root) / part); });
    return std::ranges::any_of(system_roots, [&](const char* root) { return is_within(path, root); });
}

std::string why_not_hidden(const std::vector<fs::path>& hidden, const std::vector<fs::path>& tools,
                           const std::vector<mounted>& mounts) {
    for (const auto& path : hidden) {
        struct stat info{};
        if (::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink > 1)
            return fmt::format("{} has a second name (a hard link), which a task might see: make it a file of its own",
                               path.string());
    }
    for (const auto& one : sights_of(hidden, mounts)) {
        std::error_code ec;
        for (const char* root : system_roots)
            if (fs::is_directory(root, ec) && is_within(fs::canonical(root, ec), one.path))
                return fmt::format("{} has to be hidden from tasks, and holds {}, which each of them needs: "
                                   "PERSAIS_DATA, .env and each *_FILE belong into a folder of their own",
                                   one.path.string(), root);
        for (const auto& tool : tools)
            if (auto real = fs::canonical(tool, ec); !ec && is_within(real, one.path))
                return fmt::format("{}, which PATH names, is inside {}, which no task may see: take it out of PATH, or "
                                   "move one of the two",
                                   tool.string(), one.path.string());
    }
    return {};
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
    if (auto path = below(what.tags, tags_inside); !path.empty()) return path;
    return host;
}

} // namespace persais::sandbox
