//! The destinations of one service, in memory.

use crate::model::{Destination, Endpoint};
use std::cmp::Ordering;

/// A destination with where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableDestination {
    /// The destination.
    pub destination: Destination,
    /// The line of the rules file that added or edited it last; 0 where none did.
    pub line: u32,
}

impl TableDestination {
    fn endpoint(&self) -> Endpoint {
        self.destination.endpoint
    }
}

/// What two services have at an endpoint; at least one has a destination there.
pub type Pair<'a> = (Option<&'a TableDestination>, Option<&'a TableDestination>);

/// The destinations of a service, in ascending order.
///
/// A sorted vector takes half the memory of a tree. Appending in order is cheap; an
/// insert out of order moves the destinations behind it, which still is cheaper
/// than the kernel's look through all of them on every add.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Destinations(Vec<TableDestination>);

impl Destinations {
    /// All destinations, in ascending order.
    pub fn iter(&self) -> std::slice::Iter<'_, TableDestination> {
        self.0.iter()
    }

    /// The destination at an endpoint.
    pub fn get(&self, endpoint: &Endpoint) -> Option<&TableDestination> {
        self.0.get(self.find(endpoint).ok()?)
    }

    /// Whether a destination is at the endpoint.
    pub fn contains(&self, endpoint: &Endpoint) -> bool {
        self.find(endpoint).is_ok()
    }

    /// For each endpoint that this service or the other has, in ascending order, this
    /// one's destination and the other's.
    pub fn pairs<'a>(&'a self, there: &'a Destinations) -> impl Iterator<Item = Pair<'a>> {
        let (mut here, mut there) = (self.iter().peekable(), there.iter().peekable());
        std::iter::from_fn(move || {
            let order = match (here.peek(), there.peek()) {
                (None, None) => return None,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(one), Some(other)) => one.endpoint().cmp(&other.endpoint()),
            };
            Some((
                here.next_if(|_| order.is_le()),
                there.next_if(|_| order.is_ge()),
            ))
        })
    }

    /// Adds a destination; returns the one that it replaces, if any.
    pub(super) fn insert(&mut self, new: TableDestination) -> Option<TableDestination> {
        match self.find(&new.endpoint()) {
            Ok(index) => Some(std::mem::replace(self.0.get_mut(index)?, new)),
            Err(index) => {
                if self.0.len() == self.0.capacity() {
                    // Many services have one or two destinations: the usual growth begins with four.
                    self.0.reserve_exact(1 + self.0.len() / 2);
                }
                self.0.insert(index, new);
                None
            }
        }
    }

    /// Takes away the destination at an endpoint, if any.
    pub(super) fn remove(&mut self, endpoint: &Endpoint) -> Option<TableDestination> {
        let index = self.find(endpoint).ok()?;
        Some(self.0.remove(index))
    }

    /// The index of the endpoint, or the one where it would be inserted.
    fn find(&self, endpoint: &Endpoint) -> Result<usize, usize> {
        match self.0.last() {
            Some(last) if last.endpoint() < *endpoint => Err(self.0.len()),
            _ => self
                .0
                .binary_search_by_key(endpoint, TableDestination::endpoint),
        }
    }
}

impl FromIterator<Destination> for Destinations {
    /// Destinations in any order, which no file named; the first of two at one
    /// endpoint.
    fn from_iter<I: IntoIterator<Item = Destination>>(destinations: I) -> Self {
        let place = |destination| TableDestination {
            destination,
            line: 0,
        };
        let mut all: Vec<_> = destinations.into_iter().map(place).collect();
        all.sort_by_key(TableDestination::endpoint);
        all.dedup_by_key(|place| place.endpoint());
        Destinations(all)
    }
}

impl<'a> IntoIterator for &'a Destinations {
    type Item = &'a TableDestination;
    type IntoIter = std::slice::Iter<'a, TableDestination>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn place(number: u8, line: u32) -> TableDestination {
        let address = [10, 0, 0, number % 16].into();
        let endpoint = Endpoint { address, port: 80 };
        let destination = Destination::new(endpoint);
        TableDestination { destination, line }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn they_are_as_a_map(steps in prop::collection::vec((any::<u8>(), 0..3), 0..60)) {
            let mut destinations = Destinations::default();
            let mut map = BTreeMap::new();
            for (line, (number, step)) in (1..).zip(steps) {
                let new = place(number, line);
                let endpoint = new.endpoint();
                match step {
                    0 => prop_assert_eq!(destinations.remove(&endpoint), map.remove(&endpoint)),
                    _ => prop_assert_eq!(destinations.insert(new), map.insert(endpoint, new)),
                }
                prop_assert_eq!(destinations.get(&endpoint), map.get(&endpoint));
                prop_assert!(destinations.iter().eq(map.values()));
            }
        }

        #[test]
        fn side_by_side_each_meets_its_own(
            here in prop::collection::vec(any::<u8>(), 0..20),
            there in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            let [here, there] = [here, there].map(|numbers| {
                numbers.into_iter().map(|number| place(number, 0).destination).collect::<Destinations>()
            });
            let pairs: Vec<_> = here.pairs(&there).collect();
            let endpoints: BTreeSet<_> = here.iter().chain(&there).map(TableDestination::endpoint).collect();
            let found = endpoints.iter().map(|endpoint| (here.get(endpoint), there.get(endpoint)));
            prop_assert!(found.eq(pairs));
        }

        #[test]
        fn they_are_collected_in_order(numbers in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut one_by_one = Destinations::default();
            numbers.iter().for_each(|number| { one_by_one.insert(place(*number, 0)); });
            let collected = numbers.iter().map(|number| place(*number, 0).destination).collect();
            prop_assert_eq!(one_by_one, collected);
        }
    }
}
