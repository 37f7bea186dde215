//! Plans of random tables, there and back.

use super::*;
use crate::names::SystemLookup;
use crate::rules;
use crate::table::Request;
use proptest::prelude::*;

/// Lines over few addresses, so that tables overlap.
fn line() -> impl Strategy<Value = String> {
    let service = "-[tu] 10\\.0\\.0\\.[1-3]:80|-f [1-2]";
    let server = "10\\.1\\.0\\.[1-3]:80";
    prop_oneof![
        3 => (service, "(rr|wrr|sh)( -p [1-3]( -M 255\\.0\\.0\\.0)?)?( -b flag-1)?")
            .prop_map(|(service, rest)| format!("-A {service} -s {rest}")),
        5 => (service, server, "-[gim] -w [1-3]( -x 9 -y [1-3])?")
            .prop_map(|(service, server, rest)| format!("-a {service} -r {server} {rest}")),
        1 => (service, "fd00::[1-2] -i")
            .prop_map(|(service, rest)| format!("-a {service} -r {rest}")),
        1 => "--set [0-2] [1-2] [1-2]".prop_map(|line| line),
        1 => "--start-daemon (master|backup) --syncid [1-2]( --mcast-ttl [1-2])?".prop_map(|line| line),
        1 => "--stop-daemon (master|backup)".prop_map(|line| line),
    ]
}

fn target(lines: &[String]) -> Target {
    let mut target = Target::default();
    for line in lines {
        if let Ok(Some(Request { change, .. })) =
            rules::parse_line(line, &mut SystemLookup::default())
        {
            // A refused line leaves the target as it was.
            let _ = target.apply(&change);
        }
    }
    target
}

fn apply(table: &mut Table, change: &Change) {
    assert_eq!(table.apply(change), Ok(()), "{change:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_plan_leads_there_and_back(
        before in prop::collection::vec(line(), 0..20),
        after in prop::collection::vec(line(), 0..20),
    ) {
        let (current, target) = (target(&before).table().clone(), target(&after));
        // A daemon that the file does not name stays, and excludes these servers.
        let stays = [SyncRole::Master, SyncRole::Backup].into_iter().any(|role| {
            current.daemon(role).is_some() && !target.roles().contains(&role)
        });
        prop_assume!(!(stays && target.table().has_mixed_families()));
        let plan = Plan::new(&current, &target);
        let mut table = current.clone();
        let moves: Vec<_> = plan.steps().flat_map(|planned| planned.moves()).collect();
        moves.iter().for_each(|to| apply(&mut table, &to.forward));
        prop_assert!(Plan::new(&table, &target).is_empty());
        prop_assert!(table.services().eq(target.table().services()));

        moves.iter().rev().for_each(|to| apply(&mut table, &to.back));
        prop_assert!(table.services().eq(current.services()));
        prop_assert!(target.roles().iter().all(|role| table.daemon(*role) == current.daemon(*role)));
    }

    #[test]
    fn nothing_goes_before_all_new_is_there(
        before in prop::collection::vec(line(), 0..20),
        after in prop::collection::vec(line(), 0..20),
    ) {
        let plan = Plan::new(target(&before).table(), &target(&after));
        let removes = |planned: &PlannedStep| matches!(planned.step, Step::Remove(_));
        let stops = |planned: &PlannedStep| matches!(planned.step, Step::Remove(Change::StartDaemon(_)));
        prop_assert!(plan.first.iter().all(stops));
        prop_assert!(!plan.build.iter().chain(&plan.last).any(removes));
        prop_assert!(plan.remove.iter().all(|planned| matches!(planned.step, Step::Remove(_))));
    }
}
