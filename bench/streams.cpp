// The two ends of a model's streams, for bench/gateway and bench/memory: an endpoint that sends them, and the agents that
// read them. One thread and epoll for each end: it shares the machine with what is measured.
//
//   streams serve                     an endpoint; prints its port. A request's "stop":["EVENTS:BYTES:GAP_US"] says how many
//                                     events, of how many bytes, how far apart (0: as fast as the socket takes them)
//   streams load TARGET TOKENS COUNT PROMPT_BYTES EVENTS BYTES GAP_US
//                                     COUNT requests at the same moment to TARGET (tcp:PORT or unix:PATH), their tokens in
//                                     turn from TOKENS (with commas between); prints one line of JSON

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <netinet/tcp.h>
#include <queue>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

constexpr double patience_s = 60;
constexpr std::size_t written_ahead_bytes = 128 * 1024; // of a stream that is sent as fast as it is taken

double now() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(2);
}

void watch(int poll, int fd, std::uint32_t events, int how) {
    epoll_event event{.events = events, .data = {.fd = fd}};
    if (epoll_ctl(poll, how, fd, &event) != 0) fail("epoll_ctl");
}

int wait_for(int poll, std::array<epoll_event, 128>& events, double until) {
    const double left = std::max(0.0, until - now());
    timespec patience{.tv_sec = static_cast<time_t>(left),
                      .tv_nsec = static_cast<long>((left - static_cast<double>(static_cast<time_t>(left))) * 1e9)};
    return epoll_pwait2(poll, events.data(), events.size(), &patience, nullptr);
}

std::string chunk(std::string_view piece) {
    std::array<char, 16> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", piece.size());
    return size.data() + std::string(piece) + "\r\n";
}

/// As OpenRouter's events: the words fill it up to so many bytes.
std::string event(std::size_t bytes) {
    std::string head =
        R"(data: {"id":"gen-1764490000-AbCdEfGhIjKlMnOpQrSt","provider":"Bench","model":"bench/streamed","object":"chat.completion.chunk",)"
        R"("created":1764490000,"choices":[{"index":0,"delta":{"role":"assistant","content":")";
    std::string tail = R"("},"finish_reason":null,"native_finish_reason":null,"logprobs":null}]})"
                       "\n\n";
    const auto words = bytes > head.size() + tail.size() ? bytes - head.size() - tail.size() : 1;
    for (std::size_t i = 0; i < words; ++i)
        head += i % 6 == 5 ? ' ' : static_cast<char>('a' + i % 26);
    return head + tail;
}

const std::string last_events =
    chunk("data: {\"id\":\"gen-1764490000-AbCdEfGhIjKlMnOpQrSt\",\"model\":\"bench/streamed\",\"choices\":[{\"index\":0,\"delta\":{},"
          "\"finish_reason\":\"stop\"}]}\n\n") +
    chunk("data: {\"id\":\"gen-1764490000-AbCdEfGhIjKlMnOpQrSt\",\"model\":\"bench/streamed\",\"choices\":[],\"usage\":{"
          "\"prompt_tokens\":1000,\"completion_tokens\":1000,\"cost\":0.000001}}\n\n") +
    chunk("data: [DONE]\n\n") + "0\r\n\r\n";

struct stream {
    std::string got, waits; // of the request; to be written
    std::string event;
    long events = 0;
    double gap = 0, due = 0;
    bool sending = false;
};

struct endpoint {
    int poll = epoll_create1(0), door = -1;
    std::map<int, stream> all;
    std::priority_queue<std::pair<double, int>, std::vector<std::pair<double, int>>, std::greater<>> due;

    void close_one(int fd) {
        all.erase(fd);
        close(fd);
    }

    void flush(int fd, stream& s) {
        while (!s.waits.empty()) {
            const auto n = send(fd, s.waits.data(), s.waits.size(), MSG_NOSIGNAL);
            if (n < 0) {
                watch(poll, fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
                return;
            }
            s.waits.erase(0, static_cast<std::size_t>(n));
            if (s.waits.empty() && s.sending && s.gap == 0) fill(s);
        }
        watch(poll, fd, EPOLLIN, EPOLL_CTL_MOD);
    }

    void fill(stream& s) {
        while (s.events > 0 && s.waits.size() < written_ahead_bytes)
            s.waits += s.event, --s.events;
        if (s.events > 0) return;
        s.waits += last_events;
        s.sending = false;
    }

    void next_event(int fd, stream& s) {
        if (s.events-- > 0) {
            s.waits += s.event;
            s.due += s.gap;
            due.emplace(s.due, fd);
        } else {
            s.waits += last_events;
            s.sending = false;
        }
        flush(fd, s);
    }

    void answer(int fd, stream& s, std::string_view body) {
        if (s.got.starts_with("GET ")) {
            constexpr std::string_view list =
                R"({"data":[{"id":"bench/streamed","context_length":1000000,"pricing":{"prompt":"0.000001","completion":"0.000001"}}]})";
            s.waits += "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(list.size()) +
                       "\r\n\r\n" + std::string(list);
            flush(fd, s);
            return;
        }
        unsigned long bytes = 300, gap_us = 0;
        const auto said = body.find("\"stop\":[\"");
        s.events = 10;
        if (said != body.npos) std::sscanf(body.data() + said, "\"stop\":[\"%ld:%lu:%lu", &s.events, &bytes, &gap_us);
        s.event = chunk(event(bytes));
        s.gap = static_cast<double>(gap_us) / 1e6;
        s.due = now();
        s.sending = true;
        s.waits += "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        if (s.gap > 0) return next_event(fd, s);
        fill(s);
        flush(fd, s);
    }

    void read_some(int fd) {
        std::array<char, 65536> part{};
        const auto n = read(fd, part.data(), part.size());
        if (n <= 0) return close_one(fd);
        auto& s = all[fd];
        s.got.append(part.data(), static_cast<std::size_t>(n));
        const auto end = s.got.find("\r\n\r\n");
        if (end == s.got.npos) return;
        const auto length = s.got.find("Content-Length: ");
        const std::size_t size = length < end ? std::strtoul(s.got.c_str() + length + 16, nullptr, 10) : 0;
        if (s.got.size() < end + 4 + size) return;
        answer(fd, s, std::string_view(s.got).substr(end + 4));
        s.got.clear();
        s.got.shrink_to_fit();
    }

    void serve() {
        door = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (bind(door, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(door, 1024) != 0) fail("listen");
        getsockname(door, reinterpret_cast<sockaddr*>(&address), &size);
        std::printf("%d\n", ntohs(address.sin_port));
        std::fflush(stdout);
        watch(poll, door, EPOLLIN, EPOLL_CTL_ADD);
        std::array<epoll_event, 128> events{};
        for (;;) {
            const int count = wait_for(poll, events, due.empty() ? now() + patience_s : due.top().first);
            for (int i = 0; i < count; ++i) {
                const auto& one = events[static_cast<std::size_t>(i)];
                if (one.data.fd == door) {
                    const int fd = accept4(door, nullptr, nullptr, SOCK_NONBLOCK);
                    const int on = 1;
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                    watch(poll, fd, EPOLLIN, EPOLL_CTL_ADD);
                    all[fd] = {};
                    continue;
                }
                if (one.events & EPOLLOUT) flush(one.data.fd, all[one.data.fd]);
                if (one.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_some(one.data.fd);
            }
            for (const double t = now(); !due.empty() && due.top().first <= t;) {
                const int fd = due.top().second;
                due.pop();
                if (auto found = all.find(fd); found != all.end() && found->second.sending) next_event(fd, found->second);
            }
        }
    }
};

struct reader {
    std::string sending, end; // the newest few bytes
    std::size_t bytes = 0;
    double first = 0, whole = 0;
    bool ok = false;
};

int dial(std::string_view target) {
    const bool local = target.starts_with("unix:");
    const int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    sockaddr_un path{};
    sockaddr_in port{};
    path.sun_family = AF_UNIX;
    port.sin_family = AF_INET;
    port.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (local)
        target.substr(5).copy(path.sun_path, sizeof path.sun_path - 1);
    else
        port.sin_port = htons(static_cast<std::uint16_t>(std::atoi(target.substr(4).data())));
    if (connect(fd, local ? reinterpret_cast<sockaddr*>(&path) : reinterpret_cast<sockaddr*>(&port),
                local ? sizeof path : sizeof port) != 0)
        fail("connect");
    return fd;
}

void read_some(int poll, int fd, reader& r, std::size_t& open) {
    static std::array<char, 65536> part;
    const auto n = read(fd, part.data(), part.size());
    if (n > 0) {
        r.bytes += static_cast<std::size_t>(n);
        r.end.append(part.data(), static_cast<std::size_t>(n));
        if (r.first == 0 && r.end.find("data:") != r.end.npos) {
            r.first = now();
            r.ok = r.end.starts_with("HTTP/1.1 200");
        }
        if (r.first != 0 && r.end.size() > 64) r.end.erase(0, r.end.size() - 64);
        if (!r.end.ends_with("0\r\n\r\n")) return;
    }
    r.whole = now();
    r.ok = r.ok && r.end.find("data: [DONE]") != r.end.npos;
    if (static bool told = false; !r.ok && !std::exchange(told, true)) std::fprintf(stderr, "%s\n", r.end.c_str());
    epoll_ctl(poll, EPOLL_CTL_DEL, fd, nullptr);
    close(fd);
    --open;
}

int load(char** word) {
    const std::string_view target = word[0];
    std::vector<std::string> tokens(1);
    for (const char* c = word[1]; *c; ++c)
        if (*c == ',')
            tokens.emplace_back();
        else
            tokens.back() += *c;
    const auto count = static_cast<std::size_t>(std::atoi(word[2]));
    std::string prompt;
    while (prompt.size() < static_cast<std::size_t>(std::atoi(word[3])))
        prompt += "def session_age(now, begun):\\n    return now - begun  # \\\"midnight\\\"\\n";
    const std::string body = R"({"model":"bench/streamed","stream":true,"temperature":0,"max_tokens":4096,"stop":[")" + std::string(word[4]) + ":" +
                             word[5] + ":" + word[6] + R"("],"messages":[{"role":"system","content":"You mend code."},{"role":"user","content":")" +
                             prompt + R"("}]})";
    const int poll = epoll_create1(0);
    std::map<int, reader> all;
    for (std::size_t i = 0; i < count; ++i) {
        const int fd = dial(target);
        all[fd].sending = "POST /v1/chat/completions HTTP/1.1\r\nHost: model\r\nContent-Type: application/json\r\nConnection: keep-alive\r\n"
                          "Authorization: Bearer " + tokens[i % tokens.size()] + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        watch(poll, fd, EPOLLIN, EPOLL_CTL_ADD);
    }
    const double start = now();
    for (auto& [fd, r] : all)
        for (std::size_t sent = 0; sent < r.sending.size();) {
            const auto n = write(fd, r.sending.data() + sent, r.sending.size() - sent);
            if (n <= 0) fail("write");
            sent += static_cast<std::size_t>(n);
        }
    std::array<epoll_event, 128> events{};
    for (std::size_t open = count; open > 0 && now() < start + patience_s;)
        for (int n = wait_for(poll, events, start + patience_s), i = 0; i < n; ++i) {
            const int fd = events[static_cast<std::size_t>(i)].data.fd;
            read_some(poll, fd, all[fd], open);
        }
    std::vector<double> first;
    double end = start;
    std::size_t bytes = 0, bad = 0;
    for (const auto& [fd, r] : all) {
        first.push_back((r.first - start) * 1e3);
        end = std::max(end, r.whole);
        bytes += r.bytes;
        bad += !r.ok;
    }
    std::ranges::sort(first);
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    std::printf(R"({"bad":%zu,"first_p50_ms":%.3f,"first_p99_ms":%.3f,"seconds":%.4f,"bytes":%zu,"cpu_s":%.3f})"
                "\n",
                bad, first[first.size() / 2], first[(first.size() - 1) * 99 / 100], end - start, bytes,
                static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                    static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    if (argc == 2 && argv[1] == std::string_view("serve")) {
        endpoint().serve();
        return 0;
    }
    if (argc == 9 && argv[1] == std::string_view("load")) return load(argv + 2);
    std::fprintf(stderr, "streams serve | streams load TARGET TOKENS COUNT PROMPT_BYTES EVENTS BYTES GAP_US\n");
    return 2;
}
