#include "doctor/env_file.hpp"

#include "base/text.hpp"
#include "base/told.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::doctor {

namespace {

namespace fs = std::filesystem;

struct line_of {
    std::size_t begin = 0, end = 0; // positions of the line, without its line break
};

/// The length of what is before the name: blanks and `export `.
std::size_t name_start(std::string_view line) {
    auto at = line.find_first_not_of(" \t");
    if (at == line.npos) return line.size();
    if (line.substr(at).starts_with("export ") || line.substr(at).starts_with("export\t"))
        at = std::min(line.find_first_not_of(" \t", at + 7), line.size());
    return at;
}

bool sets(std::string_view line, std::string_view name) {
    auto rest = line.substr(name_start(line));
    if (!rest.starts_with(name)) return false;
    rest.remove_prefix(name.size());
    auto equals = rest.find_first_not_of(" \t");
    return equals != rest.npos && rest[equals] == '=';
}

std::optional<line_of> find_line(std::string_view text, std::string_view name) {
    std::optional<line_of> found;
    for (std::size_t at = 0; at < text.size();) {
        auto end = std::min(text.find('\n', at), text.size());
        if (sets(text.substr(at, end - at), name)) found = line_of{at, end};
        at = end + 1;
    }
    return found;
}

/// The ` # comment` behind a value, with its blanks; behind a quoted value it follows the closing quote.
std::string_view comment_of(std::string_view line) {
    auto equals = line.find('=');
    auto from = line.find_first_not_of(" \t", equals + 1);
    if (from == line.npos) return {};
    if (line[from] == '"' || line[from] == '\'') {
        auto close = from + 1;
        while (close < line.size() && line[close] != line[from])
            close += line[from] == '"' && line[close] == '\\' ? 2 : 1;
        from = std::min(close + 1, line.size());
    }
    auto sign = std::min(line.find(" #", from), line.find("\t#", from));
    if (sign == line.npos) return {};
    while (sign > from && (line[sign - 1] == ' ' || line[sign - 1] == '\t'))
        --sign;
    auto comment = line.substr(sign);
    return comment.ends_with('\r') ? comment.substr(0, comment.size() - 1) : comment;
}

std::string rewritten(std::string_view line, const env_edit& e) {
    if (!e.value) return "# " + std::string(line);
    auto cr = line.ends_with('\r') ? "\r" : "";
    return fmt::format("{}{}={}{}{}", line.substr(0, name_start(line)), e.name, env_value(*e.value), comment_of(line),
                       cr);
}

} // namespace

std::string env_value(std::string_view value) {
    auto plain = [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80 ||
               std::strchr("-_./:@%+,=~?&", c);
    };
    if (std::ranges::all_of(value, [&](unsigned char c) { return c != 0 && plain(c); })) return std::string(value);
    std::string quoted = "\"";
    for (char c : value) {
        if (c == '\n')
            quoted += "\\n";
        else if (c == '\t')
            quoted += "\\t";
        else {
            if (c == '"' || c == '\\' || c == '$') quoted += '\\';
            quoted += c;
        }
    }
    return quoted + '"';
}

std::string edited(std::string_view before, const std::vector<env_edit>& edits) {
    std::string text(before);
    std::string added;
    for (const auto& e : edits) {
        if (auto line = find_line(text, e.name))
            text.replace(line->begin, line->end - line->begin,
                         rewritten(std::string_view(text).substr(line->begin, line->end - line->begin), e));
        else if (e.value)
            added += fmt::format("{}={}\n", e.name, env_value(*e.value));
    }
    if (added.empty()) return text;
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    if (!text.empty()) text += '\n';
    return text + added;
}

result<void> write_env_file(fs::path file, std::string_view text) {
    std::error_code ec;
    if (fs::is_symlink(file, ec)) file = fs::weakly_canonical(file, ec);
    std::string made = (file.parent_path() / ".env.new-XXXXXX").string();
    int fd = ::mkostemp(made.data(), O_CLOEXEC); // with mode 0600
    auto broken = [&](std::string_view step) {
        auto why = std::generic_category().message(errno);
        if (fd >= 0) ::close(fd);
        if (fd >= 0) ::unlink(made.c_str());
        return fail(told<"{} could not be {}: {}.", "Файл {} не удалось {}: {}.">(file.string(), step, why));
    };
    if (fd < 0) return broken(told<"written", "записать">());
    for (std::string_view rest = text; !rest.empty();) {
        auto n = ::write(fd, rest.data(), rest.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return broken(told<"written", "записать">());
        rest.remove_prefix(static_cast<std::size_t>(n));
    }
    struct stat old{};
    if (::stat(file.c_str(), &old) == 0 && old.st_uid != ::geteuid() && ::fchown(fd, old.st_uid, old.st_gid) != 0)
        return broken(told<"given to its owner", "передать владельцу">());
    if (::fsync(fd) != 0) return broken(told<"written", "записать">());
    if (::rename(made.c_str(), file.c_str()) != 0) return broken(told<"replaced", "заменить">());
    ::close(fd);
    return {};
}

} // namespace persais::doctor
