//! Ours does what theirs does: the same command lines on both, with the differences of docs/compatibility.md spelled out.

mod support;

use support::cases::check;

macro_rules! tables {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            let file = concat!(stringify!($name), ".txt");
            check(file, include_str!(concat!("cases/", stringify!($name), ".txt")));
        })*
    };
}

tables! { grammar services servers listing daemons restore }
