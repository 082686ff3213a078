#include "config/reloader.hpp"

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "config/file_watch.hpp"
#include "config/read_file.hpp"
#include "config/row_value.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

namespace persais::config {

namespace {

/// A digest of the files' content, so that a change of other files, or one without effect, causes no reload. It is a
/// digest and not the content, so that no old values of secrets stay in memory.
std::string digest(const std::vector<std::filesystem::path>& files) {
    std::string all;
    for (const auto& file : files) {
        auto text = read_file(file, limits::settings_file_bytes);
        all += text ? fmt::format("{}:{}", text->size(), *text) : fmt::format("!{}", text.error());
    }
    return sha256(all);
}

/// Whether the embedded server runs is decided at the start, so that a change from or to it is not a live change of the
/// address.
bool needs_restart(const row& each, const settings& was, const settings& is) {
    return !each.live || (each.name == "DATABASE_URL" && was.database_url.empty() != is.database_url.empty());
}

} // namespace

std::string reloaded::words() const {
    if (!errors.empty())
        return fmt::format("The settings were read again and are wrong, so those before stay in force: {}",
                           fmt::join(errors, "; "));
    std::string line = changed.empty()
                           ? std::string("The settings were read again: nothing changed.")
                           : fmt::format("The settings were read again: {} changed.", fmt::join(changed, ", "));
    if (!after_restart.empty()) line += fmt::format(" At the next start only: {}.", fmt::join(after_restart, ", "));
    return line;
}

result<std::unique_ptr<reloader>, std::vector<std::string>> reloader::start(environment variables,
                                                                            const std::filesystem::path& folder) {
    auto first = read(variables, folder);
    if (!first.made) return std::unexpected(std::move(first.made.error()));
    return std::unique_ptr<reloader>(
        new reloader(std::move(variables), std::filesystem::absolute(folder), std::move(first)));
}

reloader::reloader(environment variables, std::filesystem::path folder, reading first)
    : variables_(std::move(variables)), folder_(std::move(folder)), now_(std::move(*first.made)),
      files_(std::move(first.files)), seen_(digest(files_)) {}

reloaded reloader::reload() {
    // The digest is taken before reading, so that a change during the reading is seen as another change.
    seen_ = digest(files_);
    auto fresh = read(variables_, folder_, run_time_);
    if (files_ != fresh.files) {
        files_ = std::move(fresh.files);
        seen_ = digest(files_);
    }
    reloaded done;
    if (!fresh.made) {
        done.errors = std::move(fresh.made.error());
        spdlog::error("{}", done.words());
    } else {
        for (const auto& each : table()) {
            if (same(each, now_, *fresh.made)) continue;
            if (needs_restart(each, now_, *fresh.made)) {
                done.after_restart.emplace_back(each.name);
            } else {
                take_over(each, now_, *fresh.made);
                done.changed.emplace_back(each.name);
            }
        }
        spdlog::info("{}", done.words());
        for (const auto& note : fresh.made->notes)
            if (std::ranges::find(now_.notes, note) == now_.notes.end()) spdlog::warn("{}", note);
        now_.notes = std::move(fresh.made->notes);
        now_.files = std::move(fresh.made->files);
    }
    if (told && !(done.errors.empty() && done.changed.empty())) told(done);
    return done;
}

std::optional<reloaded> reloader::set_at_run_time(secrets_by_name values) {
    if (values == run_time_) return std::nullopt;
    run_time_ = std::move(values);
    return reload();
}

awaitable<> reloader::watch() {
    std::optional<file_watch> watch;
    try {
        watch.emplace(co_await asio::this_coro::executor);
    } catch (const boost::system::system_error& e) {
        spdlog::warn("Changed settings files are not noticed ({}): send SIGHUP after a change.", e.what());
        co_return;
    }
    for (;;) {
        watch->follow(files_);
        if (digest(files_) != seen_) {
            reload();
            watch->follow(files_);
        }
        co_await watch->changed();
    }
}

} // namespace persais::config
