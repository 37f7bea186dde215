"""Captures the seeds of tests/fuzz/seeds from a running kernel:

    tests/lab/run python3 tests/fuzz/capture.py target/fuzz/captured && cp -r target/fuzz/captured/. tests/fuzz/seeds/

It makes a table with ipvsadm, some connections, and writes down what the kernel answers: netlink datagrams as they are received, and
the texts of /proc/net. Nothing in the seeds is written by hand.
"""

import os
import socket
import struct
import subprocess
import sys

NETLINK_GENERIC, REQUEST, ACK, DUMP = 16, 1, 4, 0x300
GET_FAMILY, CONTROL = 3, 16
GET_SERVICE, NEW_SERVICE, GET_DESTINATION, GET_DAEMON, GET_CONFIG, GET_INFO, FLUSH = 4, 1, 8, 11, 13, 15, 17

TABLE = """
-A -t 10.0.0.1:80 -s rr
-a -t 10.0.0.1:80 -r 10.0.0.2:8080 -m -w 5 -x 100 -y 10
-a -t 10.0.0.1:80 -r 10.0.0.3:80 -g -w 0
-a -t 10.0.0.1:80 -r 127.0.0.1:80 -g -w 2147483647
-a -t 10.0.0.1:80 -r 10.0.0.4 -i
-a -t 10.0.0.1:80 -r 10.0.0.5 -i --tun-type gue --tun-port 6080 --tun-remcsum
-a -t 10.0.0.1:80 -r 10.0.0.6 -i --tun-type gre --tun-csum
-a -t 10.0.0.1:80 -r [2001:db8::7] -i
-A -u 10.0.0.1:5060 -s sh -b sh-port -p 300 -M 255.255.255.0 --pe sip
-A -u 10.0.0.1:53 -s wlc -o
-A --sctp-service 10.0.0.1:99 -s mh -b mh-fallback,mh-port
-A -t [2001:db8::1]:443 -s wrr -p 60 -M 64
-a -t [2001:db8::1]:443 -r [2001:db8::2]:443 -m
-A -f 7 -s lblc
-a -f 7 -r 10.0.0.9 -g
-A -f 4294967280 -6 -s sed
-A -u 127.0.0.1:7 -s rr
-a -u 127.0.0.1:7 -r 127.0.0.1:9 -m
-A -t 127.0.0.1:7 -s rr -p 500
-a -t 127.0.0.1:7 -r 127.0.0.1:9 -m
-A -u [::1]:7 -s rr
-a -u [::1]:7 -r [::1]:9 -m
--set 901 121 301
"""

# The kernel does not let them run beside a service that has servers of the other family.
DAEMONS = """
--start-daemon master --mcast-interface sync0 --syncid 3
--start-daemon backup --mcast-interface sync0 --syncid 4 --sync-maxlen 1400 --mcast-group ff05::7 --mcast-port 9999 --mcast-ttl 3
"""


def attribute(kind, value):
    return struct.pack("HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


class Netlink:
    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.socket.bind((0, 0))
        self.socket.setblocking(False)

    def ask(self, family, command, flags, attributes=b"", times=1):
        """The datagrams that answer a request, which is sent several times at once."""
        message = struct.pack("BBxx", command, 1) + attributes
        length = 16 + len(message)
        self.socket.send(b"".join(
            struct.pack("IHHII", length, family, REQUEST | flags, 1 + i, 0) + message for i in range(times)))
        while True:
            try:
                yield self.socket.recv(65536)
            except BlockingIOError:
                return


def run(command, text=""):
    subprocess.run(command.split(), input=text.encode(), check=True)


def main():
    folder = sys.argv[1]
    for name in ("netlink", "services", "connections"):
        os.makedirs(f"{folder}/{name}", exist_ok=True)

    def write(name, data):
        with open(f"{folder}/{name}", "wb") as out:
            out.write(data)

    def record(name, *request, **options):
        answer = b"".join(netlink.ask(*request, **options))
        write(f"netlink/{name}", answer)
        return answer

    # The sync daemons want an interface with multicast.
    run("ip link add sync0 type dummy")
    run("ip link set sync0 multicast on up")
    run("ip address add 10.0.0.200/24 dev sync0")
    run("ipvsadm -R", DAEMONS)
    netlink = Netlink()
    answer = record("family", CONTROL, GET_FAMILY, 0, attribute(2, b"IPVS\0"))
    ipvs = struct.unpack_from("H", answer, answer.index(struct.pack("HH", 6, 1)) + 4)[0]
    record("no-family", CONTROL, GET_FAMILY, 0, attribute(2, b"NOPE\0"))
    record("daemons", ipvs, GET_DAEMON, DUMP)
    run("ipvsadm --stop-daemon master")
    run("ipvsadm --stop-daemon backup")
    run("ipvsadm -R", TABLE)
    for protocol, family, address in (("u", socket.AF_INET, "127.0.0.1"), ("t", socket.AF_INET, "127.0.0.1"),
                                      ("u", socket.AF_INET6, "::1")):
        kind = socket.SOCK_DGRAM if protocol == "u" else socket.SOCK_STREAM
        client = socket.socket(family, kind)
        client.setblocking(False)
        client.connect_ex((address, 7))
        if protocol == "u":
            client.send(b"hello")
    write("services/table", open("/proc/net/ip_vs", "rb").read())
    write("connections/table", open("/proc/net/ip_vs_conn", "rb").read())

    services = record("services", ipvs, GET_SERVICE, DUMP)
    record("info", ipvs, GET_INFO, 0)
    record("timeouts", ipvs, GET_CONFIG, 0)
    record("bad-request", ipvs, GET_SERVICE, 0)
    number, start = 0, 0
    while start < len(services):
        length, kind = struct.unpack_from("IH", services, start)
        nest = services[start + 20:start + length]
        if kind == ipvs and nest:
            number += 1
            record(f"destinations-{number}", ipvs, GET_DESTINATION, DUMP, nest)
            if number == 1:
                record("service", ipvs, GET_SERVICE, 0, nest)
                record("exists", ipvs, NEW_SERVICE, ACK, nest, times=4)
        start += (length + 3) & ~3
    record("done", ipvs, FLUSH, ACK)


main()
