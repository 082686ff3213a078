#pragma once
#include "doctor/subject.hpp"

namespace persais::doctor {

/// A subject with an HTTP client of its own, on one loop.
struct visit {
    visit(const asio::any_io_executor& executor, const config::settings& settings, std::filesystem::path exe_folder,
          bool offline = false)
        : client(executor, settings.ssl_cert_file),
          of{.settings = settings, .exe_folder = std::move(exe_folder), .client = client, .offline = offline} {}
    visit(const visit&) = delete;
    http::client client;
    subject of;
};

/// What a person may have answered wrongly, to be probed alone.
enum class aspect { database, remote, model_key, model, telegram };

/// Runs all probes, concurrently where one does not need what another found, each with its own deadline (one that does
/// not end is a `fail` of its own and delays no other). `of.tell` is told of each as soon as it is known; all findings
/// together are in a fixed order. `of`
/// outlives the loop; afterwards run the loop until it is empty.
awaitable<findings> examine(subject& of);

/// Runs the probes of one aspect.
awaitable<findings> examine(subject& of, aspect what);

} // namespace persais::doctor
