//! What is printed: the listing, the connections, the plan, each written
//! in one pass to any [`std::io::Write`].
//!
//! Columns are an interface, as scripts cut them: they are ipvsadm 1.31's to
//! the byte, trailing blanks included, except where `docs/compatibility.md` has
//! a row. A row is put together in one reused buffer and written with one call,
//! so give a writer that buffers. A failed write is returned as it is; what a
//! closed pipe means is the caller's business.
//!
//! The room uses all others but the commands, which use it. It asks neither the kernel nor
//! the machine.

mod check;
mod colours;
mod columns;
mod connections;
mod counts;
mod doctor;
mod drain;
mod json;
mod live;
mod metrics;
mod numbers;
mod plan;
mod screen;
mod state;
mod table;

pub use check::{Bounds, CheckReport, CheckState, Measured, Problem};
pub use connections::ConnectionWriter;
pub use counts::ConnectionCounts;
pub use doctor::write_report;
pub use drain::{Counts as DrainCounts, DrainEvent, DrainRow};
pub use json::{
    JsonList, json_connection, json_daemon, json_row, write_json_drain, write_json_plan,
    write_json_report, write_json_timeouts,
};
pub use live::{LIVE_HEADING, Live, Rates, write_live};
pub use metrics::{Globals, Metrics};
pub use plan::write_plan;
pub use screen::{ENTER, LEAVE, Picture, Screen, Size};
pub use state::{write_daemon, write_timeouts};
pub use table::TableWriter;
