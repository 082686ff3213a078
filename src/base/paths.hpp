#pragma once
#include <string>
#include <string_view>
#include <vector>

/// Paths as file systems compare them on which two spellings are one file: HFS+ and APFS ignore case and how a
/// character is composed, HFS+ also characters without a look; NTFS ignores case, dots and spaces at the end of a name,
/// and gives long names a second, short one. A repository is made on any of them, and what is safe here may be another
/// file there.
namespace persais::paths {

/// Two paths with the same key may be the same file. The key is for comparing, and for nothing else. Bytes that are no
/// UTF-8 stay.
std::string key(std::string_view path);

/// The key of the file that NTFS would write: `name:stream` is `name`, and `\` is a separator as `/` is.
std::string key_on_ntfs(std::string_view path);

/// Whether one part of a path is a spelling of git's own folder, `.git`.
bool is_git_folder(std::string_view part);

/// What a part in the form of a short name (`INFRAS~1`, `PERSAI~1.TOM`) keeps of the long name; empty: it has another
/// form.
std::string short_stub(std::string_view part);
/// The stubs of the short names that NTFS may give to `name`, eight at most. Those that are made from a hash are not
/// known.
std::vector<std::string> stubs_of(std::string_view name);
/// Whether `part` may be the short name of `name`: another key, and one of its stubs.
bool may_be_short_for(std::string_view part, std::string_view name);

/// The parts between separators; empty ones are left out.
std::vector<std::string_view> parts(std::string_view path, std::string_view separators = "/");

} // namespace persais::paths
