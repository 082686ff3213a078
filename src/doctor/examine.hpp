#pragma once
#include "doctor/subject.hpp"

namespace persais::doctor {

/// A subject with a client of its own, on one loop.
struct visit {
    visit(const asio::any_io_executor& executor, const config::settings& settings, std::filesystem::path exe_folder,
          bool offline = false)
        : client(executor, settings.ssl_cert_file),
          of{.settings = settings, .exe_folder = std::move(exe_folder), .client = client, .offline = offline} {}
    visit(const visit&) = delete;
    http::client client;
    subject of;
};

/// What a person may have answered wrongly, to be looked at alone.
enum class aspect { database, remote, model_key, model, telegram };

/// All probes, side by side where one does not need what another found, each under its own deadline (one that does not
/// come to an end is a `fail` of its own and holds up no other). In the order in which they are shown. `of` outlives
/// the loop; run the loop dry afterwards.
awaitable<findings> examine(subject& of);

/// The probes of one aspect.
awaitable<findings> examine(subject& of, aspect what);

} // namespace persais::doctor
