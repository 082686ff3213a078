#include "git/replay.hpp"

#include "base/told.hpp"
#include "git/changes.hpp"
#include "git/files.hpp"
#include "git/limits.hpp"
#include "git/lock.hpp"
#include "git/signing.hpp"

#include <memory>

#include <fmt/format.h>

namespace persais::git {

namespace {

failure unreadable(std::string_view what) {
    return {error_kind::bad_object, fmt::format("The commit {} cannot be read.", what)};
}

} // namespace

awaitable<outcome<std::string>> tree_of(layout at, std::string commit) {
    auto found = co_await at.run(at.on_mirror({"rev-parse", "--verify", "--quiet", commit + "^{tree}"}));
    auto id = first_word(found.output);
    if (!found.ok() || !is_id(id)) co_return std::unexpected(unreadable(commit));
    co_return id;
}

signature signature_of(const identity& who, time_point when) {
    return {who.name, who.email,
            fmt::format("@{} +0000", std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count())};
}

awaitable<outcome<commit_words>> read_commit(layout at, commit_id commit) {
    auto read = co_await at.run(at.on_mirror({"cat-file", "commit", commit}));
    if (!read.ok() || read.output_cut) co_return std::unexpected(unreadable(commit));
    std::string_view text = read.output;
    auto body = text.find("\n\n");
    auto line = text.find("\nauthor ");
    if (body == text.npos || line == text.npos || line > body) co_return std::unexpected(unreadable(commit));
    auto author =
        text.substr(line + 8, text.find('\n', line + 1) - line - 8); // "Ann <ann@example.org> 1700000000 +0100"
    auto open = author.find('<'), close = author.rfind('>');
    if (open == author.npos || close == author.npos || close < open) co_return std::unexpected(unreadable(commit));
    auto name = author.substr(0, open);
    while (name.ends_with(' '))
        name.remove_suffix(1);
    auto date = author.substr(close + 1);
    while (date.starts_with(' '))
        date.remove_prefix(1);
    co_return commit_words{
        {std::string(name), std::string(author.substr(open + 1, close - open - 1)), "@" + std::string(date)},
        std::string(text.substr(body + 2))};
}

namespace {

/// The commit as git stores it.
std::string bytes_of(const new_commit& what) {
    auto line = [](std::string_view role, const signature& s) {
        return fmt::format("{} {} <{}> {}\n", role, s.name, s.email,
                           std::string_view(s.date).substr(s.date.starts_with('@') ? 1 : 0));
    };
    return fmt::format("tree {}\nparent {}\n{}{}\n{}", what.tree, what.parent, line("author", what.author),
                       line("committer", what.committer), what.message);
}

awaitable<outcome<commit_id>> write_signed(layout at, new_commit what) {
    auto bytes = bytes_of(what);
    auto signature = co_await sign(what.signing_key, bytes, at.home());
    if (!signature) co_return std::unexpected(signature.error());
    auto write = at.on_mirror({"hash-object", "-t", "commit", "-w", "--stdin"});
    write.input = signed_commit(bytes, *signature, object_format(what.parent).ends_with("256"));
    auto made = co_await at.run(std::move(write));
    auto id = first_word(made.output);
    if (!made.ok() || !is_id(id)) co_return std::unexpected(explain_local(made, "Making the commit"));
    co_return id;
}

} // namespace

awaitable<outcome<commit_id>> write_commit(layout at, new_commit what) {
    if (!what.message.ends_with('\n')) what.message += '\n';
    if (!what.signing_key.empty()) co_return co_await write_signed(std::move(at), std::move(what));
    auto make = at.on_mirror({"commit-tree", what.tree, "-p", what.parent});
    auto set = [&](std::string_view role, const signature& s) {
        make.environment.push_back(fmt::format("GIT_{}_NAME={}", role, s.name));
        make.environment.push_back(fmt::format("GIT_{}_EMAIL={}", role, s.email));
        make.environment.push_back(fmt::format("GIT_{}_DATE={}", role, s.date));
    };
    set("AUTHOR", what.author);
    set("COMMITTER", what.committer);
    make.input = std::move(what.message);
    auto made = co_await at.run(std::move(make));
    auto id = first_word(made.output);
    if (!made.ok() || !is_id(id)) co_return std::unexpected(explain_local(made, "Making the commit"));
    co_return id;
}

namespace {

/// A commit of this tree whose only parent is `base`: merge-tree finds the base of a merge in the history, and before
/// git 2.40 it can be told no other way. No ref names it, so the next gc deletes it.
awaitable<outcome<commit_id>> as_child(layout at, commit_id base, std::string tree) {
    auto nobody = signature{"merge", "merge", "@0 +0000"};
    co_return co_await write_commit(
        at,
        {.tree = std::move(tree), .parent = std::move(base), .author = nobody, .committer = nobody, .message = "-"});
}

/// What leads from `base` to `ours` and to `theirs`, each as a commit on it.
awaitable<outcome<std::pair<commit_id, commit_id>>> sides_of(layout at, commit_id base, std::string ours,
                                                             std::string theirs) {
    std::vector<commit_id> sides;
    for (const auto& side : {ours, theirs}) {
        auto tree = co_await tree_of(at, side);
        if (!tree) co_return std::unexpected(tree.error());
        auto made = co_await as_child(at, base, *tree);
        if (!made) co_return std::unexpected(made.error());
        sides.push_back(*made);
    }
    co_return std::pair(std::move(sides[0]), std::move(sides[1]));
}

/// What stands beside the marks are the names by which the sides are given here.
awaitable<outcome<merged>> merge_named(layout at, std::string one, std::string other) {
    auto ask = at.on_mirror({"merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", one, other});
    ask.settings.emplace_back("attr.tree=refs/persais/no-attributes"); // no merge driver of a side counts
    // Seven characters, as git writes them by itself, are the marks of an edit for an agent that answers in blocks of
    // SEARCH and REPLACE: it could not name the lines that it has to replace.
    auto attributes = at.folder / "merge-attributes";
    auto wanted = fmt::format("* conflict-marker-size={}\n", limits::conflict_mark_characters);
    if (content_of(attributes) != wanted) write_file(attributes, wanted, 0600);
    ask.settings.emplace_back("core.attributesFile=" + attributes.string());
    ask.settings.emplace_back("merge.conflictStyle=diff3"); // what both began with says what each side meant
    auto done = co_await at.run(std::move(ask));
    bool conflict = done.how == sandbox::ended::exited && done.code == 1;
    if (!done.ok() && !conflict) co_return std::unexpected(explain_local(done, "Merging"));
    auto all = pieces(done.output, '\0');
    if (all.empty() || !is_id(all.front())) co_return std::unexpected(explain_local(done, "Merging"));
    merged made{.tree = std::string(all.front()), .conflicts = {}};
    for (std::size_t i = 1; i < all.size(); ++i)
        if (!all[i].empty()) made.conflicts.emplace_back(all[i]);
    if (conflict && made.conflicts.empty()) made.conflicts.emplace_back("?");
    co_return made;
}

constexpr std::string_view name_of_ours = "persais/base", name_of_theirs = "persais/change";

/// Sets the two refs, or deletes them when there are no commits.
awaitable<outcome<void>> name_sides(layout at, commit_id ours, commit_id theirs) {
    auto set = at.on_mirror({"update-ref", "--stdin"});
    for (auto [name, id] : {std::pair(name_of_ours, ours), std::pair(name_of_theirs, theirs)})
        set.input += id.empty() ? fmt::format("delete refs/{}\n", name) : fmt::format("update refs/{} {}\n", name, id);
    auto done = co_await at.run(std::move(set));
    if (!done.ok()) co_return std::unexpected(explain_local(done, "Naming the sides of a merge"));
    co_return outcome<void>{};
}

} // namespace

awaitable<outcome<merged>> merge_trees(layout at, commit_id base, std::string ours, std::string theirs) {
    auto sides = co_await sides_of(at, std::move(base), std::move(ours), std::move(theirs));
    if (!sides) co_return std::unexpected(sides.error());
    co_return co_await merge_named(at, std::move(sides->first), std::move(sides->second));
}

awaitable<outcome<merged>> merge_for_people(layout at, commit_id base, std::string ours, std::string theirs) {
    auto sides = co_await sides_of(at, std::move(base), std::move(ours), std::move(theirs));
    if (!sides) co_return std::unexpected(sides.error());
    auto alone = co_await lock(at.naming(), sharing::alone, limits::git_network);
    if (!alone) co_return std::unexpected(failure{error_kind::other, alone.error()});
    auto named = co_await name_sides(at, std::move(sides->first), std::move(sides->second));
    if (!named) co_return std::unexpected(named.error());
    auto made = co_await merge_named(at, std::string(name_of_ours), std::string(name_of_theirs));
    auto unnamed = co_await name_sides(at, {}, {}); // after a crash the next ones take their place
    if (!unnamed) co_return std::unexpected(unnamed.error());
    co_return made;
}

namespace {

/// The text of a change without what says only where it stands: ids of files, and numbers of lines. git range-diff
/// compares the heading of a hunk too, which names the nearest function above, and tells a change apart that only has
/// another function above it.
awaitable<outcome<std::optional<std::string>>> text_of_change(layout at, commit_id from, commit_id to) {
    auto ask = diff_command(at, "diff", {"--no-color", "--no-renames", "--binary", from, to, "--"});
    auto whole = std::make_shared<std::string>();
    constexpr auto most = limits::git_output_bytes;
    ask.on_output = [whole](std::string_view piece) {
        if (whole->size() <= most) whole->append(piece);
    };
    ask.keep_output = 1;
    auto result = co_await at.run(std::move(ask));
    if (!result.ok()) co_return std::unexpected(explain_local(result, "Comparing the changes"));
    if (whole->size() > most) co_return std::nullopt;
    std::string text;
    for (auto line : pieces(*whole, '\n')) {
        if (line.starts_with("index ")) continue;
        if (line.starts_with("@@ ")) line = "@@";
        text += line;
        text += '\n';
    }
    co_return text;
}

} // namespace

awaitable<outcome<bool>> same_change(layout at, commit_id from, commit_id to, commit_id other_from,
                                     commit_id other_to) {
    auto one = co_await text_of_change(at, std::move(from), std::move(to));
    if (!one) co_return std::unexpected(one.error());
    auto other = co_await text_of_change(at, std::move(other_from), std::move(other_to));
    if (!other) co_return std::unexpected(other.error());
    co_return one->has_value() && *one == *other;
}

} // namespace persais::git
