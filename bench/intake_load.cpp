// Posts updates to a webhook and prints what came of them as one line of JSON. One thread, epoll: it has to cost
// little, for it shares the machine with what it measures.
//
//   intake_load PORT SECRET FIRST_UPDATE CONNECTIONS SECONDS [RATE]
//
// Without RATE every connection posts its next update as soon as the last is answered. With it so many a second are due
// at fixed times in all, and the time of each counts from when it was due, so that a stall is not hidden by sending
// less during it.

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

constexpr double first_wait_s = 10; // how long the last answers are waited for

struct connection {
    int socket = -1;
    std::string sending, got;
    double due = 0;
    bool busy = false;
};

struct options {
    std::uint16_t port;
    std::string secret;
    std::int64_t next_update;
    int connections;
    double seconds, rate;
};

struct results {
    std::int64_t ok = 0, other = 0, broken = 0;
    std::vector<double> took_ms;
};

double now() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(2);
}

/// An instruction in a private chat, as Telegram sends it: a thousand people, about 500 bytes.
std::string update(std::int64_t number) {
    const auto person = 5'000'000 + number * 7919 % 1000;
    std::array<char, 1024> text{};
    const int size = std::snprintf(
        text.data(), text.size(),
        R"({"update_id":%lld,"message":{"message_id":%lld,"from":{"id":%lld,"is_bot":false,"first_name":"Anna","last_name":"Bench",)"
        R"("username":"anna_%lld","language_code":"en"},"chat":{"id":%lld,"first_name":"Anna","last_name":"Bench","username":"anna_%lld",)"
        R"("type":"private"},"date":%lld,"text":"The login test fails when the clock passes midnight: please look why session_age() is )"
        R"(negative then, and mend it. \u041f\u043e\u0441\u043c\u043e\u0442\u0440\u0438 src/session.py.","entities":[{"offset":84,"length":13,"type":"code"}]}})",
        static_cast<long long>(number), static_cast<long long>(number % 1'000'000), static_cast<long long>(person),
        static_cast<long long>(person), static_cast<long long>(person), static_cast<long long>(person),
        static_cast<long long>(std::time(nullptr)));
    return {text.data(), static_cast<std::size_t>(size)};
}

void open(connection& c, std::uint16_t port, int poll, std::size_t place) {
    c.socket = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(c.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("connect");
    const int one = 1;
    setsockopt(c.socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = place}};
    epoll_ctl(poll, EPOLL_CTL_ADD, c.socket, &event);
}

void post(connection& c, options& with, double due) {
    const std::string body = update(with.next_update++);
    c.sending = "POST /telegram/webhook HTTP/1.1\r\nHost: bot.example.org\r\nContent-Type: "
                "application/json\r\nConnection: keep-alive\r\n"
                "Accept-Encoding: gzip, deflate\r\nX-Telegram-Bot-Api-Secret-Token: " +
                with.secret + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    c.got.clear();
    c.due = due;
    c.busy = true;
    // An update is far smaller than a socket's buffer: it goes in one piece, or the connection is gone.
    if (write(c.socket, c.sending.data(), c.sending.size()) != static_cast<ssize_t>(c.sending.size())) c.got = "gone";
}

/// The value of a header, empty without it.
std::string_view header(std::string_view head, std::string_view name) {
    for (std::size_t line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line + 2)) {
        const auto rest = head.substr(line + 2);
        if (rest.size() > name.size() && rest[name.size()] == ':' &&
            strncasecmp(rest.data(), name.data(), name.size()) == 0) {
            const auto value = rest.substr(name.size() + 1, rest.find("\r\n") - name.size() - 1);
            return value.substr(std::min(value.find_first_not_of(' '), value.size()));
        }
    }
    return {};
}

/// Whether the whole answer is there: by its length, its last chunk, or a 204's nature.
bool complete(std::string_view got) {
    const auto end = got.find("\r\n\r\n");
    if (end == std::string_view::npos) return false;
    const auto head = got.substr(0, end + 2);
    if (const auto length = header(head, "Content-Length"); !length.empty())
        return got.size() - end - 4 >= std::strtoul(length.data(), nullptr, 10);
    return header(head, "Transfer-Encoding").empty() || got.ends_with("0\r\n\r\n");
}

/// Reads what there is; true when the answer is whole, or will never be.
bool read_answer(connection& c) {
    std::array<char, 4096> part{};
    const auto size = read(c.socket, part.data(), part.size());
    if (size <= 0) {
        c.got = "gone";
        return true;
    }
    c.got.append(part.data(), static_cast<std::size_t>(size));
    return complete(c.got);
}

results run(options with) {
    const int poll = epoll_create1(0);
    std::vector<connection> all(static_cast<std::size_t>(with.connections));
    for (std::size_t i = 0; i < all.size(); ++i)
        open(all[i], with.port, poll, i);
    results found;
    found.took_ms.reserve(1'000'000);
    std::vector<std::size_t> idle;
    for (std::size_t i = all.size(); i-- > 0;)
        idle.push_back(i);
    std::size_t busy = 0;
    std::int64_t scheduled = 0;
    const double start = now(), end = start + with.seconds;
    std::array<epoll_event, 64> events{};
    for (double t = start; t < end + first_wait_s && (t < end || busy > 0); t = now()) {
        double next = end;
        while (t < end && !idle.empty()) {
            const double due = with.rate > 0 ? start + static_cast<double>(scheduled) / with.rate : t;
            if (due > t) {
                next = due;
                break;
            }
            ++scheduled;
            post(all[idle.back()], with, due);
            idle.pop_back();
            ++busy;
        }
        const double wait = t < end ? std::max(0.0, next - t) : first_wait_s;
        timespec patience{.tv_sec = static_cast<time_t>(wait),
                          .tv_nsec = static_cast<long>((wait - static_cast<double>(static_cast<time_t>(wait))) * 1e9)};
        const int count = epoll_pwait2(poll, events.data(), events.size(), &patience, nullptr);
        for (int i = 0; i < count; ++i) {
            auto& c = all[events[static_cast<std::size_t>(i)].data.u64];
            if (!read_answer(c) || !c.busy) continue;
            c.busy = false;
            --busy;
            const bool gone = c.got == "gone", ok = c.got.starts_with("HTTP/1.1 200");
            found.ok += ok;
            found.other += !ok && !gone;
            found.broken += gone;
            found.took_ms.push_back((now() - c.due) * 1e3);
            if (gone) {
                close(c.socket);
                open(c, with.port, poll, events[static_cast<std::size_t>(i)].data.u64);
            }
            idle.push_back(events[static_cast<std::size_t>(i)].data.u64);
        }
    }
    found.broken += static_cast<std::int64_t>(busy);
    return found;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 6) {
        std::fprintf(stderr, "intake_load PORT SECRET FIRST_UPDATE CONNECTIONS SECONDS [RATE]\n");
        return 2;
    }
    const options with{.port = static_cast<std::uint16_t>(std::atoi(argv[1])),
                       .secret = argv[2],
                       .next_update = std::atoll(argv[3]),
                       .connections = std::atoi(argv[4]),
                       .seconds = std::atof(argv[5]),
                       .rate = argc > 6 ? std::atof(argv[6]) : 0};
    const double start = now();
    auto found = run(with);
    const double took = std::max(now() - start, 1e-9);
    std::ranges::sort(found.took_ms);
    const auto at = [&](double part) {
        return found.took_ms.empty()
                   ? 0.0
                   : found.took_ms[static_cast<std::size_t>(part * static_cast<double>(found.took_ms.size() - 1))];
    };
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const double cpu = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                       static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    std::printf(
        R"({"ok":%lld,"other":%lld,"broken":%lld,"seconds":%.3f,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f,"cpu_s":%.3f})"
        "\n",
        static_cast<long long>(found.ok), static_cast<long long>(found.other), static_cast<long long>(found.broken),
        took, at(0.5), at(0.99), at(1.0), cpu);
    return 0;
}
