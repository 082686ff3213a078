#pragma once
#include "config/settings.hpp"
#include "http/handler.hpp"

namespace persais::app {

/// How many connections the public port takes when this process may open `descriptors` files. What tasks, the database
/// and Telegram need is kept from it first: strangers take nothing that a task needs.
std::size_t door_connections(std::uint64_t descriptors, const config::settings& settings);

/// Raises the limit of open files, and shares them out. Logs when they are few.
http::server_options door_options(const config::settings& settings);

} // namespace persais::app
