#include "worker/task_workspace.hpp"

#include "base/told.hpp"
#include "git/files.hpp"
#include "sandbox/folders.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/try_layers.hpp"
#include "worker/limits.hpp"

#include <algorithm>

#include <climits>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::worker {

namespace fs = std::filesystem;

result<std::unique_ptr<task_workspace>> task_workspace::open(const fs::path& root, task_id id, fence held) {
    auto folder = locked_directory::make(root, fmt::format("{}-{}", id.value, held.value));
    if (!folder) return std::unexpected(folder.error());
    std::error_code ec;
    for (auto* sub : {"code/home", "check/home"}) {
        auto path = (*folder)->path() / sub;
        fs::create_directories(path, ec);
        if (ec)
            return fail(told<"The folder {} could not be made: {}.", "Не удалось создать папку {}: {}.">(path.string(),
                                                                                                         ec.message()));
    }
    auto slot = static_cast<unsigned>(id.value % (limits::sandbox_slots / 2)); // two uids for each task
    return std::unique_ptr<task_workspace>(new task_workspace(std::move(*folder), slot));
}

awaitable<void> task_workspace::clear() {
    forget_set_up();
    try {
        auto code = folder_->path() / "code", check = folder_->path() / "check";
        fs::create_directory(code);
        fs::rename(check, code / "check"); // one program removes both
        co_await git::remove_folder(code);
    } catch (const std::exception& e) {
        spdlog::warn("{} could not be removed: {}", folder_->path().string(), e.what());
        leave_behind(); // the destructor would try it on the loop
    }
    code_ = check_ = {};
}

awaitable<void> task_workspace::begin_tree(part which, std::shared_ptr<const git::base_tree> over,
                                           const sandbox::backend& confine) {
    auto& made = which == part::code ? code_ : check_;
    made = {.over = std::move(over)};
    auto view = view_of(which);
    co_await git::remove_folder(view.tree);
    for (auto* upper : {"tree.upper", "home.upper"})
        co_await git::remove_folder(folder_of(which) / upper);
    if (!made.over) co_return;
    fs::create_directory(view.tree);
    sandbox::make_upper(confine, view.tree_layers.upper, view.slot, fs::perms(0755));
}

awaitable<void> task_workspace::keep_set_up(git::commit_id at) {
    forget_set_up();
    auto kept = this->kept();
    co_await git::remove_folder(kept);
    fs::create_directories(kept);
    auto view = check();
    fs::rename(view.tree_layers ? view.tree_layers.upper / "files" : view.tree, kept / "tree");
    fs::rename(view.home, kept / "home");
    auto size = co_await sandbox::measure_beside(kept);
    if (kept.string().size() + 1 + size.longest_path >=
        PATH_MAX) // known before anything is copied; one rule for all ways
        throw git::unusable_folder(
            told<"folders that are nested too deep: their paths are longer than programs can use",
                 "слишком глубоко вложенные папки: их пути длиннее, чем могут программы">());
    kept_bytes_ = size.bytes;
    set_up_bytes_ = view.tree_layers ? 0 : size.bytes;
    set_up_at_ = std::move(at);
}

awaitable<bool> task_workspace::take_shared_set_up(git::commit_id at, std::string key) {
    if (!check_.over || takes_none_) co_return false;
    auto found = co_await find_shared_setup(check_.over->folder, std::move(key));
    if (!found) co_return false;
    shared_ = std::move(found);
    set_up_bytes_ = 0;
    set_up_at_ = std::move(at);
    anothers_ = true;
    co_return true;
}

void task_workspace::refuse_shared_set_up() {
    if (shared_) unshare_setup(*shared_);
    takes_none_ = true;
    forget_set_up();
}

awaitable<void> task_workspace::share_set_up(std::string key) {
    if (!check_.over) co_return;
    try {
        shared_ = co_await share_setup(check_.over->folder, std::move(key), kept(), kept_bytes_);
    } catch (const lost_setup& e) {
        spdlog::warn("a setup runs again: {}", e.what());
        forget_set_up();
    }
}

awaitable<void> task_workspace::renew_set_up(const sandbox::backend& confine) {
    auto kept = this->kept();
    check_.set_up_between = check_.over != nullptr;
    auto view = check();
    for (const auto& old : {view.tree, view.home, view.tree_layers.upper, view.home_layers.upper})
        if (!old.empty()) co_await git::remove_folder(old);
    if (check_.over) {
        for (const auto& at : {view.tree, view.home})
            fs::create_directory(at);
        auto as_kept = [&](const char* name) { return fs::status(kept / name).permissions(); };
        sandbox::make_upper(confine, view.tree_layers.upper, view.slot, as_kept("tree"));
        sandbox::make_upper(confine, view.home_layers.upper, view.slot, as_kept("home"));
        co_return;
    }
    auto disk = fs::space(kept);
    auto room = disk.available;
    if (room < set_up_bytes_ + std::min<std::uintmax_t>(limits::disk_reserve_bytes, disk.capacity / 8))
        throw std::runtime_error(told<"A fresh tree for the checks takes {} MiB, and {} MiB are free below {} "
                                      "(PERSAIS_DATA), of which 1 GiB or "
                                      "an eighth of the disk stays free. Make room there.",
                                      "Новое дерево для проверок занимает {0} МиБ, а в {2} (PERSAIS_DATA) свободно {1} "
                                      "МиБ, из которых 1 ГиБ или "
                                      "восьмая часть диска остаётся свободной. Освободите там место.">(
            set_up_bytes_ >> 20, room >> 20, folder_->path().parent_path().string()));
    co_await git::copy_folder(kept / "tree", view.tree);
    co_await git::copy_folder(kept / "home", view.home);
}

fs::path task_workspace::folder_of(part which) const {
    return folder_->path() / (which == part::code ? "code" : "check");
}

sandbox::view task_workspace::view_of(part which) const {
    auto place = folder_of(which);
    const auto& made = which == part::code ? code_ : check_;
    sandbox::view seen{.tree = place / "tree",
                       .home = place / "home",
                       .history = past_ ? past_->objects : fs::path(),
                       .slot = slot_ * 2 + (which == part::code ? 0 : 1)};
    if (!made.over) return seen;
    seen.tree_layers = {.lower = {{made.over->folder, true}}, .upper = place / "tree.upper"};
    if (!made.set_up_between) return seen;
    seen.tree_layers.lower.insert(seen.tree_layers.lower.begin(), {kept() / "tree", shared_.has_value()});
    seen.home_layers = {.lower = {{kept() / "home", shared_.has_value()}}, .upper = place / "home.upper"};
    return seen;
}
sandbox::view task_workspace::code() const {
    return view_of(part::code);
}
sandbox::view task_workspace::check() const {
    return view_of(part::check);
}

} // namespace persais::worker
