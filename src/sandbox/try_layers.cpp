#include "sandbox/try_layers.hpp"

#include "base/locked_directory.hpp"
#include "base/told.hpp"
#include "sandbox/keeper/probe_layers.hpp"

#include <cstring>
#include <fstream>
#include <random>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::sandbox {

namespace fs = std::filesystem;

void make_upper(const backend& confine, const fs::path& upper, unsigned slot, fs::perms mode) {
    fs::create_directories(upper / "work");
    fs::create_directory(upper / "files");
    fs::permissions(upper / "files", mode);
    confine.hand_over(upper / "files", slot);
}

namespace {

/// Removed by the destructor; what a kill leaves of it is reaped like a task's folder.
class trial {
public:
    trial(const backend& confine, const fs::path& where)
        : folder_(locked_directory::make(where, fmt::format("trial-{}-{:08x}", ::getpid(), std::random_device{}()))) {
        if (!folder_) return;
        const auto& place = (*folder_)->path();
        for (const char* name : {"lower/kept", "lower/gone", "lower/moved"}) {
            fs::create_directories(place / name);
            std::ofstream(place / name / "file") << "x";
        }
        for (const char* name : {"tree", "home"})
            fs::create_directory(place / name);
        seen_ = {.tree = place / "tree",
                 .home = place / "home",
                 .tree_layers = {.lower = {{place / "lower", true}}, .upper = place / "upper"}};
        confine.hand_over(seen_.home, seen_.slot);
        make_upper(confine, seen_.tree_layers.upper, seen_.slot, fs::perms(0755));
    }
    std::string why_not() const { return folder_ ? std::string() : folder_.error(); }
    const view& seen() const { return seen_; }

private:
    result<std::unique_ptr<locked_directory>> folder_;
    view seen_;
};

awaitable<layers_found> try_them(const backend& confine, fs::path where) {
    fs::create_directories(where);
    trial one(confine, where);
    if (auto why = one.why_not(); !why.empty()) co_return layers_found{.why = why};
    child_spec spec;
    spec.argv = {"/run/persais/keeper", "probe-layers"};
    spec.total = limits::sandbox_probe;
    auto result = co_await run_child(confine.confine(std::move(spec), one.seen()));
    if (result.how == ended::exited && result.code == keeper::layers_hold) co_return layers_found{layering::whole, {}};
    if (result.how == ended::exited && result.code == keeper::layers_cannot_move)
        co_return layers_found{layering::without_moves,
                               told<"the kernel moves no folder of a lower layer for ordinary users",
                                    "для обычных пользователей ядро не перемещает папки нижнего слоя">()};
    auto said = result.output.substr(0, result.output.find('\n'));
    if (result.how == ended::could_not_start) said = std::strerror(result.code);
    if (said.empty()) said = result.error.substr(0, result.error.find('\n'));
    co_return layers_found{layering::none,
                           told<"an overlay could not be used ({})", "наложение слоёв не сработало ({})">(said)};
}

} // namespace

awaitable<layers_found> try_layers(const backend& confine, fs::path where) {
    if (confine.level() != isolation_level::bubblewrap)
        co_return layers_found{.why = told<"there is no sandbox", "нет песочницы">()};
    try {
        co_return co_await try_them(confine, std::move(where));
    } catch (const std::system_error& e) { // a full disk, root without the usual capabilities
        co_return layers_found{.why = e.what()};
    }
}

} // namespace persais::sandbox
