#include "git/unsafe_paths.hpp"

#include "base/on_a_thread.hpp"
#include "base/paths.hpp"
#include "base/told.hpp"
#include "git/explain.hpp"
#include "git/limits.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <memory>
#include <ranges>
#include <set>
#include <unordered_set>

namespace persais::git {

namespace {

constexpr int most_hops = 64;             // of links, that any system follows (Windows; Linux: 40)
constexpr std::size_t most_target = 4095; // bytes that a link may have on any system

using links_by_key = std::unordered_map<std::string, const tree_link*>;

/// How a system reads the target of a link.
enum class reading { posix, windows };

std::string key_of(const std::string& path, reading as) {
    return as == reading::posix ? path : paths::key(path);
}

/// Whether one part of a link's target leads to the folder above. Windows takes dots and spaces from the end of a name.
bool goes_up(std::string_view part, reading as) {
    if (as == reading::posix) return part == "..";
    return part.starts_with("..") && part.find_first_not_of(". ") == part.npos;
}

/// `left`: bytes of paths that may still be looked up for all links of a tree. Where they do not suffice, nobody knows.
bool leads_out(const tree_link& from, const links_by_key& all, reading as, std::size_t& left) {
    std::string here; // "a/b/": where the next part is looked for
    for (auto part : paths::parts(from.path))
        here.append(part) += '/';
    auto up = [&] { here.resize(here.rfind('/', here.size() - 2) + 1); }; // npos + 1 is 0
    std::vector<std::string> ahead;                                       // the next part is the last element
    /// False: the target is absolute, or no target at all.
    auto follow = [&](const std::string& target) {
        up();
        bool of_a_drive = target.size() > 1 && target[1] == ':';
        if (target.starts_with('/') || target.starts_with('\\') || of_a_drive || target.size() > most_target)
            return false;
        for (auto part : paths::parts(target, as == reading::posix ? "/" : "/\\") | std::views::reverse)
            ahead.emplace_back(part);
        return true;
    };
    if (!follow(from.target)) return true;
    for (int hops = 1; !ahead.empty();) {
        auto part = std::move(ahead.back());
        ahead.pop_back();
        if (part == ".") continue;
        if (goes_up(part, as)) {
            if (here.empty()) return true;
            up();
            continue;
        }
        if (paths::is_git_folder(part)) return true;
        here += part;
        if (here.size() > left) return true;
        left -= here.size();
        auto link = all.find(key_of(here, as));
        here += '/';
        if (link == all.end()) continue;
        if (++hops > most_hops) return false; // no system follows it
        if (!follow(link->second->target)) return true;
    }
    return false;
}

/// Calls `tell` with each entry that git prints, which end with NUL. Git itself has no limit for a name, so that of a
/// longer one only the beginning is kept.
std::function<void(std::string_view)> by_entry(std::function<void(std::string_view)> tell) {
    return [tell = std::move(tell), kept = std::make_shared<std::string>()](std::string_view piece) {
        auto keep = [&](std::string_view more) {
            kept->append(more.substr(0, limits::listed_path_bytes - std::min(limits::listed_path_bytes, kept->size())));
        };
        for (auto end = piece.find('\0'); end != piece.npos; end = piece.find('\0')) {
            keep(piece.substr(0, end));
            tell(*kept);
            kept->clear();
            piece.remove_prefix(end + 1);
        }
        keep(piece);
    };
}

struct listed_link {
    std::string path, id;
};

/// Lists the links of a tree; `each` is called with every file's path.
awaitable<outcome<std::vector<listed_link>>> list_tree(layout at, std::string tree,
                                                       std::function<void(std::string_view)> each) {
    std::vector<listed_link> links;
    auto list = at.on_mirror({"ls-tree", "-r", "-z", tree});
    list.keep_output = 1;
    list.on_output = by_entry([&](std::string_view entry) {
        auto tab = entry.find('\t'); // "120000 blob <id>\t<path>"
        if (tab == entry.npos) return;
        auto path = entry.substr(tab + 1);
        if (entry.starts_with("120000 ")) links.push_back({std::string(path), std::string(entry.substr(12, tab - 12))});
        each(path);
    });
    auto done = co_await at.run(std::move(list));
    if (!done.ok()) co_return std::unexpected(explain_local(done, told<"Listing the files", "Перечень файлов">()));
    co_return links;
}

awaitable<outcome<std::vector<tree_link>>> read_links(layout at, std::vector<listed_link> listed) {
    std::vector<tree_link> all;
    if (listed.empty()) co_return all;
    auto ask = at.on_mirror({"cat-file", "--batch=%(objectsize)"});
    for (const auto& link : listed)
        ask.input += link.id + "\n";
    auto read = co_await at.run(std::move(ask));
    if (!read.ok()) co_return std::unexpected(explain_local(read, told<"Reading the links", "Чтение ссылок">()));
    if (read.output_cut)
        co_return std::unexpected(
            failure{error_kind::too_large,
                    told<"The links in the tree have too long targets.", "Цели ссылок в дереве слишком длинные.">()});
    std::string_view rest = read.output;
    for (auto& link : listed) {
        std::size_t size = 0;
        auto end = rest.find('\n');
        if (end == rest.npos || std::from_chars(rest.data(), rest.data() + end, size).ec != std::errc{}) break;
        rest.remove_prefix(end + 1);
        all.push_back({std::move(link.path), std::string(rest.substr(0, size))});
        rest.remove_prefix(std::min(size + 1, rest.size()));
    }
    if (all.size() != listed.size())
        co_return std::unexpected(
            failure{error_kind::bad_object,
                    told<"The links in the tree could not be read.", "Ссылки в дереве не удалось прочитать.">()});
    co_return all;
}

} // namespace

std::vector<tree_link> leading_out(const std::vector<tree_link>& all) {
    links_by_key exactly, folded;
    for (const auto& link : all) {
        exactly.emplace(key_of(link.path, reading::posix), &link);
        folded.emplace(key_of(link.path, reading::windows), &link);
    }
    auto left = limits::link_bytes;
    std::vector<tree_link> out;
    std::ranges::copy_if(all, std::back_inserter(out),
                         [&](const auto& link) { // what is inside on one is not on the other
                             return leads_out(link, exactly, reading::posix, left) ||
                                    leads_out(link, folded, reading::windows, left);
                         });
    return out;
}

std::string collisions::in(place folder, std::string_view name) {
    std::string made(reinterpret_cast<const char*>(&folder), sizeof folder);
    return made += name;
}

collisions::place collisions::go(place folder, std::string_view key) const {
    auto found = inside_.find(in(folder, key));
    return found == inside_.end() ? none : found->second;
}

collisions::collisions(std::vector<std::string> added) : added_(std::move(added)) {
    for (std::size_t n = 0; n < added_.size(); ++n) {
        place here = 0;
        for (auto part : paths::parts(added_[n])) {
            if (places_[here].below == none) places_[here].below = n;
            auto key = paths::key(part);
            auto [at, is_new] = inside_.emplace(in(here, key), places_.size());
            if (is_new) {
                if (auto stub = paths::short_stub(part); !stub.empty())
                    by_stub_.emplace(in(here, stub), shortened{n, std::move(key)});
                places_.emplace_back();
            }
            here = at->second;
        }
        if (places_[here].file == none) places_[here].file = n;
    }
}

void collisions::collides(std::size_t with, std::string_view path) {
    if (with != none && added_[with] != path) found_ = colliding{added_[with], std::string(path)};
}

void collisions::look_at(std::string_view path) {
    place here = 0;
    auto all = paths::parts(path);
    for (auto part = all.begin(); part != all.end() && here != none && !found_; ++part) {
        auto key = paths::key(*part);
        if (!by_stub_.empty())
            for (const auto& stub : paths::stubs_of(*part)) { // is a new name the short one of this?
                auto [at, end] = by_stub_.equal_range(in(here, stub));
                for (; at != end && !found_; ++at)
                    if (at->second.key != key) collides(at->second.n, path);
            }
        here = go(here, key);
        if (here == none || found_) return;
        collides(places_[here].file, path); // the same file, or a new file with the name of a folder
        if (part + 1 == all.end() && !found_) collides(places_[here].below, path); // with that of a new file's folder
    }
}

std::vector<std::string_view> files_after(const index_file& base, const std::vector<std::string>& gone,
                                          const std::vector<std::string>& added) {
    std::unordered_set<std::string_view> left(gone.begin(), gone.end());
    std::vector<std::string_view> stay, come(added.begin(), added.end()), all;
    stay.reserve(base.entries().size());
    for (const auto& one : base.entries())
        if (!left.contains(one.path)) stay.push_back(one.path);
    std::ranges::sort(come);
    all.reserve(stay.size() + come.size());
    std::ranges::merge(stay, come, std::back_inserter(all));
    return all;
}

awaitable<outcome<unsafe_paths>> find_unsafe_paths(layout at, std::string base, std::string tree, changes what,
                                                   const tree_look* seen) {
    unsafe_paths found;
    if (what.added.empty() && !what.links) co_return found;
    if (seen && seen->base && !what.links) {
        found.collides = co_await on_a_thread([&] {
            auto all = files_after(*seen->base, seen->gone, what.added);
            collisions same(what.added);
            for (auto path : all)
                same.look_at(path);
            return same.first();
        });
        co_return found;
    }
    collisions same(std::move(what.added));
    auto listed = co_await list_tree(at, tree, [&](std::string_view path) { same.look_at(path); });
    if (!listed) co_return std::unexpected(listed.error());
    found.collides = same.first();
    if (!what.links) co_return found;

    auto links = co_await read_links(at, std::move(*listed));
    if (!links) co_return std::unexpected(links.error());
    found.links_out = leading_out(*links);
    if (found.links_out.empty()) co_return found;
    // A link that led out of the base is the base's own.
    auto listed_before = co_await list_tree(at, base, [](std::string_view) {});
    if (!listed_before) co_return std::unexpected(listed_before.error());
    auto before = co_await read_links(at, std::move(*listed_before));
    if (!before) co_return std::unexpected(before.error());
    std::set<std::pair<std::string, std::string>> out_before;
    for (auto& link : leading_out(*before))
        out_before.emplace(std::move(link.path), std::move(link.target));
    std::erase_if(found.links_out, [&](const auto& link) { return out_before.contains({link.path, link.target}); });
    co_return found;
}

} // namespace persais::git
