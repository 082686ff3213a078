#include "git/fetch_local.hpp"

#include "base/told.hpp"
#include "git/explain.hpp"
#include "git/limits.hpp"

#include <fmt/format.h>

namespace persais::git {

// Without a search for deltas, because that took two thirds of the processor time of a 40 MB copy that stays on this
// disk.
awaitable<outcome<void>> fetch_objects(layout at, std::filesystem::path into, std::vector<std::string> objects,
                                       int depth, std::function<void(std::string_view)> progress, synced how) {
    command fetch{.arguments = {"fetch", progress ? "--progress" : "--quiet", "--no-tags", "--no-write-fetch-head",
                                "--no-recurse-submodules", "--update-shallow", "--stdin",
                                "--upload-pack=" +
                                    far_end("upload-pack", "-c uploadpack.allowAnySHA1InWant=true -c pack.window=0"),
                                "--", at.git().string()},
                  .git_dir = std::move(into),
                  // These objects were checked when they entered the mirror. One pack is kept, however small, so that
                  // there are no loose files.
                  .settings = {"fetch.fsckObjects=false", "transfer.fsckObjects=false", "fetch.unpackLimit=1"},
                  .protocols = "file",
                  .total = limits::git_network};
    if (how == synced::no) fetch.settings.emplace_back("core.fsync=none");
    if (depth > 0) fetch.arguments.insert(fetch.arguments.begin() + 1, fmt::format("--depth={}", depth));
    for (const auto& id : objects)
        fetch.input += id + "\n";
    fetch.on_error = by_line(std::move(progress));
    auto result = unless_cut_off(co_await at.run(std::move(fetch)));
    if (!result.ok())
        co_return std::unexpected(
            explain_local(result, told<"Copying the repository for the task", "Копирование репозитория для задачи">()));
    co_return outcome<void>{};
}

} // namespace persais::git
