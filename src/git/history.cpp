#include "git/history.hpp"

#include "base/told.hpp"
#include "git/address.hpp"
#include "git/explain.hpp"
#include "git/fetch_local.hpp"
#include "git/files.hpp"
#include "git/first_clone.hpp"
#include "git/leftovers.hpp"
#include "git/refs.hpp"

#include <charconv>
#include <set>

#include <fmt/format.h>

namespace persais::git {

namespace fs = std::filesystem;

std::string base_ref(std::string_view branch) {
    return fmt::format("refs/remotes/origin/{}", branch);
}

namespace {

/// A history's folder. Its time of change is when it was last asked for.
struct standing {
    fs::path folder;
    fs::path git() const { return folder / "git"; }
    fs::path state() const { return folder / "state"; }     // of the mirror, when this was complete; absent: never was
    fs::path use() const { return folder / "use"; }         // held shared while trees borrow; alone to delete anything
    fs::path large() const { return folder / "too-large"; } // there when the whole history is
};

standing standing_of(const layout& at, const std::string& branch, int commits) {
    auto depth = commits > 0 ? std::to_string(commits) : "all";
    return {at.histories() / folder_name(branch, branch + "\n" + depth)};
}

std::uintmax_t bytes_of_packs(const fs::path& git_dir) {
    std::uintmax_t bytes = 0;
    std::error_code ec;
    for (fs::directory_iterator it(git_dir / "objects/pack", ec), end; !ec && it != end; it.increment(ec))
        if (it->path().extension() == ".pack") bytes += it->file_size(ec);
    return bytes;
}

/// Whether the branch's whole history takes more than `most` bytes. The answer is kept, because to count takes minutes
/// where it is yes.
awaitable<bool> too_large(layout at, std::string branch, commit_id tip, std::uintmax_t most) {
    auto whole = standing_of(at, branch, 0);
    if (fs::exists(whole.large())) co_return true;
    auto bytes = bytes_of_packs(fs::exists(whole.state()) ? whole.git() : at.git());
    if (bytes > most) { // other branches have a part in it, or what was there before a push by force
        auto counted = co_await at.run(at.on_mirror({"rev-list", "--objects", "--disk-usage", tip}));
        const auto& digits = counted.output;
        if (counted.ok()) std::from_chars(digits.data(), digits.data() + digits.size(), bytes);
    }
    if (bytes <= most) {
        // Made anew without that, unless trees use it.
        if (fs::exists(whole.state()) && bytes_of_packs(whole.git()) > most)
            if (co_await lock(whole.use(), sharing::alone, {})) fs::remove(whole.state());
        co_return false;
    }
    make_private_folder(whole.folder);
    write_file(whole.large(), "", 0600);
    co_return true;
}

struct tag {
    std::string object;
    std::string names; // what it points to in the end; empty: `object` is that
};

awaitable<std::map<std::string, tag>> all_tags(layout at) {
    auto listed = co_await at.run(at.on_mirror({"show-ref", "--tags", "--dereference"}));
    std::map<std::string, tag> tags;
    for (auto line : pieces(listed.output, '\n')) {
        auto id = first_word(line);
        if (!is_id(id) || line.size() <= id.size()) continue;
        std::string name(line.substr(id.size() + 1));
        if (name.ends_with("^{}"))
            tags[name.substr(0, name.size() - 3)].names = std::move(id);
        else
            tags[name].object = std::move(id);
    }
    co_return tags;
}

/// The tags that point to a commit which the history shows below `tip`.
awaitable<outcome<std::map<std::string, tag>>> tags_within(layout at, fs::path git_dir, commit_id tip) {
    auto tags = co_await all_tags(at);
    auto named = [](const tag& t) { return t.names.empty() ? t.object : t.names; };
    struct search {
        std::set<std::string, std::less<>> wanted, found;
        std::string rest;
    };
    auto look = std::make_shared<search>();
    for (const auto& [name, t] : tags)
        look->wanted.insert(named(t));
    if (tags.empty()) co_return tags;
    auto digits = tip.size();
    command list{.arguments = {"rev-list", tip}, .git_dir = std::move(git_dir)};
    list.keep_output = 1; // there may be a million lines
    list.on_output = [look, digits](std::string_view piece) {
        look->rest += piece;
        std::size_t at = 0;
        for (; look->rest.size() - at > digits; at += digits + 1)
            if (auto id = std::string_view(look->rest).substr(at, digits); look->wanted.contains(id))
                look->found.emplace(id);
        look->rest.erase(0, at);
    };
    auto walked = co_await at.run(std::move(list));
    if (!walked.ok())
        co_return std::unexpected(
            explain_local(walked, told<"Reading the history of the base", "Чтение истории основной ветки">()));
    std::erase_if(tags, [&](const auto& one) { return !look->found.contains(named(one.second)); });
    co_return tags;
}

/// A packed-refs file, sorted as its first line says.
std::string packed_refs(const std::string& branch, const commit_id& tip, const std::map<std::string, tag>& tags) {
    auto text = fmt::format("# pack-refs with: peeled fully-peeled sorted \n{} {}\n", tip, base_ref(branch));
    for (const auto& [name, t] : tags) {
        text += fmt::format("{} {}\n", t.object, name);
        if (!t.names.empty()) text += fmt::format("^{}\n", t.names);
    }
    return text;
}

awaitable<outcome<void>> start(layout at, standing place, std::string format) {
    co_await remove_folder(place.folder);
    make_private_folder(place.folder);
    auto made = co_await at.run(
        {.arguments = {"init", "--quiet", "--bare", "--template=", std::move(format), "--", place.git().string()}});
    if (!made.ok())
        co_return std::unexpected(
            explain_local(made, told<"Making the history of the base", "Подготовка истории основной ветки">()));
    co_return outcome<void>{};
}

/// Joins many packs into few, while no tree uses them.
awaitable<> join_packs(layout at, standing place) {
    auto packs = std::ranges::count_if(fs::directory_iterator(place.git() / "objects/pack"),
                                       [](const auto& file) { return file.path().extension() == ".pack"; });
    if (packs <= limits::mirror_packs) co_return;
    auto alone = co_await lock(place.use(), sharing::alone, {});
    if (!alone) co_return;
    command repack{.arguments = {"repack", "--geometric=2", "-d", "--quiet"}, .git_dir = place.git()};
    co_await at.run(std::move(repack));
}

/// Objects come first, then the refs in one file, then the state that says so: a kill at any point leaves a history
/// that trees can use, and the next call goes on.
awaitable<outcome<void>> bring_up(layout at, standing place, history_wish wish, commit_id tip) {
    auto state = tip + "\n";
    auto refs = read_mirror(at);
    for (const auto& [name, id] : *refs.tags)
        state += fmt::format("{} refs/tags/{}\n", id, name);
    if (content_of(place.state()) == state) co_return outcome<void>{};
    if (!fs::exists(place.state()))
        if (auto made = co_await start(at, place, object_format(tip)); !made) co_return made;
    write_file(place.state(), "", 0600);
    sweep_repository(place.git(), false);
    auto use = co_await lock(at.used(), sharing::shared, limits::git_network);
    if (!use) co_return std::unexpected(failure{error_kind::other, use.error()});
    auto fetched = co_await fetch_objects(at, place.git(), {tip}, wish.commits, std::move(wish.progress), synced::yes);
    if (!fetched) co_return fetched;
    auto tags = co_await tags_within(at, place.git(), tip);
    if (!tags) co_return std::unexpected(tags.error());
    std::vector<std::string> objects;
    for (const auto& [name, t] : *tags)
        if (!t.names.empty()) objects.push_back(t.object);
    write_file(place.git() / "packed-refs", packed_refs(wish.branch, tip, {}), 0644);
    if (!objects.empty()) fetched = co_await fetch_objects(at, place.git(), std::move(objects), 0, {}, synced::yes);
    if (!fetched) co_return fetched;
    write_file(place.git() / "packed-refs", packed_refs(wish.branch, tip, *tags), 0644);
    co_await join_packs(at, place);
    write_file(place.state(), state, 0600);
    co_return outcome<void>{};
}

} // namespace

awaitable<outcome<std::shared_ptr<const history>>> history_of(const mirror& of, history_wish wish,
                                                              const sandbox::backend& confine) {
    layout at{of.folder()};
    auto turn = co_await lock(at.making_history(), sharing::alone, limits::git_network);
    if (!turn) co_return std::unexpected(failure{error_kind::other, turn.error()});
    auto branches = read_mirror(at).branches;
    auto there = branches.find(wish.branch);
    auto past = std::make_shared<history>();
    past->tip = there == branches.end() ? wish.base : there->second;
    bool all = wish.commits == 0;
    if (all && (is_partial(at) || co_await too_large(at, wish.branch, past->tip, wish.most_bytes))) {
        wish.commits = wish.cut_to;
        past->cut = true;
    }
    past->commits = wish.commits;
    past->branch = wish.branch;
    past->base = wish.base;

    auto place = standing_of(at, wish.branch, wish.commits);
    auto made = co_await bring_up(at, place, wish, past->tip);
    if (!made && made.error().kind != error_kind::disk_full && co_await lock(place.use(), sharing::alone, {})) {
        fs::remove(place.state()); // broken, by a failing disk perhaps: it is made anew, unless trees use it
        made = co_await bring_up(at, place, std::move(wish), past->tip);
    }
    if (!made) co_return std::unexpected(made.error());
    auto use = co_await lock(place.use(), sharing::shared, {}); // nobody takes it alone without our turn
    if (!use) co_return std::unexpected(failure{error_kind::other, use.error()});
    past->in_use = std::move(*use);
    fs::last_write_time(place.folder, fs::file_time_type::clock::now());
    past->objects = place.git() / "objects";
    past->seen_at = confine.inside({.history = past->objects}, past->objects);
    past->refs = content_of(place.git() / "packed-refs");
    past->shallow = content_of(place.git() / "shallow");
    co_return past;
}

awaitable<> tidy_histories(layout at, fs::file_time_type before) {
    std::vector<standing> all;
    std::error_code ec;
    for (fs::directory_iterator it(at.histories(), ec), end; !ec && it != end; it.increment(ec))
        all.push_back({it->path()});
    if (all.empty()) co_return;
    auto turn = co_await lock(at.making_history(), sharing::alone, {});
    if (!turn) co_return; // the next time
    for (auto& place : all) {
        bool begun = fs::exists(place.git()) && !fs::exists(place.state()); // by what was killed then
        if (begun || fs::last_write_time(place.folder) < before) {
            auto alone = co_await lock(place.use(), sharing::alone, {});
            if (!alone) continue;
            fs::remove(place.state()); // first, so that what a kill leaves of it is not used
            co_await remove_folder(place.folder);
        } else {
            sweep_repository(place.git(), false);
        }
    }
}

} // namespace persais::git
