//! Findings about what a kernel has once. tests/run boots a kernel without IPVS that these proofs share with lab_module.rs alone:
//! LAB_NO_IPVS=1.

mod support;

use support::proof::proves;

/// One test, as one proof must not see what the other does.
#[test]
#[ignore = "needs a kernel of its own: tests/run"]
fn what_the_kernel_has_once() {
    proves("tracking");
    proves("connection-table");
}
