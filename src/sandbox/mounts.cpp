#include "sandbox/mounts.hpp"

#include <algorithm>
#include <fstream>
#include <ranges>
#include <sstream>
#include <sys/stat.h>

namespace persais::sandbox {

namespace fs = std::filesystem;

namespace {

/// The kernel writes blanks, tabs, newlines and backslashes as \040.
std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto digit = [&](std::size_t at) { return i + at < text.size() && text[i + at] >= '0' && text[i + at] <= '7'; };
        if (text[i] == '\\' && digit(1) && digit(2) && digit(3)) {
            plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

/// What upperdir= and lowerdir= of an overlay's options name by absolute paths.
std::vector<fs::path> layers_of(const std::string& options) {
    std::vector<fs::path> layers;
    std::istringstream all(options);
    for (std::string option; std::getline(all, option, ',');) {
        bool upper = option.starts_with("upperdir=");
        if (!upper && !option.starts_with("lowerdir")) continue;
        std::istringstream names(unescaped(option.substr(option.find('=') + 1)));
        for (std::string name; std::getline(names, name, upper ? '\0' : ':');)
            if (name.starts_with('/')) layers.emplace_back(name);
    }
    return layers;
}

const mounted* mount_of(const fs::path& path, const std::vector<mounted>& mounts) {
    const mounted* found = nullptr;
    for (const auto& mount : mounts)
        if (is_within(path, mount.at) && (!found || is_within(mount.at, found->at))) found = &mount;
    return found;
}

fs::path moved(const fs::path& path, const fs::path& from, const fs::path& to) {
    auto rest = path.lexically_relative(from);
    return rest == "." ? to : to / rest;
}

bool same_file(const fs::path& one, const struct stat& other) {
    struct stat seen{};
    return ::lstat(one.c_str(), &seen) == 0 && seen.st_ino == other.st_ino && seen.st_dev == other.st_dev;
}

class finder {
public:
    explicit finder(const std::vector<mounted>& mounts) : mounts_(mounts) {}

    void add(const fs::path& path) {
        std::error_code ec;
        auto real = fs::canonical(path, ec);
        struct stat info{};
        // What is below a folder that was found is known with it, at all mounts.
        if (ec || std::ranges::any_of(found_, [&](const sight& one) { return is_within(real, one.path); })) return;
        if (::lstat(real.c_str(), &info) != 0) return;
        find_all(real, info);
        for (const auto& below : mounts_) // other file systems that are seen in it may be seen elsewhere, too
            if (below.at != real && is_within(below.at, real) && ::lstat(below.at.c_str(), &info) == 0)
                find_all(below.at, info);
    }

    std::vector<sight> take() {
        std::vector<sight> outermost;
        for (auto& one : found_)
            if (std::ranges::none_of(found_, [&](const sight& other) {
                    return other.path != one.path && is_within(one.path, other.path);
                }))
                outermost.push_back(one);
        return outermost;
    }

private:
    /// All places at which this file or folder is seen.
    void find_all(const fs::path& real, const struct stat& info) {
        if (!keep({real, S_ISDIR(info.st_mode)})) return;
        const auto* mount = mount_of(real, mounts_);
        if (!mount) return;
        std::error_code ec;
        auto inside = moved(real, mount->at, mount->root); // its path within the file system
        for (const auto& other : mounts_) {
            if (other.device != mount->device) continue;
            if (is_within(inside, other.root)) { // all of it is seen there, unless something covers it
                auto there = moved(inside, other.root, other.at);
                if (same_file(there, info)) keep({there, S_ISDIR(info.st_mode)});
            } else if (is_within(other.root, inside) && mount_of(other.at, mounts_) == &other) { // a part of it
                keep({other.at, fs::is_directory(other.at, ec)});
            }
        }
        for (const auto& layer : mount->layers)
            add(moved(inside, "/", layer));
    }

    /// False: it is known already.
    bool keep(sight one) {
        if (std::ranges::find(found_, one) != found_.end()) return false;
        found_.push_back(std::move(one));
        return true;
    }

    const std::vector<mounted>& mounts_;
    std::vector<sight> found_;
};

} // namespace

bool is_within(const fs::path& path, const fs::path& folder) {
    if (folder == "/") return path.is_absolute();
    const auto& whole = path.native();
    const auto& start = folder.native();
    return whole.starts_with(start) && (whole.size() == start.size() || whole[start.size()] == '/');
}

std::vector<mounted> read_mounts(std::string_view mountinfo) {
    std::vector<mounted> mounts;
    std::istringstream lines{std::string(mountinfo)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string id, parent, device, root, at, word, type, source, options;
        if (!(words >> id >> parent >> device >> root >> at)) continue;
        while (words >> word && word != "-") {
        }
        words >> type >> source >> options;
        mounts.push_back(
            {device, unescaped(root), unescaped(at), type == "overlay" ? layers_of(options) : std::vector<fs::path>()});
    }
    return mounts;
}

std::vector<mounted> current_mounts() {
    std::ifstream file("/proc/self/mountinfo", std::ios::binary);
    return read_mounts((std::ostringstream{} << file.rdbuf()).str());
}

std::vector<sight> sights_of(const std::vector<fs::path>& paths, const std::vector<mounted>& mounts) {
    finder all(mounts);
    for (const auto& path : paths)
        all.add(path);
    return all.take();
}

} // namespace persais::sandbox
