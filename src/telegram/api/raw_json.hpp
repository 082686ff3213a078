#pragma once
#include <optional>
#include <string_view>
#include <vector>

/// Finds parts of JSON without parsing it: whatever is inside a part (nested too deeply, bytes that are no UTF-8)
/// cannot spoil what stands beside it. Total: any bytes may be given.
namespace persais::telegram {

/// The text of a member's value, of the first of that name in the outermost object; nullopt: none, or no object. Names
/// that are written with escapes are not recognised.
std::optional<std::string_view> raw_member(std::string_view object, std::string_view name);

/// The texts of an array's elements; nullopt: no array, or it is cut.
std::optional<std::vector<std::string_view>> raw_elements(std::string_view array);

/// Brackets that are open at once, at most.
std::size_t raw_depth(std::string_view text);

} // namespace persais::telegram
