//! The end of the wait: status 3 and what is left, or --force, and what clients see of it.

mod support;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use support::drain::{
    SERVER, WEB, assert_deleted, director, drain, saved, switch, undrain, undrain_everywhere,
};
use support::lossy;
use support::traffic::tcp_exchange;

const LINE: &str = "-t 10.9.9.9:80 -r 10.9.9.9:8080";

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_wait_is_over() {
    director(&WEB, || {
        let before = saved();
        let open: Vec<_> = (0..3).map(|_| tcp_exchange("10.9.9.9:80", 10)).collect();
        for wait in ["0", "2"] {
            let outcome = drain(&format!("{LINE} --wait {wait}"));
            assert_eq!(outcome.status, 3, "{outcome}");
            assert!(outcome.text().ends_with(" at most\n"), "{outcome}");
            assert_eq!(
                lossy(&outcome.stderr),
                format!(
                    "the wait of {wait} s is over: 3 connections left, of the clients 10.9.9.9 (3)\n\
                     {SERVER} of -t 10.9.9.9:80 has weight 0\n\
                     to go on: ipvsadm --drain {LINE}\n\
                     to go back: ipvsadm --undrain {LINE}\n"
                )
            );
            assert!(saved().contains("-w 0"));
        }
        assert_eq!(undrain(LINE).ok(), "");
        assert_eq!(saved(), before);
        assert_eq!(open.len(), 3);
    });
}

/// Sends on a connection whose server was deleted; returns what comes.
fn next(mut connection: TcpStream) -> Result<usize, ErrorKind> {
    connection
        .set_read_timeout(Some(Duration::from_secs(3)))
        .expect("a time limit");
    connection.write_all(b"more").expect("sending");
    connection.read(&mut [0; 4]).map_err(|error| error.kind())
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn force_where_the_kernel_resets() {
    director(&WEB, || {
        switch("expire_nodest_conn", "1");
        let open = tcp_exchange("10.9.9.9:80", 10);
        let outcome = drain(&format!("{LINE} --wait 1 --force"));
        assert_deleted(&outcome, SERVER);
        let said = lossy(&outcome.stderr);
        let reset = "net.ipv4.vs.expire_nodest_conn is 1: they are reset at once\n";
        let wanted = format!(
            "after 1 s connections that are left are given up; {reset}1 connection given up: {reset}"
        );
        assert_eq!(said, wanted);
        assert_eq!(next(open), Err(ErrorKind::ConnectionReset));
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn force_where_the_kernel_lets_clients_hang() {
    director(&WEB, || {
        let before = saved();
        let open = tcp_exchange("10.9.9.9:80", 10);
        let outcome = drain(&format!("{LINE} --wait 1 --force"));
        outcome.clone().fails(
            2,
            "--force would let the clients hang that are left: net.ipv4.vs.expire_nodest_conn is 0: \
             their packets vanish until their timeouts",
        );
        let said = lossy(&outcome.stderr);
        assert!(said.contains("say --force twice, or `sysctl -w"), "{said}");
        assert_eq!(saved(), before);
        let outcome = drain(&format!("{LINE} --wait 1 --force --force"));
        assert_deleted(&outcome, SERVER);
        assert!(
            lossy(&outcome.stderr).contains("1 connection given up: "),
            "{outcome}"
        );
        // No answer at all.
        let nothing = next(open);
        assert_eq!(nothing, Err(ErrorKind::WouldBlock));
        // Added back, it has its weight and its thresholds again.
        undrain_everywhere("10.9.9.9", 1);
        assert_eq!(saved(), before);
    });
}

/// What is not needed is not done: nothing was left when the wait was over.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn force_of_what_is_idle() {
    director(&WEB, || {
        switch("expire_nodest_conn", "1");
        let outcome = drain(&format!("{LINE} --wait 0 --force"));
        assert_deleted(&outcome, SERVER);
        assert!(!lossy(&outcome.stderr).contains("given up: "), "{outcome}");
    });
}
