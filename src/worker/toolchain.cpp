#include "worker/toolchain.hpp"

namespace persais::worker {

namespace {

std::string get(const std::map<std::string, std::string>& environment, const char* name) {
    auto found = environment.find(name);
    return found == environment.end() ? "" : found->second;
}

} // namespace

std::vector<std::string> check_environment(const toolchain& tools, const std::string& home,
                                           const std::map<std::string, std::string>& environment, reach network) {
    std::vector<std::string> all{
        "HOME=" + home,
        "USER=agent",
        "LOGNAME=agent",
        "SHELL=/bin/sh",
        "PATH=" + home + "/venv/bin:" + home + "/.local/bin:" + home + "/.cargo/bin:" + home + "/go/bin:" + tools.path,
        "LANG=C.UTF-8",
        "TMPDIR=/tmp",
        "TERM=dumb",
        "CI=true",
        "PYTHONUNBUFFERED=1",
        "PIP_DISABLE_PIP_VERSION_CHECK=1",
        "GOTOOLCHAIN=local",
    };
    all.insert(all.end(), tools.variables.begin(), tools.variables.end());
    if (network == reach::nothing) {
        // Python decides by a file's size and the second of its change whether bytecode is up to date: a repair within
        // the same second that keeps the size was checked with the bytecode of the code before it.
        all.push_back("PYTHONDONTWRITEBYTECODE=1");
        return all;
    }
    auto pass_on = [&](const char* name) {
        if (auto value = get(environment, name); !value.empty()) all.push_back(std::string(name) + "=" + value);
    };
    for (auto* name : {"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
                       "PIP_CERT", "GIT_SSL_CAINFO"})
        pass_on(name);
    if (network != reach::all) return all;
    for (auto* name : {"http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"})
        pass_on(name);
    return all;
}

} // namespace persais::worker
