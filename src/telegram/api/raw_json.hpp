#pragma once
#include <optional>
#include <string_view>
#include <vector>

/// Finds parts of JSON without parsing it, so that bad content of one part (nested too deeply, bytes that are not
/// UTF-8) does not affect the parts beside it. Total: any bytes may be given.
namespace persais::telegram {

/// The text of the value of the first member with that name in the outermost object; nullopt: there is none, or no
/// object. Names that are written with escapes are not recognised.
std::optional<std::string_view> raw_member(std::string_view object, std::string_view name);

/// The texts of an array's elements; nullopt: no array, or it is truncated.
std::optional<std::vector<std::string_view>> raw_elements(std::string_view array);

/// The largest number of brackets that are open at once.
std::size_t raw_depth(std::string_view text);

} // namespace persais::telegram
