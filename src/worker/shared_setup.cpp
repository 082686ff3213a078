#include "worker/shared_setup.hpp"

#include "git/address.hpp"
#include "git/files.hpp"
#include "sandbox/folders.hpp"
#include "worker/limits.hpp"

#include <fstream>
#include <unistd.h>
#include <vector>

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

awaitable<std::size_t> remove_old(fs::path all) {
    std::vector<place_of_setup> found;
    std::error_code ec;
    for (fs::directory_iterator it(all, ec), end; !ec && it != end; it.increment(ec))
        if (it->is_directory()) found.push_back({it->path()});
    std::size_t left = 0;
    for (auto& one : found)
        if (is_fresh(one) || !co_await remove(one)) ++left;
    co_return left;
}

} // namespace

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
    std::error_code ec;
    auto disk = fs::space(checkout, ec);
    if (ec || bytes > limits::shared_setup_bytes || disk.available < 2 * limits::disk_reserve_bytes)
        co_return std::nullopt;
    git::make_private_folder(folder_of(checkout));
    if (co_await remove_old(folder_of(checkout)) >= limits::shared_setups || is_fresh(at)) co_return std::nullopt;
    {
        auto alone = co_await git::lock(at.use(), git::sharing::alone, {});
        if (!alone || fs::exists(at.folder)) co_return std::nullopt; // another task is faster
        fs::rename(kept, at.folder, ec);
        if (ec) co_return std::nullopt;
        if (::geteuid() == 0) co_await sandbox::give_beside(at.folder, 0, 0);
        git::write_file(at.made(), key, 0600); // last: without it a result is none
    }
    co_return co_await find_shared_setup(std::move(checkout), std::move(key));
}

} // namespace persais::worker
