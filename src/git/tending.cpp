#include "git/tending.hpp"

#include "git/asked_for.hpp"
#include "git/explain.hpp"
#include "git/files.hpp"
#include "git/leftovers.hpp"
#include "git/limits.hpp"
#include "git/lock.hpp"
#include "git/lost_work.hpp"

#include <chrono>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::git {

namespace fs = std::filesystem;

namespace {

bool has(const fs::directory_entry& pack, const char* extension) {
    std::error_code ec;
    return fs::exists(fs::path(pack.path()).replace_extension(extension), ec);
}

void each_pack_file(const layout& at, const std::function<void(const fs::directory_entry&)>& tell) {
    std::error_code ec;
    for (fs::directory_iterator i(at.git() / "objects/pack", ec), end; !ec && i != end; i.increment(ec))
        if (i->path().extension() == ".pack") tell(*i);
}

/// Calls `tell` with each pack, but not with those of objects that no ref has.
void each_pack(const layout& at, const std::function<void(const fs::directory_entry&)>& tell) {
    each_pack_file(at, [&](const fs::directory_entry& pack) {
        if (has(pack, ".idx") && !has(pack, ".mtimes")) tell(pack);
    });
}

/// Git writes a pack's index last. Of one that was killed before, no git sees the pack, nor removes it.
void remove_packs_without_index(const layout& at, fs::file_time_type now) {
    each_pack_file(at, [&](const fs::directory_entry& pack) {
        std::error_code ec;
        auto written = pack.last_write_time(ec);
        if (!ec && !has(pack, ".idx") && now - written > limits::git_network) fs::remove(pack, ec);
    });
}

command repack(const layout& at, std::vector<std::string> how) {
    how.insert(how.begin(), {"repack", "-d", "--quiet"});
    auto run = at.on_mirror(std::move(how));
    run.total = limits::git_network;
    run.settings = {"pack.threads=1", "repack.writeBitmaps=false"}; // the other cores are for the work
    return run;
}

/// Nothing depends on it: it is tried again the next time.
awaitable<> attempt(layout at, command what) {
    auto done = co_await at.run(std::move(what));
    if (!done.ok()) spdlog::warn("{}: {}", at.folder.string(), explain_local(done, "Tending the mirror").sentence);
}

awaitable<bool> nobody_uses(layout at) {
    auto refreshed = co_await lock(at.refreshing(), sharing::alone, {});
    if (!refreshed) co_return false;
    auto used = co_await lock(at.used(), sharing::alone, {});
    co_return used.has_value();
}

/// Whether it is time to look for what nobody needs.
bool pruning_is_due(const layout& at, fs::file_time_type now) {
    auto mark = at.folder / "pruned";
    std::error_code ec;
    auto last = fs::last_write_time(mark, ec);
    bool due = !ec && now - last >= limits::pruned_every;
    if (!ec && !due) return false;
    write_file(mark, "", 0600);
    fs::last_write_time(mark, now);
    return due;
}

bool is_small(const layout& at) {
    std::error_code ec;
    std::uintmax_t bytes = 0;
    each_pack(at, [&](const fs::directory_entry& pack) { bytes += pack.file_size(ec); });
    return bytes <= limits::pruned_bytes;
}

awaitable<> prune(layout at, fs::file_time_type now) {
    // The time of an object that loses its last ref is its file's, which may be of years ago: it begins now, because a
    // task may still stand on a commit that was taken off its branch yesterday.
    std::error_code gone;
    auto objects = at.git() / "objects";
    each_pack(at, [&](const fs::directory_entry& pack) { fs::last_write_time(pack, now, gone); });
    each_file_below(objects, [&](const fs::path& file) {
        bool loose = file.parent_path() != objects / "pack" && file.parent_path() != objects / "info";
        if (loose) fs::last_write_time(file, now, gone);
    });
    auto until = std::chrono::floor<std::chrono::seconds>(std::chrono::file_clock::to_sys(now - limits::unneeded_kept));
    co_await attempt(at,
                     repack(at, {"--cruft", fmt::format("--cruft-expiration=@{}", until.time_since_epoch().count())}));
    if (auto looked = co_await drop_what_lost_objects(at); !looked)
        spdlog::warn("{} may lack objects: {}", at.folder.string(), looked.error().sentence);
}

awaitable<> tend(layout at, fs::file_time_type now) {
    co_await sweep(at);
    auto turn = co_await lock(at.tending(), sharing::alone, {});
    if (!turn || !co_await nobody_uses(at)) co_return;
    remove_packs_without_index(at, now);
    bool due = pruning_is_due(at, now), pruning = due && is_small(at), joining = packs_of(at) > limits::tended_packs;
    if (due) co_await forget_asked_for(at, now);
    if (pruning)
        co_await prune(at, now);
    else if (joining)
        co_await join_packs(at);
    if (!pruning && !joining) co_return;
    co_await attempt(at, at.on_mirror({"commit-graph", "write", "--reachable", "--no-progress"}));
    spdlog::debug("{} was tended", at.folder.string());
}

} // namespace

int packs_of(const layout& at) {
    int packs = 0;
    each_pack(at, [&](const fs::directory_entry&) { ++packs; });
    return packs;
}

awaitable<> join_packs(layout at) {
    co_await attempt(at, repack(at, {"--geometric=2"}));
}

awaitable<> tend_mirrors(fs::path root, fs::file_time_type now) {
    for (auto& at : mirrors_below(root)) {
        try {
            co_await tend(at, now);
        } catch (const sandbox::interrupted& e) {
            spdlog::info("{} is tended the next time: {}", at.folder.string(), e.what());
        } catch (const boost::system::system_error& e) {
            if (e.code() == asio::error::operation_aborted) throw; // cancelled
            spdlog::warn("{} is tended the next time: {}", at.folder.string(), e.what());
        } catch (const std::exception& e) {
            spdlog::warn("{} is tended the next time: {}", at.folder.string(), e.what());
        }
    }
}

} // namespace persais::git
