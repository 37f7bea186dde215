//! Many changes at once, and listings that the kernel hands out in pieces.

mod support;

use ipvs::kernel::{Kernel, Operation, Refusal};
use ipvs::model::*;
use std::collections::HashSet;
use std::net::Ipv4Addr;
use support::kernel::*;

/// Service n of many, 60,000 to an address.
fn nth(n: u32) -> ServiceKey {
    ServiceKey::Address {
        protocol: Protocol::TCP,
        endpoint: Endpoint {
            address: Ipv4Addr::from(0x0a00_0001 + n / 60_000).into(),
            port: (n % 60_000 + 1) as u16,
        },
    }
}

fn additions(numbers: std::ops::Range<u32>) -> Vec<Change> {
    numbers
        .map(|n| Change::AddService(Service::new(nth(n))))
        .collect()
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn batches_have_the_results_of_single_requests() {
    let mut kernel = kernel();
    let destination = Destination::new(endpoint("10.9.0.1", 80));
    let mut changes = Vec::new();
    let mut expected = Vec::new();
    for n in 0..300 {
        let key = nth(n);
        changes.push(Change::AddDestination(key, destination));
        expected.push((Operation::AddDestination, ESRCH));
        changes.push(Change::AddService(Service::new(key)));
        expected.push((Operation::AddService, 0));
        changes.push(Change::AddDestination(key, destination));
        expected.push((Operation::AddDestination, 0));
        changes.push(Change::AddDestination(key, destination));
        expected.push((Operation::AddDestination, EEXIST));
    }
    changes.push(Change::DeleteService(nth(0)));
    changes.push(Change::DeleteService(nth(0)));
    expected.push((Operation::DeleteService, 0));
    expected.push((Operation::DeleteService, ESRCH));

    let seen = kernel.apply_all(&changes).unwrap();
    let expected: Vec<_> = (0..)
        .zip(expected)
        .filter(|(_, (_, errno))| *errno != 0)
        .map(|(i, (operation, errno))| (i, Refusal { operation, errno }))
        .collect();
    assert_eq!(seen, expected);
    assert_eq!(kernel.services().unwrap().len(), 299);
    assert_eq!(servers(&mut kernel, &nth(7)), [destination]);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_file_of_refusals_overruns_nothing() {
    let mut kernel = kernel();
    let changes: Vec<_> = (0..10_000).map(|n| Change::DeleteService(nth(n))).collect();
    let seen = kernel.apply_all(&changes).unwrap();
    let refused = Refusal {
        operation: Operation::DeleteService,
        errno: ESRCH,
    };
    let expected: Vec<_> = (0..10_000).map(|i| (i, refused)).collect();
    assert_eq!(seen, expected);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_long_listing_has_every_row_once() {
    let mut kernel = kernel();
    // Around the ends of pieces, too.
    for count in [1, 12, 13, 100, 110, 120, 1000] {
        let there = kernel.services().unwrap().len() as u32;
        apply_all(&mut kernel, &additions(there..count));
        let listed = kernel.services().unwrap();
        let keys: HashSet<_> = listed.iter().map(|s| s.service.key).collect();
        assert_eq!((listed.len(), keys.len()), (count as usize, count as usize));
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_listing_under_change_loses_and_repeats_nothing() {
    let mut kernel = kernel();
    const STAYING: u32 = 600;
    apply_all(&mut kernel, &additions(0..STAYING));
    let stop = std::sync::atomic::AtomicBool::new(false);
    // Another connection in this namespace keeps the table moving.
    let mut churner = Kernel::open().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let add = additions(STAYING..STAYING + 200);
            let delete: Vec<_> = (STAYING..STAYING + 200)
                .map(|n| Change::DeleteService(nth(n)))
                .collect();
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                apply_all(&mut churner, &add);
                apply_all(&mut churner, &delete);
            }
        });
        let listings: Vec<_> = (0..200).map(|_| kernel.services()).collect();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        for listed in listings {
            let listed = listed.unwrap();
            let keys: HashSet<_> = listed.iter().map(|s| s.service.key).collect();
            assert_eq!(listed.len(), keys.len(), "a row twice");
            let lost: Vec<_> = (0..STAYING).filter(|n| !keys.contains(&nth(*n))).collect();
            assert!(lost.is_empty(), "rows that stayed are missing: {lost:?}");
        }
    });
}

/// Through `ipvsadm --netns` a connection is used outside of the namespace that
/// it was opened in.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_long_listing_stays_in_its_namespace() {
    let mut kernel = kernel();
    apply_all(&mut kernel, &additions(0..500));
    nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).unwrap();
    apply_all(&mut Kernel::open().unwrap(), &additions(1000..1500));
    let listed = kernel.services().unwrap();
    let keys: HashSet<_> = listed.iter().map(|s| s.service.key).collect();
    assert_eq!(keys, (0..500).map(nth).collect());
}
