#include "worker/shared_setup.hpp"

#include "git/address.hpp"
#include "git/files.hpp"
#include "git/leftovers.hpp"
#include "sandbox/folders.hpp"
#include "worker/limits.hpp"

#include <fstream>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <spdlog/spdlog.h>

namespace persais::worker {

namespace fs = std::filesystem;

namespace {

/// Beside the checkout, so that it goes with it. `made` is as old as the result.
struct place_of_setup {
    fs::path folder;
    fs::path made() const { return folder / "made"; }
    fs::path use() const { return folder.string() + ".use"; }
};

fs::path folder_of(const fs::path& checkout) {
    return checkout.parent_path() / "setups";
}

place_of_setup place_of(const fs::path& checkout, const std::string& key) {
    return {folder_of(checkout) / git::folder_name("setup", key)};
}

bool is_fresh(const place_of_setup& at) {
    std::error_code ec;
    auto made = fs::last_write_time(at.made(), ec);
    return !ec && fs::file_time_type::clock::now() - made < limits::shared_setup_age;
}

/// The folder's name has a hash of it only.
bool is_of(const place_of_setup& at, const std::string& key) {
    std::ifstream in(at.made(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {}) == key;
}

/// False: it is in use.
awaitable<bool> remove(place_of_setup at) {
    auto alone = co_await git::lock(at.use(), git::sharing::alone, {});
    if (!alone) co_return false;
    std::error_code ec;
    fs::remove(at.made(), ec); // first, so that what a kill leaves of it is not used
    co_await git::remove_folder(at.folder);
    co_return true;
}

/// Removes those that are old, or `all`, but none that is in use. Returns how many are left.
awaitable<std::size_t> remove_from(fs::path setups, bool all) {
    std::vector<place_of_setup> found;
    std::error_code ec;
    for (fs::directory_iterator it(setups, ec), end; !ec && it != end; it.increment(ec))
        if (it->is_directory()) found.push_back({it->path()});
    std::size_t left = 0;
    for (auto& one : found)
        if ((!all && is_fresh(one)) || !co_await remove(one)) ++left;
    co_return left;
}

bool is_cancelled(const std::exception& e) {
    const auto* error = dynamic_cast<const boost::system::system_error*>(&e);
    return error && error->code() == asio::error::operation_aborted;
}

/// A lock on the place, which is free. nullopt: there is none.
awaitable<std::optional<git::held_lock>> place_for(fs::path checkout, place_of_setup at, std::uintmax_t bytes) {
    std::error_code ec;
    auto disk = fs::space(checkout, ec);
    if (ec || bytes > shareable_bytes(disk.available)) co_return std::nullopt;
    git::make_private_folder(folder_of(checkout));
    if (co_await remove_from(folder_of(checkout), false) >= limits::shared_setups || is_fresh(at))
        co_return std::nullopt;
    auto alone = co_await git::lock(at.use(), git::sharing::alone, {});
    if (!alone || fs::exists(at.folder)) co_return std::nullopt; // another task is faster
    co_return std::move(*alone);
}

/// Everything that can fail comes before the move, which is the last step. False: what is kept is there as it was.
awaitable<bool> move_there(fs::path kept, place_of_setup at, std::string key) {
    struct stat of_task{};
    if (::stat((kept / "tree").c_str(), &of_task) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot look at " + kept.string());
    bool as_root = ::geteuid() == 0;
    auto made = place_of_setup{kept}.made();
    try {
        if (as_root) co_await sandbox::give_beside(kept, 0, 0);
        git::write_file(made, key, 0600);
        fs::rename(kept, at.folder);
        co_return true;
    } catch (const std::exception& e) {
        if (is_cancelled(e)) throw;
        spdlog::warn("a setup's result is not shared: {}", e.what());
    }
    std::error_code ec;
    fs::remove(made, ec);
    if (as_root) co_await sandbox::give_beside(std::move(kept), of_task.st_uid, of_task.st_gid);
    co_return false;
}

/// `place`: of one checkout. It is held, so that nobody removes it meanwhile.
awaitable<void> tidy(fs::path place, std::uintmax_t least_free) {
    if (!fs::exists(place / "setups") || !fs::exists(place / "state")) co_return;
    auto use = co_await git::lock(place / "use", git::sharing::shared, {});
    if (use) co_await remove_from(place / "setups", fs::space(place).available < least_free);
}

} // namespace

std::uintmax_t shareable_bytes(std::uintmax_t free) {
    auto room = free - std::min(free, 2 * limits::disk_reserve_bytes);
    return std::min(limits::shared_setup_bytes, room / limits::shared_setup_part);
}

awaitable<void> tidy_shared_setups(fs::path mirrors, std::uintmax_t least_free) {
    for (const auto& mirror : git::mirrors_below(mirrors)) {
        std::vector<fs::path> places;
        std::error_code ec;
        for (fs::directory_iterator it(mirror.trees(), ec), end; !ec && it != end; it.increment(ec))
            places.push_back(it->path());
        for (const auto& place : places) {
            try {
                co_await tidy(place, least_free);
            } catch (const std::exception& e) {
                if (is_cancelled(e)) throw;
                spdlog::warn("what setups left in {} is removed the next time: {}", place.string(), e.what());
            }
        }
    }
}

awaitable<std::optional<shared_setup>> find_shared_setup(fs::path checkout, std::string key) {
    auto at = place_of(checkout, key);
    if (!is_fresh(at)) co_return std::nullopt;
    auto use = co_await git::lock(at.use(), git::sharing::shared, {});
    if (!use || !is_fresh(at) || !is_of(at, key)) co_return std::nullopt; // it was removed meanwhile
    co_return shared_setup{at.folder, std::move(*use)};
}

awaitable<std::optional<shared_setup>> share_setup(fs::path checkout, std::string key, fs::path kept,
                                                   std::uintmax_t bytes) {
    auto at = place_of(checkout, key);
    std::optional<git::held_lock> alone;
    try {
        alone = co_await place_for(checkout, at, bytes);
    } catch (const std::exception& e) {
        if (is_cancelled(e)) throw;
        spdlog::warn("a setup's result is not shared: {}", e.what());
    }
    if (!alone) co_return std::nullopt;
    try {
        if (!co_await move_there(std::move(kept), at, key)) co_return std::nullopt;
        alone.reset();
        if (auto found = co_await find_shared_setup(std::move(checkout), std::move(key))) co_return found;
    } catch (const std::exception& e) {
        if (is_cancelled(e)) throw;
        throw lost_setup(e.what());
    }
    throw lost_setup("it was removed as soon as it was shared");
}

void unshare_setup(const shared_setup& one) {
    std::error_code ec;
    fs::remove(place_of_setup{one.folder}.made(), ec);
}

} // namespace persais::worker
