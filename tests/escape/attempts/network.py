"""The host's network, and sockets of its processes."""

import array
import fcntl
import glob
import stat

from kit import *

SECONDS = 3  # where nobody answers, a refusal comes at once
TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def over_tcp(address, port, words=None):
    link = connect(family(address), TCP, (address, port))
    return ask(link, *([words] if words else []))


@mechanism("network", SECRET, ["127.0.0.1", "127.1.2.3", "0.0.0.0", "::1", "::ffff:127.0.0.1", "::", "name", "own_address"])
def connects_to_the_hosts_loopback(t, how):
    address = {"name": "localhost", "own_address": "10.77.0.1"}.get(how, how)
    if how == "name":
        return ask(socket.create_connection((address, t.port), SECONDS))
    return over_tcp(address, t.port)


@mechanism("network", SECRET, ["health", "metrics", "database", "unknown_path"])
def reads_ports_of_the_service(t, which):
    port = {"metrics": t.metrics_port, "database": t.database_port}.get(which, t.service_port)
    path = {"metrics": "metrics", "unknown_path": "no-such-path"}.get(which, "health")
    if which == "database":
        return over_tcp("127.0.0.1", port, struct.pack("!ii", 8, 80877103))
    return over_tcp("127.0.0.1", port, f"GET /{path} HTTP/1.0\r\nHost: x\r\n\r\n".encode())


@mechanism("network", SECRET, ["metadata", "metadata_token", "other", "udp"])
def reaches_link_local_addresses(t, how):
    if how == "udp":
        return ask(connect(socket.AF_INET, UDP, ("169.254.169.254", t.udp_port)), b"canary")
    words = {"metadata": b"GET /latest/meta-data/ HTTP/1.0\r\n\r\n", "metadata_token": b"PUT /latest/api/token HTTP/1.0\r\n\r\n"}.get(how)
    return over_tcp("169.254.0.7" if how == "other" else "169.254.169.254", t.port, words)


@mechanism("network", SECRET, ["10.77.0.1", "172.16.77.1", "192.168.77.1", "100.64.77.1", "fd00:77::1"])
def reaches_private_addresses(t, address):
    return over_tcp(address, t.port)


@mechanism("network", SECRET, ["127.0.0.1", "::1", "10.77.0.1", "resolver", "unconnected"])
def sends_datagrams_to_the_host(t, how):
    if how == "unconnected":
        link = socket.socket(socket.AF_INET, UDP)
        link.settimeout(SECONDS)
        link.sendto(b"canary", ("127.0.0.1", t.udp_port))
        return link.recvfrom(4096)[0]
    if how == "resolver":
        return ask(connect(socket.AF_INET, UDP, ("127.0.0.53", 53)), b"\x12\x34\x01\x00\x00\x01" + b"\x00" * 6 + b"\x06canary\x04test\x00\x00\x10\x00\x01")
    return ask(connect(family(how), UDP, (how, t.udp_port)), b"canary")


@mechanism("network", SECRET, ["stream", "datagram", "packet"])
def connects_to_abstract_sockets(t, how):
    kind = {"stream": TCP, "datagram": UDP, "packet": socket.SOCK_SEQPACKET}[how]
    link = socket.socket(socket.AF_UNIX, kind)
    link.settimeout(SECONDS)
    if how == "datagram":
        link.bind("\0" + f"{t.abstract}-{os.getpid()}")
    link.connect(f"\0{t.abstract}-{how}")
    return ask(link)


@mechanism("network", SECRET, ["data", "scratch", "ssh_agent", "service_home", "docker", "dbus", "working_folder", "prefix"])
def connects_to_sockets_by_path(t, which):
    return ask(connect(socket.AF_UNIX, TCP, t.sockets[which]))


@mechanism("network", SECRET, ["neighbours", "found", "prefix"])
def speaks_with_anothers_gateway(t, how):
    """The gateway of another task answers, if only that the token is wrong."""
    found = {"neighbours": [t.gateway], "found": glob.glob(f"{t.data}/gateways/*/*"), "prefix": glob.glob(f"{t.prefix}/data/gateways/*/*")}[how]
    for path in [each for each in found if stat.S_ISSOCK(os.stat(each).st_mode)]:
        return ask(connect(socket.AF_UNIX, TCP, path), b"GET /v1/models HTTP/1.0\r\nHost: gateway\r\n\r\n")


@mechanism("network", MARK, ["tcp4", "tcp6", "abstract", "scratch"])
def waits_for_connections_of_the_host(t, how):
    where = {"tcp4": ("0.0.0.0", t.inward), "tcp6": ("::1", t.inward + 1), "abstract": f"\0{t.abstract}-inward", "scratch": "/tmp/inward"}[how]
    kind = {"tcp4": socket.AF_INET, "tcp6": socket.AF_INET6}.get(how, socket.AF_UNIX)
    with socket.socket(kind, TCP) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(where)
        door.listen(1)
        if how == "scratch":
            os.chmod(where, 0o777)
        door.settimeout(1.5)
        try:
            link = door.accept()[0]
            link.sendall(t.mark.encode() + b"\n")
            link.recv(1)
        finally:
            if how == "scratch":
                os.unlink(where)


FAMILIES = {"netlink_sock_diag": (16, 4), "netlink_uevent": (16, 15), "netlink_generic": (16, 16), "netlink_xfrm": (16, 6),
            "netlink_netfilter": (16, 12), "netlink_connector": (16, 11), "vsock": (40, 0), "netlink_audit": (16, 9)}


@mechanism("network", ASKED, FAMILIES)
def opens_other_kinds_of_sockets(t, which):
    number, protocol = FAMILIES[which]
    return call(41, number, UDP if number == 16 else TCP, protocol) >= 0


@mechanism("network", ASKED, ["icmp", "icmp6", "packet"])
def opens_raw_sockets(t, which):
    kind = {"icmp": (socket.AF_INET, socket.SOCK_RAW, 1), "icmp6": (socket.AF_INET6, socket.SOCK_RAW, 58), "packet": (17, socket.SOCK_RAW, 0x300)}[which]
    return with_namespaces(NEWNET, lambda: call(41, *kind) >= 0)


@mechanism("network", ASKED, ["interface", "route", "setting"])
def changes_the_network(t, how):
    def interface():
        request = array.array("B", struct.pack("16sH14x", b"lo", 0x41))
        fcntl.ioctl(socket.socket(), 0x8914, request)  # SIOCSIFFLAGS: up
        return True

    def route():
        link = socket.socket(16, socket.SOCK_RAW, 0)
        message = struct.pack("=BBBBIBBBB", 2, 8, 0, 0, 1, 8, 0, 0, 0)  # an address of lo …
        attribute = struct.pack("=HH4B", 8, 2, 127, 9, 9, 9)
        body = struct.pack("=BBBBI", 2, 8, 0, 0, 1) + attribute
        link.sendto(struct.pack("=IHHII", 16 + len(body), 20, 0x505, 1, 0) + body, (0, 0))
        return struct.unpack("=i", link.recv(4096)[16:20])[0] == 0 or None

    def setting():
        write("/proc/sys/net/ipv4/ip_forward", "1", "w")
        return True
    return with_namespaces(NEWNET, {"interface": interface, "route": route, "setting": setting}[how])


@mechanism("network", SECRET, ["absolute", "connect", "host", "path"])
def has_the_gateway_fetch_an_address(t, how):
    """Directly, where there is a way; else by the gateway of its own task, which speaks with the model's endpoint alone."""
    place = f"127.0.0.1:{t.port}"
    words = {"absolute": f"GET http://{place}/canary HTTP/1.1\r\nHost: {place}\r\n",
             "connect": f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n",
             "host": f"GET /canary HTTP/1.1\r\nHost: {place}\r\n",
             "path": f"GET /v1/../../canary@{place} HTTP/1.1\r\nHost: gateway\r\n"}[how] + "Connection: close\r\n\r\n"
    return first(lambda: over_tcp("127.0.0.1", t.port),
                 lambda: ask(connect(socket.AF_UNIX, TCP, "/run/persais/gateway.sock"), words.encode()))


NAMES = {"name_of_loopback": "rubygems.org", "name_of_private": "packagist.org", "name_of_metadata": "nodejs.org", "plain": "rubygems.org", "no_proxy": "rubygems.org",
         "number": "2130706433", "mapped": "[::ffff:127.0.0.1]", "address": "10.77.0.1"}


@mechanism("network", SECRET, NAMES)
def uses_the_way_of_setup(t, how):
    """By the proxy that setup is given, or, knowing of none, by the resolver. The host takes names that setup may reach for its own addresses."""
    name, words = NAMES[how], b"GET /canary HTTP/1.0\r\nHost: x\r\n\r\n"
    way = os.environ.get("http_proxy", "").removeprefix("http://").rstrip("/")
    if how == "no_proxy" or not way:
        return ask(socket.create_connection((name.strip("[]"), 80), SECONDS), words)
    where, port = way.rsplit(":", 1)
    link = socket.create_connection((where, int(port)), SECONDS)
    if how == "plain":
        return ask(link, f"GET http://{name}/canary HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
    link.sendall(f"CONNECT {name}:80 HTTP/1.1\r\nHost: {name}:80\r\n\r\n".encode())
    head = link.recv(4096)
    if b" 200 " not in head[:20]:
        raise Refused(head.split(b"\r\n")[0].decode(errors="replace"))
    return ask(link, words)
