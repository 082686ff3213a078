#pragma once
#include "config/table.hpp"

namespace persais::config {

/// Whether both have the same value for this setting.
bool same(const row& each, const settings& left, const settings& right);
/// Copies the value of this setting in `from` to `to`.
void take_over(const row& each, settings& to, const settings& from);
/// The value on one line, as it would be written in .env; for a secret "set (51 characters)" and never a part of it;
/// empty: not set.
std::string shown_value(const row& each, const settings& of);

} // namespace persais::config
