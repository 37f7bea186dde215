//! What a listing has on a terminal alone: colours, and columns that fit.

use super::TableWriter;
use crate::cli::TableFormat;
use crate::model::{DestinationStatus, ServiceKey};
use crate::output::colours::{BOLD_RED, YELLOW};
use std::io::Write;

impl<W: Write> TableWriter<'_, W> {
    /// Marks servers that take no new connections by colours.
    #[must_use]
    pub fn with_colours(mut self, colours: bool) -> Self {
        self.colours = colours;
        self
    }

    /// Makes the first column wide enough for a service and its destinations. All
    /// that is listed has to fit before the heading is written.
    pub fn fit(&mut self, key: &ServiceKey, destinations: &[DestinationStatus]) {
        if matches!(self.format, TableFormat::Stats | TableFormat::Rate) {
            self.begin_service(key);
            self.label = self.label.max(self.line.len());
        }
        for status in destinations {
            self.begin_destination(key, status.destination.endpoint);
            self.label = self.line.len();
        }
    }

    /// The colour of a server that takes no new connections: as its weight is 0, or
    /// else as it has as many as its upper threshold allows.
    pub(super) fn colour(&self, status: &DestinationStatus) -> Option<&'static str> {
        if !self.colours {
            return None;
        }
        if status.destination.weight == 0 {
            Some(YELLOW)
        } else if status.is_full() {
            Some(BOLD_RED)
        } else {
            None
        }
    }
}
