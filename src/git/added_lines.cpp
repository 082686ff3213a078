#include "git/added_lines.hpp"

#include "git/changes.hpp"
#include "git/diff_files.hpp"
#include "git/limits.hpp"

#include <algorithm>
#include <charconv>
#include <memory>

namespace persais::git {

namespace {

/// The lines in "-12,3" or "+7" of a hunk's header, and the first of them.
struct range {
    int first = 0;
    long count = 1;
};
range range_at(std::string_view header, char sign) {
    range r;
    auto at = header.find(sign);
    if (at == header.npos) return r;
    auto words = header.substr(at + 1, header.find(' ', at) - at - 1);
    std::from_chars(words.data(), words.data() + words.size(), r.first);
    if (auto comma = words.find(','); comma != words.npos)
        std::from_chars(words.data() + comma + 1, words.data() + words.size(), r.count);
    return r;
}

} // namespace

void added_lines_reader::add(std::string_view piece) {
    while (!piece.empty()) {
        auto end = piece.find('\n');
        auto text = piece.substr(0, end);
        kept_.append(text);
        if (end != piece.npos)
            piece_of_line(kept_, true);
        else if (kept_.size() >= limits::added_piece_bytes)
            piece_of_line(kept_, false);
        if (end != piece.npos || kept_.size() >= limits::added_piece_bytes) kept_.clear();
        piece.remove_prefix(end == piece.npos ? piece.size() : end + 1);
    }
}

void added_lines_reader::piece_of_line(std::string_view text, bool ends) {
    bool added = continues_, other = skips_;
    if (!added && !other) {
        bool in_hunk = old_left_ > 0 || new_left_ > 0;
        if (in_hunk && text.starts_with('+')) {
            added = true;
            text.remove_prefix(1);
            --new_left_;
        } else if (in_hunk && text.starts_with('-')) {
            other = true;
            --old_left_;
        } else {
            other = true;
            header(text);
        }
    }
    if (added) into_.line(path_, number_, text);
    if (added && ends) ++number_;
    continues_ = added && !ends;
    skips_ = other && !ends;
}

void added_lines_reader::header(std::string_view line) {
    if (line.starts_with("diff --git ")) {
        // Of an empty file, or one without lines, there is nothing more that names it.
        auto names = line.substr(11);
        path_ = path_in(names.substr(std::min(names.size(), names.size() / 2 + 1)));
    } else if (line.starts_with("new file mode ")) {
        into_.file(path_);
    } else if (line.starts_with("+++ ")) {
        auto path = path_in(line.substr(4));
        if (!path.empty()) path_ = std::move(path);
    } else if (line.starts_with("@@ ")) {
        auto was = range_at(line, '-'), is = range_at(line, '+');
        old_left_ = was.count;
        new_left_ = is.count;
        number_ = is.first;
    }
}

awaitable<outcome<void>> mirror::read_added(commit_id base, commit_id commit, added_lines into) {
    layout at{folder_};
    auto ask = diff_command(at, "diff", {"--unified=0", "--text", "--find-renames", "--no-color", base, commit, "--"});
    ask.keep_output = 1;
    auto reader = std::make_shared<added_lines_reader>(std::move(into));
    ask.on_output = [reader](std::string_view piece) { reader->add(piece); };
    auto done = co_await at.run(std::move(ask));
    if (!done.ok()) co_return std::unexpected(explain_local(done, "Reading the change"));
    co_return outcome<void>{};
}

awaitable<outcome<bool>> mirror::has_text(commit_id commit, std::string text) {
    std::ranges::replace(text, '\0', '\n'); // git looks for no pattern with a NUL
    auto lines = pieces(text, '\n');
    auto longest = std::ranges::max_element(lines, {}, [](auto line) { return line.size(); });
    if (longest == lines.end() || longest->empty()) co_return false;
    layout at{folder_};
    auto ask = at.on_mirror({"grep", "--quiet", "--text", "--fixed-strings", "-f", "-", commit, "--"});
    ask.input = std::string(*longest) + "\n";
    ask.settings.emplace_back("grep.threads=1");
    auto seen = co_await at.run(std::move(ask));
    if (seen.ok()) co_return true;
    if (seen.how == sandbox::ended::exited && seen.code == 1) co_return false;
    co_return std::unexpected(explain_local(seen, "Reading the base"));
}

} // namespace persais::git
