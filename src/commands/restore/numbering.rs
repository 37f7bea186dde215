//! Which line asked for which change.

/// The lines of changes that were sent, by the order of sending. Most files have
/// a rule on every line, so what is kept is where that is otherwise.
#[derive(Debug, Default)]
pub struct Numbering {
    /// The first change of each run of changes whose lines follow one another, and
    /// its line.
    runs: Vec<(usize, u32)>,
    count: usize,
}

impl Numbering {
    /// Notes the line of the next change; lines ascend.
    pub fn push(&mut self, line: u32) {
        if self.line(self.count) != line {
            self.runs.push((self.count, line));
        }
        self.count += 1;
    }

    /// The line of a change, from its index; after the last change the next line,
    /// and 0 before there is any.
    pub fn line(&self, index: usize) -> u32 {
        let later = self.runs.partition_point(|(first, _)| *first <= index);
        let run = later.checked_sub(1).and_then(|it| self.runs.get(it));
        run.map_or(0, |(first, line)| line + (index - first) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn every_change_has_its_line(gaps in prop::collection::vec(prop_oneof![4 => Just(1), 1 => 0..4_u32], 1..40)) {
            let mut line = 0;
            let lines: Vec<u32> = gaps.iter().map(|gap| { line += gap; line }).collect();
            let mut numbering = Numbering::default();
            lines.iter().for_each(|line| numbering.push(*line));
            let found: Vec<u32> = (0..lines.len()).map(|index| numbering.line(index)).collect();
            prop_assert_eq!(found, lines);
        }
    }

    #[test]
    fn lines_that_follow_one_another_take_no_room() {
        let mut numbering = Numbering::default();
        (3..1000).for_each(|line| numbering.push(line));
        assert_eq!(numbering.runs, [(0, 3)]);
        assert_eq!(Numbering::default().line(0), 0);
    }
}
