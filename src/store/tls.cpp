#include "store/tls.hpp"

#include "store/address.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>

namespace persais::store {

namespace {

/// Where Debian, Fedora, SUSE and Alpine keep the authorities; without any, the first also names the missing package.
constexpr std::array bundles{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                             "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

std::string authorities(const std::string& ca_file) {
    if (!ca_file.empty()) return ca_file;
    std::error_code ec;
    for (const auto* file : bundles)
        if (std::filesystem::exists(file, ec)) return file;
    return bundles.front();
}

/// The root file that psql would use, so that a user's usual configuration is valid here too.
bool has_root_file() {
    const char* home = std::getenv("HOME");
    std::error_code ec;
    return home && std::filesystem::exists(std::filesystem::path(home) / ".postgresql/root.crt", ec);
}

} // namespace

void secure(conninfo& info, const std::string& ca_file) {
    auto word = [&info](const char* keyword, const char* variable) -> std::string {
        if (auto found = info.words.find(keyword); found != info.words.end()) return found->second;
        const char* set = std::getenv(variable);
        return set ? set : "";
    };
    auto mode = word("sslmode", "PGSSLMODE");
    auto root = word("sslrootcert", "PGSSLROOTCERT");
    bool ours = false;
    if ((mode.empty() && !every_host(info, near_host)) || (mode == "require" && every_host(info, neon_host))) {
        info.words["sslmode"] = mode = "verify-full";
        ours = true;
    }
    bool verifies = mode == "verify-full" || mode == "verify-ca";
    if (root == "system" || (verifies && root.empty() && (ours || !has_root_file())))
        info.words["sslrootcert"] = authorities(ca_file);
}

} // namespace persais::store
