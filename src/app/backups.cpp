#include "app/backups.hpp"

#include "app/limits.hpp"
#include "backup/limits.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::app {

namespace {

using steady = std::chrono::steady_clock;

} // namespace

backups::backups(engine& on, const config::settings& settings, std::filesystem::path exe_folder, std::string version,
                 ops::metrics& metrics, std::function<awaitable<void>()> tell_admins)
    : engine_(on), settings_(settings), exe_folder_(std::move(exe_folder)), version_(std::move(version)),
      holder_(on.own_folder().path().filename().string()), metrics_(metrics), tell_admins_(std::move(tell_admins)),
      changed_(on.executor()), renewed_(on.executor()), due_(steady::now()) {
    changed_.set(); // what happened before this start is not known
    engine_.database().pool().on_answer([this] {
        if (!own_) changed_.set();
    });
}

backups::~backups() {
    engine_.database().pool().on_answer({});
}

backup::source backups::source() {
    return {.settings = settings_,
            .exe_folder = exe_folder_,
            .db = engine_.database().pool(),
            .url = engine_.database().direct_url(settings_),
            .version = version_,
            .time = time_,
            .stop = stop_};
}

awaitable<void> backups::until_due() {
    for (;;) {
        co_await changed_.wait();
        renewed_.reset();
        if (settings_.backup_url.empty()) {
            co_await renewed_.wait();
            continue;
        }
        auto left = due_ - steady::now();
        if (left <= left.zero()) co_return;
        try {
            co_await with_deadline(left, renewed_.wait());
        } catch (const deadline_passed&) {
            co_return;
        }
    }
}

awaitable<result<backups::made_now>> backups::make(backup::place& to, queue::backup_turn turn) {
    auto begun = steady::now();
    auto made = co_await backup::make_backup(source(), to);
    if (!made) co_return std::unexpected(made.error());
    if (!made->new_key.empty())
        spdlog::warn("a key for backups was made, {}: keep a copy of it elsewhere, because without it none can be read",
                     (settings_.data / "backup.key").string());
    queue::good_backup good{.holder = holder_,
                            .name = made->file.name,
                            .made = made->what.made,
                            .bytes = static_cast<std::int64_t>(made->file.bytes),
                            .xid = turn.xid};
    auto took = std::chrono::duration<double>(steady::now() - begun).count();
    if (turn.trial_due) {
        auto tried = co_await backup::try_backup(source(), to, made->file.name);
        if (!tried) co_return std::unexpected(tried.error());
        good.tried = tried->took;
        if (!tried->why_not.empty())
            spdlog::warn("a backup could only be opened, not restored for a trial: {}", tried->why_not);
    }
    auto said = fmt::format("backup {}: {} bytes in {:.1f} s{}", good.name, good.bytes, took,
                            good.tried ? fmt::format(", restored for a trial in {:.1f} s",
                                                     std::chrono::duration<double>(*good.tried).count())
                                       : "");
    co_return made_now{std::move(good), std::move(said)};
}

awaitable<void> backups::failed(std::string why) {
    spdlog::error("no backup was made: {}", why);
    metrics_.backup_failed();
    due_ = std::max(due_, steady::now() + limits::backup_after_failure);
    co_await queue::backup_failed(engine_.database().pool(), holder_, std::move(why));
    if (co_await queue::backups_are_old(engine_.database().pool(), settings_.backup_interval * limits::backups_missed))
        co_await tell_admins_();
}

/// False: there may be something left for another one.
awaitable<bool> backups::one() {
    auto& db = engine_.database().pool();
    auto state = co_await queue::backup_state_of(db);
    if (!state.name.empty()) metrics_.backup_made(state.made, static_cast<std::uint64_t>(state.bytes));
    if (!co_await queue::changed_since_backup(db)) co_return true;
    auto turn = co_await queue::take_backup_turn(db, {.holder = holder_,
                                                      .interval = settings_.backup_interval,
                                                      .lasts = limits::backup_most,
                                                      .tried_every = limits::backup_tried_every});
    if (!turn) co_return false;
    co_return co_await clean_up_on_exception(with_turn(*turn),
                                             queue::give_backup_turns_back(engine_.database().pool(), {holder_}));
}

awaitable<bool> backups::with_turn(queue::backup_turn turn) {
    auto& db = engine_.database().pool();
    auto place = backup::open_place(engine_.executor(), settings_.backup_url, settings_.ssl_cert_file);
    std::string why;
    try {
        auto made =
            place ? co_await with_deadline(limits::backup_most, make(**place, turn)) : std::unexpected(place.error());
        if (made) {
            const auto& good = made->good;
            co_await queue::backup_is_good(db, good);
            metrics_.backup_made(good.made, static_cast<std::uint64_t>(good.bytes));
            spdlog::info("{}", made->said); // only now, because whoever reads it looks at the others
            co_return !co_await queue::changed_since_backup(db);
        }
        why = made.error();
    } catch (const deadline_passed&) {
        why = "it took too long";
    } catch (const store::db_error& e) {
        why = e.what();
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) throw; // cancelled
        why = e.what();
    } catch (const std::runtime_error& e) {
        why = e.what();
    }
    co_await failed(std::move(why));
    co_return false;
}

awaitable<void> backups::one_in_peace() {
    due_ = steady::now() + settings_.backup_interval;
    changed_.reset();
    own_ = true;
    bool nothing_left = false;
    try {
        nothing_left = co_await one();
    } catch (const store::db_error& e) {
        spdlog::warn("backups go on when the database is back: {}", e.what());
    } catch (const backup::stopped&) { // the service leaves
    } catch (...) {
        own_ = false;
        throw;
    }
    own_ = false;
    if (!nothing_left) changed_.set();
}

awaitable<void> backups::run() {
    try {
        co_await queue::give_backup_turns_back(engine_.database().pool(), engine_.died_before());
    } catch (const store::db_error& e) {
        spdlog::warn("what a service that died was to back up is backed up later: {}", e.what());
    }
    for (;;) {
        co_await until_due();
        co_await one_in_peace();
    }
}

} // namespace persais::app
