#include "backup/folder_place.hpp"

#include "backup/manifest.hpp"
#include "base/on_a_thread.hpp"
#include "base/random.hpp"
#include "base/told.hpp"

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>

namespace persais::backup {

namespace fs = std::filesystem;

namespace {

std::string cannot(const fs::path& folder, const std::string& why) {
    return told<"The folder of backups {} cannot be used: {} (BACKUP_URL names it).",
                "Папкой резервных копий {} нельзя пользоваться: {} (её задаёт BACKUP_URL).">(folder.string(), why);
}

/// Whether it went well; what is on the disk then stays there.
bool sync(const fs::path& what, int flags) {
    int fd = ::open(what.c_str(), O_RDONLY | O_CLOEXEC | flags);
    if (fd < 0) return false;
    bool ok = ::fsync(fd) == 0;
    ::close(fd);
    return ok;
}

/// Under another name first, so that a name never has half a file.
std::string copy_into(const fs::path& folder, const fs::path& file, const std::string& name) {
    std::error_code ec;
    fs::create_directories(folder, ec);
    if (ec) return ec.message();
    auto fresh = folder / ("." + name + "." + random_word(6));
    fs::copy_file(file, fresh, ec);
    bool synced = !ec && sync(fresh, 0);
    auto why = ec ? ec.message() : std::generic_category().message(errno);
    if (synced) {
        fs::rename(fresh, folder / name, ec);
        if (!ec && sync(folder, O_DIRECTORY)) return {};
        why = ec ? ec.message() : std::generic_category().message(errno);
    }
    std::error_code ignored;
    fs::remove(fresh, ignored);
    return why;
}

} // namespace

std::vector<stored> newest_first(std::vector<stored> all) {
    std::erase_if(all, [](const stored& s) { return !time_in(s.name); });
    std::ranges::sort(all,
                      [](const stored& a, const stored& b) { return a.name > b.name; }); // a name begins with its time
    return all;
}

awaitable<result<std::vector<stored>>> folder_place::list() {
    std::error_code ec;
    std::vector<stored> all;
    for (fs::directory_iterator at(folder_, ec), end; !ec && at != end; at.increment(ec)) {
        std::error_code gone;
        auto bytes = at->file_size(gone); // one that was removed meanwhile is not there
        if (!gone) all.push_back({at->path().filename().string(), bytes});
    }
    if (ec && ec != std::errc::no_such_file_or_directory) co_return fail(cannot(folder_, ec.message()));
    co_return newest_first(std::move(all));
}

awaitable<result<void>> folder_place::put(fs::path file, std::string name) {
    auto why = co_await on_a_thread([&] { return copy_into(folder_, file, name); });
    if (!why.empty()) co_return fail(cannot(folder_, why));
    co_return result<void>{};
}

awaitable<result<void>> folder_place::get(std::string name, fs::path to) {
    auto why = co_await on_a_thread([&] {
        std::error_code ec;
        fs::copy_file(folder_ / name, to, ec);
        return ec ? ec.message() : std::string();
    });
    if (!why.empty()) co_return fail(cannot(folder_, why));
    co_return result<void>{};
}

awaitable<result<void>> folder_place::remove(std::string name) {
    std::error_code ec;
    fs::remove(folder_ / name, ec);
    if (ec) co_return fail(cannot(folder_, ec.message()));
    co_return result<void>{};
}

} // namespace persais::backup
