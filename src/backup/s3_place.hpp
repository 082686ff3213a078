#pragma once
#include "backup/place.hpp"
#include "backup/signature.hpp"
#include "http/client.hpp"

#include <functional>

namespace persais::backup {

/// A bucket of Amazon's S3 or of another server that speaks the same. A file of more than s3_part_bytes goes in parts,
/// which are forgotten when it does not come to its end.
class s3_place final : public place {
public:
    /// `now`: what the time is; the store refuses one that is off by more than 15 minutes.
    s3_place(
        const asio::any_io_executor& executor, s3_url where, std::string ca_file,
        std::function<time_point()> now = [] { return system_clock().now(); });
    awaitable<result<std::vector<stored>>> list() override;
    awaitable<result<void>> put(std::filesystem::path file, std::string name) override;
    awaitable<result<void>> get(std::string name, std::filesystem::path to) override;
    awaitable<result<void>> remove(std::string name) override;
    std::string shown() const override { return "s3://" + where_.bucket + "/" + where_.prefix; }

private:
    using words = std::map<std::string, std::string>;
    http::fetch_spec signed_spec(std::string method, const std::string& name, words query, std::string body) const;
    /// An answer that is not 2xx is an error.
    awaitable<result<http::fetched>> call(std::string method, std::string name, words query, std::string body);
    awaitable<result<std::string>> put_parts(std::filesystem::path file, std::string name, std::string upload);
    std::string refused(int status, std::string_view body) const;

    s3_url where_;
    std::function<time_point()> now_;
    http::client web_;
};

} // namespace persais::backup
