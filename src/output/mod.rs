//! What is printed: the listing, the connections, the plan, each written
//! in one pass to any [`std::io::Write`].
//!
//! Columns are an interface, as scripts cut them: they are ipvsadm 1.31's to
//! the byte, trailing blanks included, except where `docs/compatibility.md` has
//! a row. A row is put together in one reused buffer and written with one call,
//! so give a writer that buffers. The error of a failed write is returned unchanged; what a
//! closed pipe means is the caller's business.
//!
//! The room uses all others but the commands, which use it. It asks neither the kernel nor
//! the machine.

mod check_report;
mod colours;
mod columns;
mod connection_list;
mod counts;
mod doctor_report;
mod drain_lines;
mod json;
mod live_rates;
mod metrics_text;
mod numbers;
mod plan_text;
mod screen;
mod state;
mod table_text;

pub use check_report::{Bounds, CheckReport, CheckState, Measured, Problem};
pub use connection_list::ConnectionWriter;
pub use counts::ConnectionCounts;
pub use doctor_report::write_report;
pub use drain_lines::{Counts as DrainCounts, DrainEvent, DrainRow};
pub use json::{
    JsonList, json_connection, json_daemon, json_row, write_json_drain, write_json_plan,
    write_json_report, write_json_timeouts,
};
pub use live_rates::{LIVE_HEADING, Live, Rates, write_live};
pub use metrics_text::{Globals, Metrics};
pub use plan_text::write_plan;
pub use screen::{ENTER, LEAVE, Picture, Screen, Size};
pub use state::{write_daemon, write_timeouts};
pub use table_text::TableWriter;
